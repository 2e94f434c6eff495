import type { Socket } from 'node:net';

import test from 'ava';

import { UsageError } from '../../src/shared/errors.ts';
import { fetchUrls } from '../../src/job/fetch-urls.ts';
import { fetchOne } from '../helpers/fetch.ts';
import { httpServer, rawServer } from '../helpers/server.ts';

test('a page is asked for by HEAD alone', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('a page'));
  const { status, bytes, attempts } = await fetchOne(server.url, { head: true });
  t.deepEqual([status, bytes, attempts], [200, 0, 1]);
  t.deepEqual(
    server.requests.map(({ method }) => method),
    ['HEAD'],
  );
});

const asksByGet = test.macro<[refusal: number]>({
  exec: async (t, refusal) => {
    const server = await httpServer(t, ({ method }, response) => {
      if (method === 'HEAD') response.statusCode = refusal;
      response.end('a page');
    });
    const { status, bytes, attempts } = await fetchOne(server.url, { head: true });
    t.deepEqual([status, bytes, attempts], [200, 6, 1]);
    t.deepEqual(
      server.requests.map(({ method }) => method),
      ['HEAD', 'GET'],
    );
  },
  title: (_, refusal) => `a server that answers ${refusal} to HEAD is asked by GET, in the same attempt`,
});
test(asksByGet, 403);
test(asksByGet, 404);
test(asksByGet, 405);
test(asksByGet, 501);

test('a page that is not there by GET either is not asked for again', async (t) => {
  const server = await httpServer(t, (_, response) => response.writeHead(404).end());
  const { status, attempts } = await fetchOne(server.url, { head: true, retries: 2 });
  t.deepEqual([status, attempts], [404, 1]);
  t.is(server.requests.length, 2);
});

test('another status is the answer', async (t) => {
  const server = await httpServer(t, (_, response) => response.writeHead(410).end());
  const { status } = await fetchOne(server.url, { head: true });
  t.is(status, 410);
  t.is(server.requests.length, 1);
});

const noAnswer = test.macro({
  exec: async (t, fails: (socket: Socket) => void) => {
    const methods: string[] = [];
    const server = await rawServer(t, (socket, request) => {
      methods.push(request.slice(0, request.indexOf(' ')));
      if (request.startsWith('HEAD')) fails(socket);
      else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
    });
    const { status, error, bytes } = await fetchOne(server.url, { head: true });
    t.deepEqual([status, error, bytes], [200, null, 2]);
    t.deepEqual(methods, ['HEAD', 'GET']);
  },
  title: (what) => `a server that gives HEAD no answer is asked by GET: ${what}`,
});
test('it closes the connection', noAnswer, (socket) => socket.end());
test('it resets the connection', noAnswer, (socket) => socket.resetAndDestroy());
test('it answers with something else', noAnswer, (socket) => socket.end('nonsense\r\n\r\n'));

test('a server that leaves HEAD without an answer is asked by GET', async (t) => {
  const server = await rawServer(t, (socket, request) => {
    if (!request.startsWith('HEAD'))
      socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
  });
  const { status, attempts } = await fetchOne(server.url, { head: true, timeout: '5s', retries: 5 });
  t.is(status, 200);
  t.is(attempts, 1);
});

test('a redirect is followed by HEAD, and GET begins at the row again', async (t) => {
  const server = await httpServer(t, ({ method, url }, response) => {
    if (url === '/from') response.writeHead(302, { location: '/to' });
    else if (method === 'HEAD') response.statusCode = 405;
    response.end();
  });
  const { status, url, redirects } = await fetchOne(`${server.url}/from`, { head: true });
  t.deepEqual(
    [status, url, redirects.map((hop) => hop.url)],
    [200, `${server.url}/to`, [`${server.url}/from`]],
  );
  t.deepEqual(
    server.requests.map(({ method, url: path }) => `${method} ${path}`),
    ['HEAD /from', 'HEAD /to', 'GET /from', 'GET /to'],
  );
});

test('another attempt after a refusal is made by GET', async (t) => {
  const server = await httpServer(t, ({ method }, response) => {
    response.statusCode = method === 'HEAD' ? 405 : server.requests.length < 3 ? 503 : 200;
    response.end();
  });
  const { status, attempts } = await fetchOne(server.url, { head: true, retries: 1, maxWait: '1ms' });
  t.deepEqual([status, attempts], [200, 2]);
  t.deepEqual(
    server.requests.map(({ method }) => method),
    ['HEAD', 'GET', 'GET'],
  );
});

for (const [name, value] of Object.entries({ method: 'GET', data: 'x', dataFile: 'x' })) {
  test(`head and ${name} contradict each other`, (t) => {
    t.throws(() => fetchUrls({ head: true, [name]: value }), { instanceOf: UsageError, message: /--head/ });
  });
}
