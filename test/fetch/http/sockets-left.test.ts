import test from 'ava';
import type { Socket } from 'node:net';

import { fetchUrls } from '../../../src/job/fetch-urls.ts';
import type { FetchUrlsOptions } from '../../../src/job/fetch-urls.ts';
import { certificates } from '../../helpers/certificates.ts';
import { everythingTo, fetchAll } from '../../helpers/fetch.ts';
import { httpProxy } from '../../helpers/proxy.ts';
import { httpsServer, rawServer } from '../../helpers/server.ts';

const urls = Array.from({ length: 100 }, (_, i) => `http://h${i}.test/`);

/** Whatever a server does to a hundred connections, none is left open when the stream ends. */
const noneLeft = test.macro({
  exec: async (t, answer: (socket: Socket) => void, options: FetchUrlsOptions = {}) => {
    const server = await rawServer(t, answer);
    const connectTo = [everythingTo(server)];
    const results = await fetchAll(urls, { concurrency: 100, maxWait: 1, connectTo, ...options });
    t.is(results.length, 100);
    t.true(server.connections() > 0);
    await server.closed();
  },
  title: (name) => `no connection is left: ${name}`,
});

const head = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n';
test('kept alive', noneLeft, (socket) => socket.write(`${head}ok`));
test('closed by the server', noneLeft, (socket) => socket.end(`${head}ok`));
test('reset', noneLeft, (socket) => socket.resetAndDestroy());
test('no answer', noneLeft, () => {}, { timeout: 800 });
test('half a head', noneLeft, (socket) => socket.write('HTTP/1.1 200 OK\r\nconte'), { timeout: 800 });
test('half a body', noneLeft, (socket) => socket.write(`${head}o`), { timeout: 800 });
test('too large a body', noneLeft, (socket) => socket.write(`${head}ok`), { maxBody: 1 });
test('more than was announced', noneLeft, (socket) => socket.write(`${head}ok and more`));
test('no HTTP', noneLeft, (socket) => socket.write('SSH-2.0-x\r\n'));
test('another protocol', noneLeft, (socket) =>
  socket.write('HTTP/1.1 101 S\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'),
);

test('no connection is left when the stream is destroyed', async (t) => {
  const server = await rawServer(t, () => {});
  // All connections must open before anything times out, however long that takes.
  const timeout = 600_000;
  const connectTo = [everythingTo(server)];
  const fetcher = fetchUrls({ concurrency: 100, timeout, connectTimeout: timeout, connectTo });
  for (const url of urls) fetcher.write(url);
  await server.opened(100);
  fetcher.destroy();
  await server.closed();
  t.is(server.open(), 0);
});

test('no connection is left that was destroyed within TLS or a tunnel', async (t) => {
  const { good } = await certificates();
  const silent = await rawServer(t, () => {});
  const server = await httpsServer(t, good, () => {});
  const secureProxy = await httpProxy(t, { certificate: good, leadsTo: silent.port });
  const secure = urls.map((url) => url.replace('http:', 'https:'));
  for (const [reached, options] of [
    [silent, { connectTo: [everythingTo(silent)] }],
    [server, { connectTo: [everythingTo(server)] }],
    [silent, { proxy: secureProxy.url }],
  ] as const) {
    const fetcher = fetchUrls({ concurrency: 100, insecure: true, ...options });
    for (const url of secure) fetcher.write(url);
    await reached.opened(100);
    fetcher.destroy();
    await Promise.all([silent.closed(), server.closed(), secureProxy.closed()]);
  }
  t.pass();
});

test('https: 300 hosts leave nothing open', async (t) => {
  const { good } = await certificates();
  let most = 0;
  const server = await httpsServer(t, good, (_, response) => {
    most = Math.max(most, server.open());
    response.end('ok');
  });
  const hosts = Array.from({ length: 300 }, (_, i) => `https://h${i}.test/`);
  const options = { concurrency: 20, insecure: true, connectTo: [everythingTo(server)] };
  const results = await fetchAll(hosts, options);
  t.true(results.every(({ status }) => status === 200));
  t.true(most <= 80, `${most}`);
  await server.closed();
});
