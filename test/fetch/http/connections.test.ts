import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';

import test from 'ava';

import { fetchUrls } from '../../../src/job/fetch-urls.ts';
import { everythingTo, fetchAll } from '../../helpers/fetch.ts';
import { givenTime } from '../../helpers/given-time.ts';
import { httpServer, rawServer } from '../../helpers/server.ts';
import type { Result } from '../../../src/shared/records.ts';

const okay = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

test('one connection serves all requests to an origin, one after the other', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const urls = Array.from({ length: 100 }, (_, i) => `${server.url}/${i}`);
  await fetchAll(urls, { concurrency: 1 });
  t.is(server.connections(), 1);
});

test('no more connections are opened than requests are in flight', async (t) => {
  const server = await httpServer(t, (_, response) => setImmediate(() => response.end('ok')));
  const urls = Array.from({ length: 100 }, (_, i) => `${server.url}/${i}`);
  await fetchAll(urls, { concurrency: 50, perHost: 4 });
  t.is(server.connections(), 4);
});

test('hosts in turn find their connections again, though they are many more than requests in flight', async (t) => {
  const server = await httpServer(t, (_, response) => setImmediate(() => response.end('ok')));
  const urls = Array.from({ length: 400 }, (_, i) => `http://h${i % 20}.test/${i}`);
  await fetchAll(urls, { concurrency: 8, perHost: 2, connectTo: [everythingTo(server)] });
  // Ideally 40, as two requests may be in flight to each host. On a busy machine, some connections may be
  // idle for too long meanwhile.
  t.true(server.connections() <= 80, `${server.connections()} connections`);
});

test('an unread error page keeps its connection usable', async (t) => {
  const server = await httpServer(t, (_, response) => response.writeHead(404).end('x'.repeat(100_000)));
  await fetchAll(
    Array.from({ length: 5 }, () => server.url),
    { concurrency: 1 },
  );
  t.is(server.connections(), 1);
});

test('after Connection: close the next request takes a new connection', async (t) => {
  const server = await httpServer(t, (_, response) =>
    response.writeHead(200, { connection: 'close' }).end('ok'),
  );
  const results = await fetchAll(
    Array.from({ length: 5 }, () => server.url),
    { concurrency: 1 },
  );
  t.true(results.every(({ status, error }) => status === 200 && error === null));
  t.is(server.connections(), 5);
});

test('HTTP/1.0 replies take a connection each', async (t) => {
  const server = await rawServer(t, (socket) => socket.end('HTTP/1.0 200 OK\r\n\r\nok'));
  const results = await fetchAll(
    Array.from({ length: 5 }, () => server.url),
    { concurrency: 1 },
  );
  t.true(results.every(({ status, error }) => status === 200 && error === null));
  t.is(server.connections(), 5);
});

test('a connection is not used again after a body that was cut at the limit', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    response.end('x'.repeat(url === '/large' ? 1_000_000 : 10));
  });
  const urls = ['/large', '/small', '/large', '/small'].map((path) => server.url + path);
  const results = await fetchAll(urls, { concurrency: 1, maxBody: 1000 });
  t.deepEqual(
    results.map(({ error, bytes }) => error ?? bytes),
    ['body-too-large', 10, 'body-too-large', 10],
  );
});

/** The server answers the first request of each connection; later ones find the connection closed. */
const staleConnection = test.macro({
  exec: async (t, end: 'end' | 'resetAndDestroy', method: string, expected: readonly (number | null)[]) => {
    const server = await rawServer(t, (socket) => {
      // The second request of a connection comes to a server that has already closed it.
      if (socket.bytesWritten > 0) socket[end]();
      else socket.write(okay);
    });
    const urls = Array.from({ length: 4 }, (_, i) => `${server.url}/${i}`);
    const results = await fetchAll(urls, { concurrency: 1, method });
    t.deepEqual(
      results.map(({ status }) => status),
      expected,
    );
    const errors = results.map(({ error }) => error);
    const failure = end === 'end' ? 'http-closed' : 'connect-reset';
    t.deepEqual(
      errors,
      expected.map((status) => (status === null ? failure : null)),
    );
    t.true(results.every(({ attempts }) => attempts === 1));
  },
  title: (name) => `a connection that the server closes as the next request comes: ${name}`,
});

const all = [200, 200, 200, 200];
test('GET is sent again', staleConnection, 'end', 'GET', all);
test('GET is sent again after a reset', staleConnection, 'resetAndDestroy', 'GET', all);
test('PUT is sent again', staleConnection, 'end', 'PUT', all);
test('DELETE is sent again', staleConnection, 'end', 'DELETE', all);
test('OPTIONS is sent again', staleConnection, 'end', 'OPTIONS', all);
test('POST is not', staleConnection, 'end', 'POST', [200, null, 200, null]);
test('POST is not after a reset', staleConnection, 'resetAndDestroy', 'POST', [200, null, 200, null]);
test('PATCH is not', staleConnection, 'end', 'PATCH', [200, null, 200, null]);

test('a server that closes every idle connection causes no failure', async (t) => {
  const server = await rawServer(t, (socket) => {
    socket.write(okay, () => setImmediate(() => socket.end()));
  });
  const results = await fetchAll(
    Array.from({ length: 50 }, (_, i) => `${server.url}/${i}`),
    { concurrency: 3 },
  );
  t.deepEqual([...new Set(results.map(({ error, status }) => error ?? status))], [200]);
});

test('an idle connection is closed after seconds, even if the server would keep it for an hour', async (t) => {
  const server = await rawServer(t, (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nkeep-alive: timeout=3600\r\ncontent-length: 0\r\n\r\n');
  });
  const fetcher = fetchUrls();
  t.teardown(() => fetcher.destroy());
  fetcher.write(server.url);
  await once(fetcher, 'data');
  t.is(server.open(), 1);
  await server.closed();
  t.false(fetcher.destroyed);
});

test('POST is not lost on a connection that its server may have closed after a second', async (t) => {
  const server = await rawServer(t, (socket) => {
    if (socket.bytesWritten > 0) socket.end();
    else socket.write(okay);
  });
  const fetcher = fetchUrls({ method: 'POST' });
  t.teardown(() => fetcher.destroy());
  for (const [path, pause] of [
    ['1', 0],
    ['2', 900],
  ] as const) {
    await setTimeout(pause);
    const came = once(fetcher, 'data');
    fetcher.write(`${server.url}/${path}`);
    const [{ error, status }] = (await came) as [Result];
    t.is(error ?? status, 200);
  }
  t.is(server.connections(), 2);
});

test('a request is sent again once only, and not on the first use of a connection', async (t) => {
  let requests = 0;
  const server = await rawServer(t, (socket) => {
    requests++;
    if (requests === 1) socket.write(okay);
    else socket.end();
  });
  const results = await fetchAll([`${server.url}/1`, `${server.url}/2`, `${server.url}/3`], {
    concurrency: 1,
  });
  t.deepEqual(
    results.map(({ error }) => error),
    [null, 'http-closed', 'http-closed'],
  );
  // The second one on the old connection and on a new one, the third on a new one.
  t.is(requests, 4);
});

test('a reply that has begun is not asked for again', async (t) => {
  let requests = 0;
  const server = await rawServer(t, (socket) => {
    requests++;
    if (requests === 1) socket.write(okay);
    else socket.end('HTTP/1.1 2');
  });
  const results = await fetchAll([`${server.url}/1`, `${server.url}/2`], { concurrency: 1 });
  t.deepEqual(
    results.map(({ error }) => error),
    [null, 'http-closed'],
  );
  t.is(requests, 2);
});

test('a request that is sent again still ends in its time', async (t) => {
  const server = await rawServer(t, (socket, request) => {
    if (request.startsWith('GET /1 ')) socket.write(okay);
    else if (socket.bytesWritten > 0) socket.end();
  });
  const results = await givenTime(
    async (timeout) => fetchAll([`${server.url}/1`, `${server.url}/2`], { concurrency: 1, timeout }),
    ([first]) => first?.error === null,
  );
  t.deepEqual(
    results.map(({ error }) => error),
    [null, 'headers-timeout'],
  );
  await server.closed();
});

test('2,000 hosts leave no more idle connections than there are slots', async (t) => {
  const concurrency = 20;
  let most = 0;
  const server = await httpServer(t, ({ headers: { host } }, response) => {
    most = Math.max(most, server.open());
    if (host !== 'last.test') response.end('ok');
    // Answer when all others are done: connections still open then were kept for later requests.
    else server.closed(concurrency + 1).then(() => response.end('last'), t.fail);
  });
  const urls = Array.from({ length: 2000 }, (_, i) => `http://h${i}.test/`);
  const results = await fetchAll([...urls, 'http://last.test/'], {
    concurrency,
    connectTo: [everythingTo(server)],
  });
  t.is(results.length, 2001);
  t.true(results.every(({ status }) => status === 200));
  // Connections in flight, idle ones, and those that are just being closed.
  t.true(most <= 4 * concurrency, `${most} connections at once`);
  await server.closed();
});
