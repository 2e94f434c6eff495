import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo } from 'node:net';

import test from 'ava';

import { fetchAll, fetchOne } from '../../helpers/fetch.ts';
import { givenTime } from '../../helpers/given-time.ts';
import { closedPort, httpServer, rawServer } from '../../helpers/server.ts';

test('a name that does not exist is dns-not-found', async (t) => {
  // A label may have at most 63 characters, so this fails without asking a name server.
  const { error, status, detail, attempts, host } = await fetchOne(`http://${'a'.repeat(64)}.invalid/`);
  t.is(error, 'dns-not-found');
  t.is(status, null);
  t.regex(detail, /cannot exist|does not exist/);
  t.is(attempts, 1);
  t.is(host, `${'a'.repeat(64)}.invalid`);
});

test('a name that is longer than names can be is dns-not-found', async (t) => {
  t.is((await fetchOne(`http://${'a.'.repeat(200)}test/`)).error, 'dns-not-found');
});

test('names that no host can have fail as rows', async (t) => {
  const label = 'a'.repeat(64);
  const hosts = [
    `*.${label}`,
    `a'b.${label}`,
    `-.${label}`,
    `a!$&()*+,;=b.${label}`,
    `.${label}`,
    `${label}..`,
    '..',
  ];
  const results = await fetchAll(hosts.map((host) => `http://${host}/`));
  t.deepEqual(
    results.map(({ error }) => error),
    hosts.map(() => 'dns-not-found'),
  );
});

test('a name of connect-to that does not exist is dns-not-found as well', async (t) => {
  const { error } = await fetchOne('http://a.test/', { connectTo: [`a.test::${'a'.repeat(64)}.invalid:`] });
  t.is(error, 'dns-not-found');
});

test('a port on which nothing listens is connect-refused', async (t) => {
  const port = await closedPort();
  const { error, status, bytes, wireBytes, ms } = await fetchOne(`http://127.0.0.1:${port}/`);
  t.is(error, 'connect-refused');
  t.deepEqual({ status, bytes, wireBytes }, { status: null, bytes: null, wireBytes: null });
  t.true(ms !== null && ms > 0);
});

test('a name all of whose addresses refuse is connect-refused, with the reason', async (t) => {
  const port = await closedPort();
  const { error, detail } = await fetchOne(`http://localhost:${port}/`);
  t.is(error, 'connect-refused');
  t.regex(detail, /ECONNREFUSED/);
});

test('an address to which there is no route is connect-unreachable', async (t) => {
  // TCP has no broadcast, so the system reports that without sending anything.
  const { error, detail } = await fetchOne('http://a.test/', { connectTo: ['::255.255.255.255:9'] });
  t.is(error, 'connect-unreachable');
  t.regex(detail, /ENETUNREACH/);
});

test('a handshake that takes longer than connectTimeout is connect-timeout', async (t) => {
  const server = await rawServer(t, () => {});
  let time = 0;
  const { error, detail, ms } = await givenTime(
    async (connectTimeout) => {
      time = connectTimeout;
      return fetchOne(`https://127.0.0.1:${server.port}/`, { connectTimeout });
    },
    (one) => one.detail.startsWith('no end of the TLS handshake'),
  );
  t.is(error, 'connect-timeout');
  t.is(detail, `no end of the TLS handshake within ${time} ms`);
  t.true(ms !== null && ms >= time - 1, `${ms}`);
  await server.closed();
});

test('a handshake that takes longer than timeout is connect-timeout as well', async (t) => {
  const server = await rawServer(t, () => {});
  const options = { connectTimeout: '60s', timeout: 150 };
  const { error, detail, ms } = await fetchOne(`https://127.0.0.1:${server.port}/`, options);
  t.is(error, 'connect-timeout');
  t.is(detail, 'not done within 150 ms');
  t.true(ms !== null && ms >= 149, `${ms}`);
  await server.closed();
});

test('connectTimeout is for the connection alone, not for the reply', async (t) => {
  let time = 0;
  const server = await httpServer(t, (_, response) => setTimeout(() => response.end(), 1.5 * time));
  const { status, error } = await givenTime(
    async (connectTimeout) => {
      time = connectTimeout;
      return fetchOne(server.url, { connectTimeout });
    },
    (one) => one.error === null,
  );
  t.deepEqual({ status, error }, { status: 200, error: null });
});

test('a connection that is reset before any byte of a reply is connect-reset', async (t) => {
  const server = await rawServer(t, (socket) => socket.resetAndDestroy());
  const { error, status } = await fetchOne(server.url);
  t.deepEqual({ error, status }, { error: 'connect-reset', status: null });
});

test('a reset within the TLS handshake is connect-reset', async (t) => {
  const server = await rawServer(t, (socket) => socket.resetAndDestroy());
  const { error } = await fetchOne(`https://127.0.0.1:${server.port}/`);
  t.is(error, 'connect-reset');
});

test('a server that closes each connection as soon as it stands gives a failure, and one attempt each', async (t) => {
  let connections = 0;
  const server = net.createServer((socket) => {
    connections++;
    socket.on('error', () => {});
    socket.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const urls = Array.from({ length: 4 }, () => `http://127.0.0.1:${port}/`);
  const results = await fetchAll(urls, { maxWait: 1 });
  for (const { error } of results)
    t.true(error === 'http-closed' || error === 'connect-reset', error ?? 'none');
  t.is(connections, 4);
});

test('one host that is down leaves the rows of another alone', async (t) => {
  const port = await closedPort();
  const server = await httpServer(t, (_, response) => response.end());
  const urls = Array.from({ length: 100 }, (_, i) =>
    i % 2 === 0 ? server.url : `http://127.0.0.1:${port}/`,
  );
  const results = await fetchAll(urls, { concurrency: 10 });
  t.is(results.filter(({ status }) => status === 200).length, 50);
  t.is(results.filter(({ error }) => error === 'connect-refused').length, 50);
});
