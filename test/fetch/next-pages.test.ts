import test from 'ava';

import type { FetchUrlsOptions } from '../../src/job/fetch-urls.ts';
import { fetchOne } from '../helpers/fetch.ts';
import { pageIn, pagesServer } from '../helpers/pages.ts';
import { httpServer } from '../helpers/server.ts';
import { allPages, answering, byJson, shown } from './rows-in-pages.ts';

for (const next of ['json:next', 'header:link', 'HEADER:Link', 'json:[next]']) {
  test(`${next}: the pages of a row are one result`, async (t) => {
    const { url, requests } = await pagesServer(t, 3);
    const result = await fetchOne(`${url}/a`, { ...byJson, next });
    t.deepEqual(shown(result), [
      [1, 200, '/a 1', ''],
      [2, 200, '/a 2', ''],
      [3, 200, '/a 3', ''],
    ]);
    t.deepEqual(
      requests.map((request) => request.url),
      ['/a', '/a?page=2', '/a?page=3'],
    );
    t.deepEqual(
      allPages(result).map((page) => page.url),
      [`${url}/a`, `${url}/a?page=2`, `${url}/a?page=3`],
    );
  });
}

function link(href: string): string {
  return `<a class=next href="${href}">`;
}

test('a link of HTML is relative to the base of its document, and to the final URL', async (t) => {
  const { url } = await httpServer(t, (request, response) => {
    if (request.url === '/a') response.writeHead(302, { location: '/list/one' });
    else response.writeHead(200, { 'content-type': 'text/html' });
    if (request.url === '/list/one') response.end(link('two'));
    else if (request.url === '/list/two') response.end(`<base href="/other/">${link('three')}`);
    else response.end('<title>last</title>');
  });
  const result = await fetchOne(`${url}/a`, { next: 'select:a.next@href' });
  t.deepEqual(
    allPages(result).map((page) => page.url),
    [`${url}/list/one`, `${url}/list/two`, `${url}/other/three`],
  );
});

test('what says that there is no next page', async (t) => {
  for (const next of ['null', 'false', '""', '" "', '[]', '"#"']) {
    const { url } = await answering(t, { '/': `{"next":${next}}` });
    // oxlint-disable-next-line no-await-in-loop -- each has a server of its own
    const result = await fetchOne(url, { next: 'json:next' });
    t.deepEqual([result.page, result.error, result.next], [1, null, ''], next);
  }
  const { url } = await answering(t, { '/': '{}', '/h': '<a href=x>', '/t': '<a class=next>' });
  const json = await fetchOne(url, { next: 'json:next' });
  const html = await fetchOne(`${url}/h`, { next: 'select:a.next@href' });
  const bare = await fetchOne(`${url}/t`, { next: 'select:a.next@href' });
  t.deepEqual(
    [json, html, bare].map(({ page, error }) => [page, error]),
    [
      [1, null],
      [1, null],
      [1, null],
    ],
  );
});

test('an error page leads to nothing', async (t) => {
  const { url, requests } = await pagesServer(t, 3, () => 404);
  const result = await fetchOne(`${url}/a`, byJson);
  t.deepEqual(shown(result), [[1, 404, '/a 1', '']]);
  t.is(requests.length, 1);
});

const unusable = test.macro(async (t, next: string, page: number, error: string, detail: RegExp) => {
  const { url, requests } = await answering(t, { '/': `{"next":${next},"items":["kept"]}` });
  const result = await fetchOne(url, byJson);
  t.deepEqual([result.page, result.error], [page, error]);
  t.regex(result.detail, detail);
  if (page === 2)
    t.deepEqual(
      result.pagesBefore.map(({ status, values }) => [status, values['item']]),
      [[200, 'kept']],
    );
  t.is(requests.length, 1);
});

test(
  'another scheme is a failed page',
  unusable,
  '"ftp://example.org/"',
  2,
  'unsupported-scheme',
  /^the next page: ftp is/,
);
test('so is a script', unusable, '"javascript:void(0)"', 2, 'unsupported-scheme', /javascript is/);
test('so is what is no URL', unusable, '"https://"', 2, 'invalid-url', /^the next page: not a URL/);
test(
  'a number fails the page',
  unusable,
  '2',
  1,
  'process-failed',
  /--next json:next: it gives no URL but 2/,
);
test('so does an object', unusable, '{"href":"/2"}', 1, 'process-failed', /no URL but \{"href":"\/2"\}/);

test('no more than maxPages are asked for, and the next one is named', async (t) => {
  const { url, requests } = await pagesServer(t, 100);
  const result = await fetchOne(`${url}/a`, { ...byJson, maxPages: 2 });
  t.deepEqual(shown(result), [
    [1, 200, '/a 1', ''],
    [2, 200, '/a 2', `${url}/a?page=3`],
  ]);
  t.is(requests.length, 2);
  const all = await fetchOne(`${url}/b`, byJson);
  t.is(all.page, 10);
});

test('a page that was there before ends the row', async (t) => {
  const { url, requests } = await answering(t, {
    '/': '{"next":"/2"}',
    '/2': '{"next":"/3#part"}',
    '/3': '{"next":"/2#again"}',
  });
  const result = await fetchOne(url, byJson);
  t.deepEqual([result.page, result.next, result.error], [3, `${url}/2#again`, null]);
  t.is(requests.length, 3);
  const own = await answering(t, { '/': '{"next":"/"}' });
  const one = await fetchOne(own.url, byJson);
  t.deepEqual([one.page, one.next], [1, `${own.url}/`]);
});

test('a page that redirects to one before is not written twice', async (t) => {
  const { url, requests } = await httpServer(t, (request, response) => {
    if (request.url === '/3') response.writeHead(302, { location: '/' });
    response.end(request.url === '/' ? '{"next":"/2"}' : '{"next":"/3"}');
  });
  const result = await fetchOne(url, byJson);
  t.deepEqual([result.page, result.next, result.pagesBefore.length], [2, `${url}/`, 1]);
  t.is(requests.length, 4);
});

test('pages before one that fails are kept, and it is the last', async (t) => {
  const { url } = await pagesServer(t, 5, (request) => (pageIn(request) === 3 ? 500 : 200));
  const result = await fetchOne(`${url}/a`, { ...byJson, retryStatus: 'none' });
  t.deepEqual(shown(result), [
    [1, 200, '/a 1', ''],
    [2, 200, '/a 2', ''],
    [3, 500, '/a 3', ''],
  ]);
  const { url: cut } = await httpServer(t, (request, response) => {
    if (pageIn(request) === 1) response.end('{"next":"?page=2"}');
    else response.destroy();
  });
  const broken = await fetchOne(cut, byJson);
  t.deepEqual([broken.page, broken.error, broken.pagesBefore.length], [2, 'http-closed', 1]);
});

test('each page has its own attempts, and 429 in the middle is waited for', async (t) => {
  const tried = new Set<number>();
  const { url, requests } = await pagesServer(t, 3, (request) => {
    const page = pageIn(request);
    if (page === 1 || tried.has(page)) return 200;
    tried.add(page);
    return 429;
  });
  const result = await fetchOne(`${url}/a`, { ...byJson, retries: 1 });
  t.deepEqual(
    allPages(result).map(({ status, attempts }) => [status, attempts]),
    [
      [200, 1],
      [200, 2],
      [200, 2],
    ],
  );
  t.is(requests.length, 5);
});

test('a next page is a GET without a body', async (t) => {
  const { url, requests } = await pagesServer(t, 3);
  const options: FetchUrlsOptions = { ...byJson, method: 'POST', data: 'q=1', header: ['X-Own: 1'] };
  await fetchOne(`${url}/a`, options);
  t.deepEqual(
    requests.map(({ method, body, headers }) => [method, body, headers['content-type'], headers['x-own']]),
    [
      ['POST', 'q=1', 'application/x-www-form-urlencoded', '1'],
      ['GET', '', undefined, '1'],
      ['GET', '', undefined, '1'],
    ],
  );
});

test('HEAD goes on as HEAD', async (t) => {
  const { url, requests } = await pagesServer(t, 2);
  const result = await fetchOne(`${url}/a`, { next: 'header:link', method: 'HEAD' });
  t.is(result.page, 2);
  t.deepEqual(
    requests.map(({ method }) => method),
    ['HEAD', 'HEAD'],
  );
});

test('pages are processed in threads too', async (t) => {
  const { url } = await pagesServer(t, 3);
  const result = await fetchOne(`${url}/a`, { ...byJson, regex: [String.raw`found="(/a \d)"`] });
  t.deepEqual(
    allPages(result).map(({ values }) => [values['item'], values['found']]),
    [1, 2, 3].map((page) => [`/a ${page}`, `/a ${page}`]),
  );
});

test('other ways are refused', async (t) => {
  for (const next of ['links.next', 'header:x-next', 'json:', 'xpath://a']) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await t.throwsAsync(async () => fetchOne('http://127.0.0.1:1/', { next }), {
      name: 'UsageError',
      message: /next: json:EXPR, header:link or select:CSS@href is needed/,
    });
  }
});
