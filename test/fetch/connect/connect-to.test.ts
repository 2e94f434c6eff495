import net from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import test from 'ava';

import { fetchAll, fetchOne } from '../../helpers/fetch.ts';
import { closedPort, httpServer } from '../../helpers/server.ts';
import type { TestServer } from '../../helpers/server.ts';

type Rules = (to: { readonly port: number; readonly other: number; readonly closed: number }) => string[];

/** Checks which server gets the request: `one`, `other`, or none because nothing listens there. */
const reaches = test.macro({
  exec: async (t, url: string, rules: Rules, expected: 'one' | 'other' | 'none') => {
    const one = await httpServer(t, (_, response) => response.end('one'));
    const other = await httpServer(t, (_, response) => response.end('other'));
    const closed = await closedPort();
    const port = String(one.port);
    const connectTo = rules({ port: one.port, other: other.port, closed });
    const result = await fetchOne(url.replace('PORT', port), { connectTo });
    const reached = [one, other].filter(({ requests }) => requests.length > 0);
    if (expected === 'none') {
      t.is(result.error, 'connect-refused');
      t.deepEqual(reached, []);
    } else {
      t.is(result.status, 200);
      t.deepEqual(reached, [expected === 'one' ? one : other]);
      t.is(result.url, new URL(url.replace('PORT', port)).href);
    }
  },
  title: (name) => `connect-to: ${name}`,
});

test('host and port', reaches, 'http://a.test/', ({ port }) => [`a.test:80:127.0.0.1:${port}`], 'one');
test(
  'the port of https',
  reaches,
  'http://a.test:443/',
  ({ port }) => [`a.test:443:127.0.0.1:${port}`],
  'one',
);
test('a port of the URL', reaches, 'http://a.test:81/', ({ port }) => [`a.test:81:127.0.0.1:${port}`], 'one');
test('any port', reaches, 'http://a.test:81/', ({ port }) => [`a.test::127.0.0.1:${port}`], 'one');
test('any host', reaches, 'http://a.test:81/', ({ port }) => [`:81:127.0.0.1:${port}`], 'one');
test('any host and port', reaches, 'http://a.test/', ({ port }) => [`::127.0.0.1:${port}`], 'one');
test('the same port', reaches, 'http://a.test:PORT/', () => ['a.test::127.0.0.1:'], 'one');
test('the same host', reaches, 'http://127.0.0.1:1/', ({ port }) => [`127.0.0.1:1::${port}`], 'one');
test('the same host and port', reaches, 'http://127.0.0.1:PORT/', () => [':::'], 'one');
test('a name in upper case', reaches, 'http://a.test/', ({ port }) => [`A.TEST::127.0.0.1:${port}`], 'one');
test(
  'a name beyond ASCII',
  reaches,
  'http://bücher.test/',
  ({ port }) => [`bücher.test::127.0.0.1:${port}`],
  'one',
);
test(
  'the first rule that matches',
  reaches,
  'http://a.test/',
  ({ port, other }) => [`b.test::127.0.0.1:${other}`, `a.test::127.0.0.1:${port}`, `::127.0.0.1:${other}`],
  'one',
);
test(
  'a rule for any host before one for the host',
  reaches,
  'http://a.test/',
  ({ port, other }) => [`::127.0.0.1:${other}`, `a.test::127.0.0.1:${port}`],
  'other',
);
test(
  'rules are not applied to the target of a rule',
  reaches,
  'http://a.test/',
  ({ port, closed }) => [`a.test::127.0.0.1:${port}`, `127.0.0.1:${port}:127.0.0.1:${closed}`],
  'one',
);
test(
  'another port than that of the rule',
  reaches,
  'http://127.0.0.1:PORT/',
  ({ closed }) => [`:1::${closed}`],
  'one',
);
test(
  'another host than that of the rule',
  reaches,
  'http://127.0.0.1:PORT/',
  ({ closed }) => [`test::127.0.0.1:${closed}`, `0.0.1::127.0.0.1:${closed}`],
  'one',
);
test(
  'a target where nothing listens',
  reaches,
  'http://127.0.0.1:PORT/',
  ({ closed }) => [`:::${closed}`],
  'none',
);
test('an IPv6 address', reaches, 'http://[::1]:81/', ({ port }) => [`[::1]:81:127.0.0.1:${port}`], 'one');
test(
  'an IPv6 address in other words',
  reaches,
  'http://[::1]/',
  ({ port }) => [`[0:0::1]::127.0.0.1:${port}`],
  'one',
);

test('a rule may lead to an IPv6 address', async (t) => {
  const server = net.createServer((socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n'));
  server.listen(0, '::1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  t.is((await fetchOne('http://a.test/', { connectTo: [`a.test:80:[::1]:${port}`] })).status, 204);
  t.is((await fetchOne(`http://[::1]:${port}/`)).status, 204);
});

test('the Host header is that of the URL', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  await fetchOne('http://a.test:81/', { connectTo: [`a.test:81:127.0.0.1:${server.port}`] });
  t.is(server.requests[0]?.headers.host, 'a.test:81');
});

test('each hop of a redirect has its own rule', async (t) => {
  const target: TestServer = await httpServer(t, (_, response) => response.end());
  const start = await httpServer(t, (_, response) =>
    response.writeHead(302, { location: 'http://b.test/x' }).end(),
  );
  const connectTo = [`a.test::127.0.0.1:${start.port}`, `b.test::127.0.0.1:${target.port}`];
  const { status, url } = await fetchOne('http://a.test/', { connectTo });
  t.deepEqual({ status, url }, { status: 200, url: 'http://b.test/x' });
  t.is(target.requests[0]?.url, '/x');
});

test('two hosts at one address do not share connections', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const urls = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 'http://a.test/' : 'http://b.test/'));
  await fetchAll(urls, { concurrency: 2, perHost: 1, connectTo: [`::127.0.0.1:${server.port}`] });
  t.is(server.connections(), 2);
});
