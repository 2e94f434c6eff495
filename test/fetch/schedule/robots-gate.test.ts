import test from 'ava';
import type { ExecutionContext } from 'ava';

import type { FetchUrlsOptions } from '../../../src/job/fetch-urls.ts';
import { everythingTo, fetchAll, fetchOne } from '../../helpers/fetch.ts';
import { closedPort, httpServer } from '../../helpers/server.ts';
import type { SeenRequest, TestServer } from '../../helpers/server.ts';

const denyAll = 'User-agent: *\nDisallow: /';

interface File {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A server with this robots.txt, where every other path is a page. `asked` gives the requested paths. */
async function site(
  t: ExecutionContext,
  file: string | File,
): Promise<TestServer & { asked: () => string[] }> {
  const { status = 200, headers = {}, body = '' } = typeof file === 'string' ? { body: file } : file;
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/robots.txt') response.writeHead(status, headers).end(body);
    else response.end('page');
  });
  return { ...server, asked: () => server.requests.map(({ url }) => url) };
}

test('what robots.txt allows is fetched, what it denies is not even asked for', async (t) => {
  const server = await site(t, 'User-agent: *\nDisallow: /private');
  const urls = ['/a', '/private/b', '/c?private'].map((path) => server.url + path);
  const [a, b, c] = await fetchAll(urls, { robots: true, ordered: true });
  t.deepEqual([a?.status, a?.error, c?.status, c?.error], [200, null, 200, null]);
  t.like(b, { status: null, error: 'robots-denied', attempts: 0, ms: null, bytes: null, redirects: [] });
  t.is(b?.url, `${server.url}/private/b`);
  t.is(b?.detail, `${server.url}/robots.txt does not allow it`);
  t.deepEqual(server.asked().toSorted(), ['/a', '/c?private', '/robots.txt']);
  t.is(server.asked()[0], '/robots.txt');
});

test('without --robots nobody asks for it', async (t) => {
  const server = await site(t, denyAll);
  t.is((await fetchOne(server.url)).status, 200);
  t.deepEqual(server.asked(), ['/']);
});

const outcome = test.macro({
  exec: async (t, file: File, error: 'robots-denied' | null, options: FetchUrlsOptions = {}) => {
    const server = await site(t, file);
    const result = await fetchOne(`${server.url}/page`, { robots: true, ...options });
    t.is(result.error, error);
    t.is(result.status, error === null ? 200 : null);
    t.deepEqual(server.asked(), error === null ? ['/robots.txt', '/page'] : ['/robots.txt']);
  },
  title: (name) => `robots.txt: ${name}`,
});

test('none (404) allows all', outcome, { status: 404, body: denyAll }, null);
test('forbidden (403) allows all', outcome, { status: 403, body: denyAll }, null);
test('a broken server (500) denies all', outcome, { status: 500 }, 'robots-denied');
test(
  'too many requests (429) denies all',
  outcome,
  { status: 429, headers: { 'retry-after': '0' } },
  'robots-denied',
);
test(
  'an undecodable body denies all',
  outcome,
  { headers: { 'content-encoding': 'compress' }, body: 'x' },
  'robots-denied',
);
const long = `${denyAll}\n${'#'.repeat(5000)}`;
test('--max-body is not for it: a denial is read', outcome, { body: long }, 'robots-denied', {
  maxBody: 100,
});
const longAllowing = `User-agent: *\nDisallow: /x\n${'#'.repeat(5000)}`;
test('--max-body is not for it: a permission is read', outcome, { body: longAllowing }, null, {
  maxBody: 100,
});

test('a robots.txt that fails is tried again like a row', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    const first = server.requests.length === 1;
    response.writeHead(first ? 500 : 200).end(url === '/robots.txt' ? 'User-agent: *\nAllow: /' : '');
  });
  const result = await fetchOne(`${server.url}/page`, { robots: true, retries: 1, maxWait: 1 });
  t.like(result, { status: 200, error: null, attempts: 1 });
  t.deepEqual(
    server.requests.map(({ url }) => url),
    ['/robots.txt', '/robots.txt', '/page'],
  );
});

test('where the host cannot be reached, the row says how', async (t) => {
  const url = `http://127.0.0.1:${await closedPort()}`;
  const result = await fetchOne(`${url}/page`, { robots: true });
  t.like(result, { error: 'connect-refused', status: null, attempts: 0 });
  t.true(result.detail.startsWith(`${url}/robots.txt: `));
});

test('rows of a host that is down each have a failure', async (t) => {
  const port = await closedPort();
  const urls = Array.from({ length: 20 }, (_, i) => `http://127.0.0.1:${port}/${i}`);
  const results = await fetchAll(urls, { robots: true, concurrency: 1, maxWait: 1, lookAhead: 1 });
  t.is(results.length, 20);
  for (const { error, detail } of results) {
    t.true(error === 'connect-refused' || error === 'host-down', String(error));
    t.not(detail, '');
  }
});

test('a host that is down at some ports is asked for the robots.txt of others', async (t) => {
  const ports = await Promise.all(Array.from({ length: 8 }, closedPort));
  const open = await site(t, 'User-agent: *\nAllow: /');
  const results = await fetchAll([...ports.map((port) => `http://127.0.0.1:${port}/`), `${open.url}/`], {
    robots: true,
    perHost: 1,
    maxWait: 1,
  });
  const errors = results.map(({ error }) => error);
  t.is(errors.filter((error) => error === 'connect-refused').length, 8);
  t.is(errors.filter((error) => error === null).length, 1);
});

test('one request for it, however many rows there are', async (t) => {
  const server = await site(t, 'User-agent: *\nAllow: /');
  const urls = Array.from({ length: 100 }, (_, i) => `${server.url}/${i}`);
  const results = await fetchAll(urls, { robots: true });
  t.true(results.every(({ status }) => status === 200));
  t.is(server.asked().filter((url) => url === '/robots.txt').length, 1);
});

test('it is asked for with who asks, and with nothing else that the user has said', async (t) => {
  const server = await site(t, 'User-agent: *\nDisallow: /no');
  const header = [
    'Authorization: secret',
    'Cookie: a=b',
    'X-Api-Key: k',
    'Range: bytes=0-5',
    'Accept: image/png',
  ];
  await fetchOne(`http://me:secret@127.0.0.1:${server.port}/`, {
    robots: true,
    header: [...header, 'Content-Type: text/x', 'Content-Language: de'],
    data: 'body',
    userAgent: 'me/1',
  });
  const [file, page] = server.requests as [SeenRequest, SeenRequest];
  t.deepEqual([file.method, file.url, file.body], ['GET', '/robots.txt', '']);
  t.deepEqual([page.method, page.body], ['POST', 'body']);
  const { host, connection, 'user-agent': agent, 'accept-encoding': coding, accept, ...more } = file.headers;
  t.deepEqual({ agent, accept, host }, { agent: 'me/1', accept: '*/*', host: `127.0.0.1:${server.port}` });
  t.truthy(coding);
  t.truthy(connection);
  t.deepEqual(more, {});
});

const forMe = 'User-agent: me\nDisallow: /\n\nUser-agent: *\nAllow: /';

test('--user-agent is the name that is looked for', async (t) => {
  const { url } = await site(t, forMe);
  t.is((await fetchOne(url, { robots: true })).error, null);
  t.is((await fetchOne(url, { robots: true, userAgent: 'me/2 (+http://a.test)' })).error, 'robots-denied');
});

test('so is a User-Agent that is given as a header', async (t) => {
  const { url } = await site(t, forMe);
  t.is((await fetchOne(url, { robots: true, header: ['user-agent: Me/2'] })).error, 'robots-denied');
  t.is((await fetchOne(url, { robots: true, header: ['User-Agent:'] })).error, null);
});

test('a redirect of robots.txt is followed, also where rows follow none', async (t) => {
  const server = await httpServer(t, ({ url, headers: { host } }, response) => {
    if (host === 'a.test' && url === '/robots.txt')
      response.writeHead(302, { location: 'http://b.test/r' }).end();
    else response.end(url === '/r' ? 'User-agent: *\nDisallow: /no' : 'page');
  });
  for (const maxRedirects of [0, 10]) {
    const urls = ['http://a.test/no', 'http://a.test/yes'];
    const options = { connectTo: [everythingTo(server)], robots: true, ordered: true, maxRedirects };
    const [no, yes] = await fetchAll(urls, options);
    t.deepEqual([no?.error, yes?.error, yes?.status], ['robots-denied', null, 200]);
  }
});

test('a robots.txt that redirects for ever denies all', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.writeHead(302, { location: `/${server.requests.length}` }).end();
  });
  const { error } = await fetchOne(`${server.url}/page`, { robots: true, maxRedirects: 0 });
  t.is(error, 'robots-denied');
  t.is(server.requests.length, 6);
});
