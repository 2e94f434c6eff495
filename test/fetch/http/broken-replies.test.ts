import zlib from 'node:zlib';

import test from 'ava';

import { failures } from '../../../src/shared/failures.ts';
import { fetchAll } from '../../helpers/fetch.ts';
import { rawServer } from '../../helpers/server.ts';

const text = Buffer.from('<title>Hello</title> and a little more, so that there is something to cut');
const gzip = zlib.gzipSync(text);

const withLength = (headers: string, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${headers}content-length: ${body.length}\r\n\r\n`), body]);

function inChunks(headers: string, body: Buffer): Buffer {
  const middle = body.length >> 1;
  const chunks = [body.subarray(0, middle), body.subarray(middle), Buffer.alloc(0)].flatMap((chunk) => [
    Buffer.from(`${chunk.length.toString(16)}\r\n`),
    chunk,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 200 OK\r\n${headers}transfer-encoding: chunked\r\n\r\n`),
    ...chunks,
  ]);
}

const closes = 'connection: close\r\n';
const gzipped = 'content-encoding: gzip\r\n';

/** The server sends only as many bytes of the reply as the path says, then closes. */
const cutAnywhere = test.macro({
  exec: async (t, reply: Buffer) => {
    const server = await rawServer(t, (socket, request) => {
      socket.end(reply.subarray(0, Number(/^GET \/(\d+) /.exec(request)?.[1])));
    });
    const urls = Array.from({ length: reply.length + 1 }, (_, i) => `${server.url}/${i}`);
    const results = await fetchAll(urls, { ordered: true });
    const head = reply.indexOf('\r\n\r\n') + 4;
    const expected = urls.map((_, length) => {
      if (length < head) return [length, null, 'http-closed'];
      return [length, 200, length < reply.length ? 'http-truncated' : null];
    });
    t.deepEqual(
      results.map(({ status, error }, i) => [i, status, error]),
      expected,
    );
  },
  title: (name) => `a reply that is cut is never a good one, wherever it is cut: ${name}`,
});

test('known length', cutAnywhere, withLength('', text));
test('known length, and it closes', cutAnywhere, withLength(closes, text));
test('chunked', cutAnywhere, inChunks('', text));
test('chunked, and it closes', cutAnywhere, inChunks(closes, text));
test('chunked gzip', cutAnywhere, inChunks(gzipped, gzip));

test('gzip until the connection closes is never good when it is cut', async (t) => {
  const head = `HTTP/1.1 200 OK\r\n${gzipped}\r\n`;
  const server = await rawServer(t, (socket, request) => {
    socket.write(head);
    socket.end(gzip.subarray(0, Number(/^GET \/(\d+) /.exec(request)?.[1])));
  });
  const urls = Array.from({ length: gzip.length }, (_, i) => `${server.url}/${i + 1}`);
  const results = await fetchAll(urls, { ordered: true });
  t.deepEqual(
    results.map(({ error }) => error),
    urls.map((_, i) => (i + 1 < gzip.length ? 'http-truncated' : null)),
  );
});

const oneByteChanged = test.macro({
  exec: async (t, reply: Buffer) => {
    // A linear congruential generator, for the same bytes in every run.
    let random = 42;
    const next = (below: number): number => {
      random = (random * 1_103_515_245 + 12_345) % 0x80000000;
      return random % below;
    };
    const server = await rawServer(t, (socket) => {
      const changed = Buffer.from(reply);
      changed[next(changed.length)] = next(256);
      socket.end(changed);
    });
    const urls = Array.from({ length: 400 }, (_, i) => `${server.url}/${i}`);
    const processors = [{ columns: ['x'], process: () => ({}) }];
    const results = await fetchAll(urls, { processors, timeout: '60s' });
    t.is(results.length, urls.length);
    for (const { status, error, bytes } of results) {
      if (error === null) t.true(status !== null && bytes !== null);
      else t.true(Object.hasOwn(failures, error) && bytes === null, error);
    }
    const errors = new Set(results.map(({ error }) => error));
    t.true(errors.has(null) && errors.has('http-malformed') && !errors.has('headers-timeout'));
  },
  title: (name) => `a reply in which one byte is wrong gives a result like any other: ${name}`,
});

test('known length', oneByteChanged, withLength(gzipped, gzip));
test('chunked', oneByteChanged, inChunks('', text));
