import test from 'ava';

import type { Page } from '../../src/shared/records.ts';
import { fetchAll, fetchOne } from '../helpers/fetch.ts';
import { closedPort, httpServer } from '../helpers/server.ts';
import type { SeenRequest, TestServer } from '../helpers/server.ts';
import { echo, moduleOf, part, processor } from './asking-pages.ts';

test('a processor gets what it asks for, relative to its page', async (t) => {
  const { url, requests } = await echo(t);
  const found = await fetchOne(`${url}/dir/page`, {
    processors: [
      processor(async (page) => {
        const { status, json, headers } = await page.fetch('part?x=1');
        return { a: status, b: (json() as { url: string }).url + headers['x-is'] };
      }),
    ],
  });
  t.deepEqual({ ...found.values }, { a: 200, b: '/dir/part?x=1there' });
  t.is(requests.length, 2);
  const module = await moduleOf(t, part);
  const { values } = await fetchOne(`${url}/dir/page`, { module });
  t.deepEqual({ ...values }, { a: 200, b: '/dir/part?x=1there' });
});

test('429 is waited for, and the time for it is not that of processing', async (t) => {
  let refused = 0;
  const { url } = await echo(t, (request) => (request.url === '/part' && refused++ === 0 ? 429 : 200));
  const body = 'const { status } = await page.fetch("/part"); return { a: status };';
  const options = { module: await moduleOf(t, body), retries: 1, processTimeout: '500ms' };
  const { values, error } = await fetchOne(`${url}/`, options);
  t.deepEqual([values['a'], error, refused], [200, null, 2]);
  refused = 0;
  const here = processor(async (page) => ({ a: (await page.fetch('/part')).status }));
  const own = await fetchOne(`${url}/`, { processors: [here], retries: 1, processTimeout: '500ms' });
  t.deepEqual([own.values['a'], own.error], [200, null]);
});

test('a failure is an error with a code, and one that nobody catches fails the row', async (t) => {
  const { url } = await echo(t);
  const caught =
    'try { await page.fetch("http://127.0.0.1:1/") } catch ({ name, code }) { return { a: name, b: code }; }';
  const { values } = await fetchOne(url, { module: await moduleOf(t, caught) });
  t.deepEqual({ ...values }, { a: 'FetchError', b: 'connect-refused' });
  const uncaught = await fetchOne(url, {
    module: await moduleOf(t, 'await page.fetch("http://127.0.0.1:1/")'),
  });
  t.is(uncaught.error, 'process-failed');
  t.regex(uncaught.detail, /^page\.fetch\(http:\/\/127\.0\.0\.1:1\/\): connect-refused: .*m\.mjs:1:\d+\)$/);
});

for (const [what, code, said = /./] of [
  ['"ftp://a/"', 'unsupported-scheme'],
  ['"http://"', 'invalid-url'],
  ['"http://user:secret@127.0.0.1:1/"', 'connect-refused', /^page\.fetch\(http:\/\/127\.0\.0\.1:1\/\): /],
  ['"ftp:user:secret@a/"', 'unsupported-scheme', /^page\.fetch\(a\/\): /],
  ['"///user:se@cret@a:x/"', 'invalid-url', /^page\.fetch\(\/\/\/a:x\/\): /],
  ['"/", { method: "CONNECT" }', 'bad-row'],
  ['"/", { headers: { "a b": "c" } }', 'bad-row'],
  ['"/", { headers: [["a"]] }', 'bad-row'],
  ['"/", { body: 7 }', 'bad-row'],
  ['"/", { method: null }', 'bad-row', /method is to be a text/],
  ['"/", { body: null }', 'bad-row', /body is to be a text or a Uint8Array/],
  ['"/", null', 'bad-row', /an object with method, headers and body, not null$/],
  ['"/", "POST"', 'bad-row', /an object with method, headers and body, not a string$/],
  ['"/", ["POST"]', 'bad-row', /an object with method, headers and body, not a list$/],
  ['"/", { headers: null }', 'bad-row', /headers is to be an object, or a list .*, not null$/],
  ['"/", { headers: "a: b" }', 'bad-row', /headers is to be an object, or a list .*, not a string$/],
  ['"/", { headers: { *[Symbol.iterator]() { throw 1 } } }', 'bad-row', /headers cannot be read$/],
  ['', 'invalid-url', /^page\.fetch\(undefined\): .*a text or a URL object, not undefined$/],
  ['null', 'invalid-url', /not null$/],
  ['Object.create(null)', 'invalid-url', /not an object$/],
] as const) {
  test(`fetch(${what}) fails as ${code}`, async (t) => {
    const { url, requests } = await echo(t);
    // It must reject instead of throwing: `.catch()` would not catch that, and the row would fail.
    const body = `return page.fetch(${what}).then(() => ({}), ({ code, message }) => ({ a: code, b: message }));`;
    const { values } = await fetchOne(url, { module: await moduleOf(t, body) });
    t.is(values['a'], code, JSON.stringify(values['b']));
    t.regex(JSON.parse(JSON.stringify(values['b'])) as string, said);
    t.is(requests.length, 1);
  });
}

test('what no message can carry fails the call', async (t) => {
  const { url, requests } = await echo(t);
  const body =
    'try { await page.fetch("/", { body: () => {} }) } catch (error) { return { a: error.name }; }';
  const { values } = await fetchOne(url, { module: await moduleOf(t, body) });
  t.is(values['a'], 'DataCloneError');
  t.is(requests.length, 1);
});

test('method, headers and body are those of the call', async (t) => {
  const { url, requests } = await echo(t);
  const body = `
    await page.fetch("/post", { body: "data", headers: new Headers({ "x-call": "1" }) });
    await page.fetch("/put", { method: "put", body: new Uint8Array([97]), headers: [["content-type", "a/b"]] });
    await page.fetch("/get");
    return {};`;
  await fetchOne(
    { ...rowOf(url) },
    { module: await moduleOf(t, body), method: 'POST', data: 'own', header: ['X-Own: 1'] },
  );
  t.deepEqual(
    requests.map(({ method, url: path, body: sent, headers }) => [
      method,
      path,
      sent,
      headers['content-type'],
      headers['x-call'],
      headers['x-own'],
    ]),
    [
      ['POST', '/', 'own', 'application/x-www-form-urlencoded', undefined, '1'],
      ['POST', '/post', 'data', 'text/plain;charset=UTF-8', '1', '1'],
      ['PUT', '/put', 'a', 'a/b', undefined, '1'],
      ['GET', '/get', '', undefined, undefined, '1'],
    ],
  );
});

function rowOf(url: string): {
  number: number;
  cells: string[];
  table: { names: string[]; header: true };
  url: string;
  error: null;
  detail: string;
  json: null;
} {
  return {
    number: 1,
    cells: [url],
    table: { names: ['url'], header: true },
    url,
    error: null,
    detail: '',
    json: null,
  };
}

function secretsIn({ url, headers }: SeenRequest): unknown[] {
  return [url, headers['x-key'], headers.authorization?.slice(0, 5), headers['x-call']];
}

test("the row's secrets stay at its origin; those of the call go where it goes, and no further", async (t) => {
  const other = await httpServer(t, ({ url }, response) => {
    if (url === '/away') response.writeHead(302, { location: `${home.url}/back` });
    response.end();
  });
  const home: TestServer = await httpServer(t, (_, response) => response.end());
  const body = `
    await page.fetch("/same");
    await page.fetch("${other.url}/other", { headers: { authorization: "call" } });
    await page.fetch("${other.url}/away", { headers: { "x-call": "call" } });
    return {};`;
  await fetchOne(home.url.replace('://', '://me:pw@'), {
    module: await moduleOf(t, body),
    header: ['X-Key: secret'],
  });
  t.deepEqual(home.requests.map(secretsIn), [
    ['/', 'secret', 'Basic', undefined],
    ['/same', 'secret', 'Basic', undefined],
    ['/back', undefined, undefined, undefined],
  ]);
  t.deepEqual(other.requests.map(secretsIn), [
    ['/other', undefined, 'call', undefined],
    ['/away', undefined, undefined, 'call'],
  ]);
});

test('robots.txt and redirects count as for rows', async (t) => {
  const { url, requests } = await httpServer(t, (request, response) => {
    if (request.url === '/robots.txt') response.end('User-agent: *\nDisallow: /no');
    else if (request.url === '/moved') response.writeHead(302, { location: '/there' }).end();
    else response.end();
  });
  const body = `
    const { url } = await page.fetch("/moved");
    const no = await page.fetch("/no").catch(({ code }) => code);
    return { a: url, b: no };`;
  const { values } = await fetchOne(`${url}/`, { module: await moduleOf(t, body), robots: true });
  t.deepEqual({ ...values }, { a: `${url}/there`, b: 'robots-denied' });
  t.deepEqual(
    requests.map((request) => request.url),
    ['/robots.txt', '/', '/moved', '/there'],
  );
});

test('what nobody waits for ends with its page, and slots come back', async (t) => {
  const { url } = await echo(t);
  const connectTo = [`dead.test:80:127.0.0.1:${await closedPort()}`];
  const fire = processor((page) => {
    // oxlint-disable-next-line typescript/no-floating-promises -- that is what is tried
    page.fetch('http://dead.test/');
    // oxlint-disable-next-line typescript/no-floating-promises -- that is what is tried
    page.fetch('/later');
    return { a: 1 };
  });
  const urls = Array.from({ length: 10 }, (_, n) => `${url}/${n}`);
  const here = await fetchAll(urls, { processors: [fire], concurrency: 1, connectTo });
  t.deepEqual(
    here.map(({ values, error }) => [values['a'], error]),
    urls.map(() => [1, null]),
  );
  const module = await moduleOf(t, 'page.fetch("http://dead.test/"); page.fetch("/later"); return { a: 1 };');
  const there = await fetchAll(urls, { module, concurrency: 1, connectTo });
  t.deepEqual(
    there.map(({ values, error }) => [values['a'], error]),
    urls.map(() => [1, null]),
  );
});

test('a page that is done can ask for nothing', async (t) => {
  const { url, requests } = await echo(t);
  const pages: Page[] = [];
  await fetchOne(url, { processors: [processor((page) => (pages.push(page), {}))] });
  await t.throwsAsync(pages[0]?.fetch('/late') ?? Promise.resolve(), {
    message: 'page.fetch: the page is done',
  });
  t.is(requests.length, 1);
});

test('the next page is found in a page that has asked for more', async (t) => {
  const { url, requests } = await httpServer(t, (request, response) => {
    response.end(JSON.stringify({ next: request.url === '/' ? '/2' : null, at: request.url }));
  });
  const module = await moduleOf(t, 'return { a: (await page.fetch("/part")).json().at };');
  const result = await fetchOne(url, { module, next: 'json:next', perHost: 1 });
  t.deepEqual([result.page, result.values['a'], result.pagesBefore[0]?.values['a']], [2, '/part', '/part']);
  t.is(requests.length, 4);
});
