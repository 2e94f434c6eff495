import { once } from 'node:events';
import net from 'node:net';
import { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';

import test from 'ava';

import type { Connect } from '../../../src/fetch/connect/shape.ts';
import { Connection, targetOf } from '../../../src/fetch/http/connection.ts';
import { fetchUrls } from '../../../src/job/fetch-urls.ts';
import { rawServer } from '../../helpers/server.ts';
import { requestTo } from '../threads/requests.ts';

/**
 * A server that refuses a request at once and closes. It runs in a thread, because it must do so while the
 * client is still writing much.
 */
const refusing = `
  const { parentPort, workerData } = require('node:worker_threads');
  const reply = 'HTTP/1.1 413 Content Too Large\\r\\ncontent-length: 9\\r\\n\\r\\ntoo large';
  const server = require('node:net').createServer((socket) => {
    socket.on('error', () => {});
    if (workerData === 'closes') socket.end(reply, () => socket.destroy());
    else socket.once('data', () => socket.pause().write(reply, () => socket.resetAndDestroy()));
  });
  server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));
`;

const body = Buffer.alloc(20_000_000, 'a');

for (const how of ['closes', 'resets']) {
  test(`a server that refuses a large body and ${how} the connection is heard`, async (t) => {
    const worker = new Worker(refusing, { eval: true, workerData: how });
    t.teardown(async () => worker.terminate());
    const [port] = (await once(worker, 'message')) as [number];
    const url = `http://127.0.0.1:${port}/`;
    const items = Array.from({ length: 40 }, () => ({ url, method: 'POST', body }));
    const seen = new Set<string>();
    const stream = Readable.from(items).pipe(fetchUrls({ retries: 0, concurrency: 4 }));
    for await (const { status, error, bytes, detail } of stream)
      seen.add([status, error, bytes, detail].join(' '));
    t.deepEqual([...seen], ['413  9 ']);
  });
}

const refusal = 'HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno';

/** @param come what can be read when writing fails */
const failed = test.macro({
  exec: async (t, come: string, expected: string) => {
    const seen: string[] = [];
    let client: net.Socket | null = null;
    const server = await rawServer(t, (socket) => {
      socket.write(come);
      // Node does this when a write has failed.
      client?.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' }));
    });
    const connect: Connect = ({ port }, _, callback) => {
      const socket = net.connect(Number(port), '127.0.0.1', () => {
        const times = { dnsMs: null, connectMs: 1, tlsMs: null, peer: null };
        callback(null, { socket, address: '127.0.0.1', isProxied: false, isPublic: false, ...times });
      });
      client = socket;
      return socket;
    };
    const connection = new Connection(targetOf(server.url, []), connect, null, false);
    t.teardown(() => connection.destroy());
    await new Promise<void>((resolve) => {
      connection.send({
        request: { ...requestTo(server.url, 0), method: 'POST', body: Buffer.from('body') },
        onConnect: () => true,
        onHead: ({ status }) => seen.push(String(status)),
        onData: (data) => seen.push(data.toString()),
        onWhole: () => {
          seen.push(connection.isReusable ? 'reusable' : 'over');
          resolve();
        },
        onFault: ({ message }) => {
          seen.push(message);
          resolve();
        },
      });
    });
    t.is(seen.join(' '), expected);
    await server.closed();
  },
  title: (name) => `a request cannot be written to its end, and there is ${name}`,
});

test('a reply', failed, refusal, '413 no over');
test('the beginning of a reply', failed, refusal.slice(0, -1), '413 n write EPIPE');
test('no reply', failed, '', 'write EPIPE');
test(
  'a reply that lasts until the end, which may be cut',
  failed,
  'HTTP/1.1 501 No\r\n\r\nno',
  '501 no write EPIPE',
);
