import { once } from 'node:events';
import net from 'node:net';
import type { AddressInfo } from 'node:net';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { fetchAll, fetchOne } from '../../helpers/fetch.ts';
import { nameServer } from '../../helpers/name-server.ts';
import { httpServer } from '../../helpers/server.ts';
import type { TestServer } from '../../helpers/server.ts';

/**
 * This machine has no public address. Targets named by connect-to are the user's choice and count as public.
 * So a name that a rule directs here stands for a public host, and 127.0.0.1 for a private one.
 */
async function hosts(t: ExecutionContext): Promise<{ inner: TestServer; outer: TestServer; rule: string }> {
  const inner = await httpServer(t, (_, response) => response.end('inner'));
  const outer = await httpServer(t, ({ url }, response) => {
    if (url === '/ok') response.end('outer');
    else if (url === '/again') response.writeHead(302, { location: '/ok' }).end();
    else if (url === '/twice') response.writeHead(302, { location: '/in' }).end();
    else if (url === '/robots.txt') response.writeHead(404).end();
    else response.writeHead(302, { location: `${inner.url}/secret` }).end();
  });
  return { inner, outer, rule: `public.test::127.0.0.1:${outer.port}` };
}

test('a list may name a private address', async (t) => {
  const { inner } = await hosts(t);
  t.is((await fetchOne(inner.url)).status, 200);
});

test('a redirect from a public host does not lead to a private address', async (t) => {
  const { inner, outer, rule } = await hosts(t);
  for (const path of ['/in', '/twice']) {
    const result = await fetchOne(`http://public.test${path}`, { connectTo: [rule] });
    t.is(result.error, 'address-denied');
    t.is(result.detail, '127.0.0.1 is not a public address');
    t.is(result.status, null);
    t.is(result.url, `${inner.url}/secret`);
    t.is(result.attempts, 1);
  }
  t.is(outer.requests.length, 3);
  t.is(inner.connections(), 0);
});

test('it is not tried again', async (t) => {
  const { inner, outer, rule } = await hosts(t);
  const options = { connectTo: [rule], retries: 3, maxWait: 1 };
  t.is((await fetchOne('http://public.test/in', options)).attempts, 1);
  t.is(outer.requests.length, 1);
  t.is(inner.connections(), 0);
});

test('with allowPrivate it leads there', async (t) => {
  const { inner, rule } = await hosts(t);
  const options = { connectTo: [rule], allowPrivate: true };
  t.is((await fetchOne('http://public.test/in', options)).status, 200);
  t.is(inner.requests.length, 1);
});

test('with both options denyPrivate counts', async (t) => {
  const { inner } = await hosts(t);
  t.is((await fetchOne(inner.url, { allowPrivate: true, denyPrivate: true })).error, 'address-denied');
});

test('a redirect to a host that the user led somewhere is followed', async (t) => {
  const { rule } = await hosts(t);
  for (const denyPrivate of [false, true]) {
    t.is((await fetchOne('http://public.test/again', { connectTo: [rule], denyPrivate })).status, 200);
  }
});

test('a redirect from a private address to a private address is followed', async (t) => {
  const { inner, outer } = await hosts(t);
  t.is((await fetchOne(`${outer.url}/twice`)).status, 200);
  t.is(inner.requests.length, 1);
});

test('a rule that names another port only does not make an address the choice of the user', async (t) => {
  const { inner, outer } = await hosts(t);
  const connectTo = [`127.0.0.1:1::${inner.port}`, `127.0.0.1:2::${outer.port}`];
  t.is((await fetchOne('http://127.0.0.1:1/', { connectTo, denyPrivate: true })).error, 'address-denied');
  t.is((await fetchOne('http://127.0.0.1:2/in', { connectTo })).status, 200);
});

test('the attempt after one that was denied nothing may go where it began', async (t) => {
  const inner = await httpServer(t, (_, response) => response.writeHead(503).end());
  const start = await httpServer(t, (_, response) =>
    response.writeHead(302, { location: `${inner.url}/` }).end(),
  );
  const { status, attempts } = await fetchOne(start.url, { retries: 2, maxWait: 1 });
  t.deepEqual({ status, attempts }, { status: 503, attempts: 3 });
  t.is(inner.requests.length, 3);
});

const spellings = (port: number): string[] => [
  `http://127.0.0.1:${port}/`,
  `http://2130706433:${port}/`,
  `http://0x7f.1:${port}/`,
  `http://017700000001:${port}/`,
  `http://127.0.0.1.:${port}/`,
  `http://%31%32%37.1:${port}/`,
  `http://１２７。1:${port}/`,
  `http://0:${port}/`,
  `http://[::ffff:127.0.0.1]:${port}/`,
  `http://[::ffff:7f00:1]:${port}/`,
  `http://[0:0::1]:${port}/`,
  `http://[::]:${port}/`,
  `http://localhost:${port}/`,
  `http://LocalHost.:${port}/`,
  `http://a.localhost:${port}/`,
];

test('denyPrivate: however an address is written, it is not connected to', async (t) => {
  const { inner } = await hosts(t);
  const results = await fetchAll(spellings(inner.port), { denyPrivate: true });
  for (const { error, url } of results) t.is(error, 'address-denied', url);
  t.is(inner.connections(), 0);
});

test('a redirect to a private address is denied however it is written', async (t) => {
  const { inner } = await hosts(t);
  const outer = await httpServer(t, ({ url }, response) =>
    response.writeHead(307, { location: decodeURIComponent(url.slice(1)) }).end(),
  );
  const urls = spellings(inner.port).map((url) => `http://public.test/${encodeURIComponent(ascii(url))}`);
  const results = await fetchAll(urls, { connectTo: [`public.test::127.0.0.1:${outer.port}`] });
  for (const { error, detail, url } of results) t.is(error, 'address-denied', `${url} ${detail}`);
  t.is(inner.connections(), 0);
});

test('names that lead to private addresses are denied like the addresses', async (t) => {
  const { inner, rule } = await hosts(t);
  const { address } = await nameServer(t, { 'inner.test': { a: ['127.0.0.1'] } });
  const url = `http://inner.test:${inner.port}/`;
  const options = { dnsServer: [address] };
  t.is((await fetchOne(url, options)).status, 200);
  const { error, detail } = await fetchOne(url, { ...options, denyPrivate: true });
  t.deepEqual({ error, detail }, { error: 'address-denied', detail: '127.0.0.1 is not a public address' });
  const outer = await httpServer(t, (_, response) => response.writeHead(302, { location: url }).end());
  const led = [rule.replace(/\d+$/, String(outer.port))];
  t.is((await fetchOne('http://public.test/', { ...options, connectTo: led })).error, 'address-denied');
  t.is(inner.requests.length, 1);
});

test('a name of connect-to is the choice of the user, wherever it leads', async (t) => {
  const { inner } = await hosts(t);
  const { address } = await nameServer(t, { 'inner.test': { a: ['127.0.0.1'] } });
  const options = { dnsServer: [address], connectTo: [`a.test::inner.test:${inner.port}`] };
  t.is((await fetchOne('http://a.test/', { ...options, denyPrivate: true })).status, 200);
});

test('an IPv6 address is judged as well', async (t) => {
  const server = net.createServer((socket) => socket.end('HTTP/1.1 204 No Content\r\n\r\n'));
  server.listen(0, '::1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const url = `http://[::1]:${(server.address() as AddressInfo).port}/`;
  t.is((await fetchOne(url)).status, 204);
  t.is((await fetchOne(url, { denyPrivate: true })).detail, '::1 is not a public address');
});

test('a connection that was opened for a private address is not used for a request that may not go there', async (t) => {
  const { inner, rule } = await hosts(t);
  const urls = [`${inner.url}/1`, 'http://public.test/in', `${inner.url}/2`];
  const results = await fetchAll(urls, { connectTo: [rule], concurrency: 1, ordered: true });
  t.deepEqual(
    results.map(({ status, error }) => error ?? status),
    [200, 'address-denied', 200],
  );
  t.deepEqual(
    inner.requests.map(({ url }) => url),
    ['/1', '/2'],
  );
});

/** The URL in ASCII, for a header. */
function ascii(url: string): string {
  return url.replaceAll(/[^!-~]/g, encodeURIComponent);
}
