import test from 'ava';
import type { ExecutionContext } from 'ava';

import type { FetchUrlsOptions } from '../../../src/job/fetch-urls.ts';
import type { Result } from '../../../src/shared/records.ts';
import { everythingTo, fetchOne, urlsOf } from '../../helpers/fetch.ts';
import { closedPort, httpServer, rawServer } from '../../helpers/server.ts';

/** Fetches a.test/ from a server that redirects each of these paths to its value. */
async function chain(
  t: ExecutionContext,
  site: Readonly<Record<string, string>>,
  options: FetchUrlsOptions = {},
): Promise<{ result: Result; asked: string[] }> {
  const server = await httpServer(t, ({ url, headers: { host } }, response) => {
    const location = site[url] ?? site[`${host}${url}`];
    if (location === undefined) response.end('end');
    else response.writeHead(302, { location }).end();
  });
  const result = await fetchOne('http://a.test/', { connectTo: [everythingTo(server)], ...options });
  return { result, asked: server.requests.map(({ url }) => url) };
}

test('a loop of two is found when it closes', async (t) => {
  const { result, asked } = await chain(t, { '/': '/b', '/b': '/' });
  t.like(result, { error: 'redirect-loop', status: 302, url: 'http://a.test/b' });
  t.deepEqual(urlsOf(result.redirects), ['http://a.test/']);
  t.is(result.detail, 'back to http://a.test/');
  t.deepEqual(asked, ['/', '/b']);
});

test('a loop over another host is found as well', async (t) => {
  const site = { 'a.test/': 'http://b.test/x', 'b.test/x': 'http://a.test/' };
  const { result, asked } = await chain(t, site);
  t.like(result, { error: 'redirect-loop', url: 'http://b.test/x' });
  t.is(asked.length, 2);
});

test('a loop with a fragment ends, though the fragment makes another URL of it once', async (t) => {
  const { result, asked } = await chain(t, { '/': '/#x' });
  t.like(result, { error: 'redirect-loop', url: 'http://a.test/#x' });
  t.deepEqual(asked, ['/', '/']);
});

test('a loop that the limit ends is redirect-limit', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.writeHead(302, { location: `/#${server.requests.length}` }).end();
  });
  const { error } = await fetchOne(server.url, { maxRedirects: 5 });
  t.is(error, 'redirect-limit');
  t.is(server.requests.length, 6);
});

test('with an empty Location the redirect is the answer', async (t) => {
  const { result, asked } = await chain(t, { '/': '' });
  t.deepEqual([result.error, result.status], [null, 302]);
  t.deepEqual(asked, ['/']);
});

test('methods and bodies along a real chain', async (t) => {
  const seen: string[] = [];
  const server = await httpServer(t, ({ url, method, body }, response) => {
    const [, status = '', at = ''] = /^\/(\d+)(\/to)?$/.exec(url) ?? [];
    if (at === '/to') seen.push(`${status} ${method} ${body}`.trim());
    response.writeHead(at === '' ? Number(status) : 200, { location: `/${status}/to` }).end();
  });
  const ask = async (method: string, data?: string): Promise<string[]> => {
    seen.length = 0;
    for (const status of [301, 302, 303, 307, 308]) {
      const options = data === undefined ? { method } : { method, data };
      const result = await fetchOne(`${server.url}/${status}`, options);
      t.like(result, { status: 200, error: null });
    }
    return [...seen];
  };
  t.deepEqual(await ask('GET'), ['301 GET', '302 GET', '303 GET', '307 GET', '308 GET']);
  t.deepEqual(await ask('HEAD'), ['301 HEAD', '302 HEAD', '303 HEAD', '307 HEAD', '308 HEAD']);
  t.deepEqual(await ask('POST'), ['301 GET', '302 GET', '303 GET', '307 POST', '308 POST']);
  t.deepEqual(await ask('POST', 'x'), ['301 GET', '302 GET', '303 GET', '307 POST x', '308 POST x']);
  t.deepEqual(await ask('PUT', 'x'), ['301 PUT x', '302 PUT x', '303 GET', '307 PUT x', '308 PUT x']);
  t.deepEqual(await ask('DELETE'), ['301 DELETE', '302 DELETE', '303 GET', '307 DELETE', '308 DELETE']);
});

test('another attempt begins with the method and the body of the row', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/') response.writeHead(303, { location: '/to' }).end();
    else response.writeHead(server.requests.length < 3 ? 503 : 200).end();
  });
  const result = await fetchOne(server.url, { method: 'PUT', data: 'x', retries: 1, maxWait: 1 });
  t.like(result, { status: 200, attempts: 2 });
  t.deepEqual(
    server.requests.map(({ method, body }) => `${method} ${body}`),
    ['PUT x', 'GET ', 'PUT x', 'GET '],
  );
  t.is(result.redirects.length, 1);
});

test('a POST that a redirect has made a GET is not sent a second time', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/') response.writeHead(303, { location: '/to' }).end();
    else response.writeHead(503).end();
  });
  const result = await fetchOne(server.url, { method: 'POST', data: 'x', retries: 3, maxWait: 1 });
  t.is(result.status, 503);
  t.is(server.requests.filter(({ method }) => method === 'POST').length, 1);
});

test('nor is one that was redirected to where nothing answers', async (t) => {
  const port = await closedPort();
  const server = await httpServer(t, (_, response) => {
    response.writeHead(307, { location: `http://127.0.0.1:${port}/` }).end();
  });
  const options = { retries: 3, maxWait: 1 };
  const result = await fetchOne(server.url, { ...options, data: 'x' });
  t.like(result, { error: 'connect-refused', attempts: 1 });
  t.is(server.requests.length, 1);
  t.is((await fetchOne(server.url, { ...options, data: 'x', method: 'PUT' })).attempts, 4);
});

test('a redirect to a host that does not answer is the failure of that host', async (t) => {
  const port = await closedPort();
  const server = await httpServer(t, (_, response) => {
    response.writeHead(302, { location: `http://127.0.0.1:${port}/x` }).end('moved');
  });
  const result = await fetchOne(`${server.url}/from`);
  t.like(result, { error: 'connect-refused', status: null, type: '', wireBytes: null });
  t.is(result.url, `http://127.0.0.1:${port}/x`);
  t.deepEqual(urlsOf(result.redirects), [`${server.url}/from`]);
});

const slowBody = test.macro({
  exec: async (t, drop: string) => {
    const server = await rawServer(t, (socket, request) => {
      if (request.startsWith('GET /to ')) return void socket.end('HTTP/1.1 200 OK\r\n\r\nok');
      socket.write('HTTP/1.1 302 Found\r\nlocation: /to\r\ncontent-length: 10000\r\n\r\n');
      const drip = setInterval(() => socket.write(drop), 20);
      return void socket.once('close', () => clearInterval(drip));
    });
    // The complete body would take minutes.
    const { status, bytes } = await fetchOne(server.url, { timeout: '60s' });
    t.deepEqual({ status, bytes }, { status: 200, bytes: 2 });
    await server.closed();
  },
  title: (name) => `a redirect does not wait for its body: ${name}`,
});

test('one that does not come', slowBody, '');
test('one that drips', slowBody, 'x');

const toPrivate = test.macro({
  exec: async (t, options: FetchUrlsOptions, isDenied: boolean) => {
    const inner = await httpServer(t, (_, response) => response.end());
    const server = await httpServer(t, ({ headers: { host } }, response) => {
      const location = host === 'a.test' ? 'http://b.test/' : `${inner.url}/`;
      response.writeHead(302, { location }).end();
    });
    // A target named by connect-to counts as public.
    const connectTo = [`a.test::127.0.0.1:${server.port}`, `b.test::127.0.0.1:${server.port}`];
    const { error, status } = await fetchOne('http://a.test/', { connectTo, ...options });
    t.deepEqual(
      { error, status },
      isDenied ? { error: 'address-denied', status: null } : { error: null, status: 200 },
    );
    t.is(inner.connections(), isDenied ? 0 : 1);
  },
  title: (name) => `a redirect from a public address to one that is not: ${name}`,
});

test('denied', toPrivate, {}, true);
test('--deny-private', toPrivate, { denyPrivate: true }, true);
test('--allow-private', toPrivate, { allowPrivate: true }, false);
