import { once } from 'node:events';
import { Readable } from 'node:stream';
import { Worker } from 'node:worker_threads';

import test from 'ava';

import { fetchUrls } from '../../../src/job/fetch-urls.ts';

/** A server that says at once that it does not want what is sent, and closes; in a thread, as it must do so while much is written. */
const server = `
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
    const worker = new Worker(server, { eval: true, workerData: how });
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
