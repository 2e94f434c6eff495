import zlib from 'node:zlib';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import type { FetchUrlsOptions } from '../../../src/job/fetch-urls.ts';
import type { Page } from '../../../src/shared/records.ts';
import { fetchAll, fetchOne } from '../../helpers/fetch.ts';
import { httpServer, rawServer } from '../../helpers/server.ts';

const ok = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n';
const maxBody = 1000;

const size = test.macro({
  exec: async (t, headers: readonly string[], body: Buffer, good: boolean, decoded: number = body.length) => {
    const server = await httpServer(t, (_, response) => void response.writeHead(200, [...headers]).end(body));
    for (const processors of [[], [bodyLength]]) {
      const result = await fetchOne(server.url, { maxBody, processors });
      t.is(result.error, good ? null : 'body-too-large');
      t.is(result.status, 200);
      t.is(result.bytes, good ? decoded : null);
      t.deepEqual({ ...result.values }, good && processors.length > 0 ? { length: decoded } : {});
    }
  },
  title: (name) => `a body ${name}`,
});

const text = (length: number): Buffer => Buffer.alloc(length, 'abcdefgh');
const lengthOf = (body: Buffer): string[] => ['content-length', String(body.length)];
const gzip = ['content-encoding', 'gzip'];
const deflate = ['content-encoding', 'deflate'];
const brotli = ['content-encoding', 'br'];

test('of exactly --max-body is taken', size, lengthOf(text(1000)), text(1000), true);
test('of one byte more is body-too-large', size, lengthOf(text(1001)), text(1001), false);
test('of exactly --max-body in chunks is taken', size, [], text(1000), true);
test('of one byte more in chunks is body-too-large', size, [], text(1001), false);
test('of exactly --max-body decoded is taken', size, gzip, zlib.gzipSync(text(1000)), true, 1000);
test('of one byte more decoded is body-too-large: gzip', size, gzip, zlib.gzipSync(text(1001)), false);
test(
  'of one byte more decoded is body-too-large: deflate',
  size,
  deflate,
  zlib.deflateSync(text(1001)),
  false,
);
test(
  'of one byte more decoded is body-too-large: raw',
  size,
  deflate,
  zlib.deflateRawSync(text(1001)),
  false,
);
test(
  'of one byte more decoded is body-too-large: br',
  size,
  brotli,
  zlib.brotliCompressSync(text(1001)),
  false,
);

/** Data that zlib cannot compress: the encoded form is larger than the decoded one. */
const noise = Buffer.from(Array.from({ length: 1000 }, (_, i) => (i * i * 31 + i * 7) % 251));
const stored = zlib.gzipSync(noise, { level: 0 });
test(
  'that is larger encoded than decoded is measured decoded',
  size,
  lengthOf(stored).concat(gzip),
  stored,
  true,
  1000,
);

test('without a limit that it reaches is taken whole', async (t) => {
  const body = text(3_000_000);
  const { url } = await httpServer(t, (_, response) => response.end(body));
  const { bytes, wireBytes, values } = await fetchOne(url, { processors: [bodyLength] });
  t.deepEqual({ bytes, wireBytes, ...values }, { bytes: 3_000_000, wireBytes: 3_000_000, length: 3_000_000 });
});

test('the limit is 10 MB when nothing is said', async (t) => {
  const { url } = await httpServer(t, ({ url: path }, response) => response.end(text(Number(path.slice(1)))));
  t.is((await fetchOne(`${url}/10000000`)).bytes, 10_000_000);
  t.is((await fetchOne(`${url}/10000001`)).error, 'body-too-large');
});

test('a limit of 0 takes empty bodies and no others', async (t) => {
  const { url } = await httpServer(t, ({ url: path }, response) => {
    if (path.startsWith('/gzip')) response.setHeader('content-encoding', 'gzip');
    if (path === '/one') response.end('x');
    else response.end(path === '/empty' ? '' : zlib.gzipSync(path === '/gzip-one' ? 'x' : ''));
  });
  const urls = ['/empty', '/one', '/gzip-empty', '/gzip-one'].map((path) => url + path);
  const results = await fetchAll(urls, { maxBody: 0, ordered: true });
  t.deepEqual(
    results.map(({ error, bytes }) => [error, bytes]),
    [
      [null, 0],
      ['body-too-large', null],
      [null, 0],
      ['body-too-large', null],
    ],
  );
});

test('an announced length above the limit ends the request before any of the body', async (t) => {
  const server = await rawServer(t, (socket) => void socket.write(`${ok}content-length: 1001\r\n\r\n`));
  const { error, status, wireBytes, type } = await fetchOne(server.url, { maxBody });
  t.deepEqual(
    { error, status, wireBytes, type },
    { error: 'body-too-large', status: 200, wireBytes: 0, type: 'text/plain' },
  );
  await server.closed();
});

test('an endless body is cut at the limit, and its connection closed', async (t) => {
  const { sent, closed } = await endless(
    t,
    'transfer-encoding: chunked',
    `400\r\n${'a'.repeat(0x400)}\r\n`,
    {},
  );
  await closed;
  // The system's buffers may hold some more that was sent.
  t.true(sent() < 40_000_000, `${sent()} bytes`);
});

test('an endless body without any length is cut at the limit', async (t) => {
  const { sent, closed } = await endless(t, 'x: y', 'a'.repeat(4096), { processors: [bodyLength] });
  await closed;
  t.true(sent() < 40_000_000, `${sent()} bytes`);
});

test('an endless encoded body is cut at the limit too', async (t) => {
  const { sent, closed } = await endless(t, 'content-encoding: gzip', '\0'.repeat(4096), {});
  await closed;
  t.true(sent() < 40_000_000, `${sent()} bytes`);
});

const bomb = test.macro({
  exec: async (t, coding: string, encoded: Buffer) => {
    t.true(encoded.length < 1_000_000);
    const headers = { 'content-encoding': coding, 'content-type': 'text/html' };
    const { url } = await httpServer(t, (_, response) => response.writeHead(404, headers).end(encoded));
    const before = process.memoryUsage().arrayBuffers;
    const result = await fetchOne(url, { maxBody: '1MB', processors: [bodyLength] });
    const grown = process.memoryUsage().arrayBuffers - before;
    t.is(result.error, 'body-too-large');
    t.is(result.status, 404);
    t.is(result.wireBytes, encoded.length);
    t.is(result.bytes, null);
    t.true(grown < 50_000_000, `${grown} bytes`);
  },
  title: (name) => `a small body that would unpack to 200 MB is body-too-large: ${name}`,
});

const zeros = Buffer.alloc(200_000_000);
const packedZeros = zlib.gzipSync(zeros, { strategy: zlib.constants.Z_RLE });
test('gzip', bomb, 'gzip', packedZeros);
test(
  'br',
  bomb,
  'br',
  zlib.brotliCompressSync(zeros, { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }),
);
test('gzip in gzip', bomb, 'gzip, gzip', zlib.gzipSync(packedZeros));

/** A server that sends `chunk` again and again, as long as the client reads. */
async function endless(
  t: ExecutionContext,
  header: string,
  chunk: string,
  options: FetchUrlsOptions,
): Promise<{ sent: () => number; closed: Promise<void> }> {
  let sent = 0;
  const server = await rawServer(t, (socket) => {
    // After a failed write, further writes fail within the same turn of the event loop, so this would never
    // end.
    const more = (failure?: Error | null): void => {
      if (failure || socket.destroyed) return;
      sent += chunk.length;
      socket.write(chunk, more);
    };
    socket.write(`${ok}${header}\r\n\r\n`, more);
  });
  const { error, status, bytes } = await fetchOne(server.url, { maxBody: 100_000, ...options });
  t.deepEqual({ error, status, bytes }, { error: 'body-too-large', status: 200, bytes: null });
  return { sent: () => sent, closed: server.closed() };
}

const bodyLength = {
  columns: ['length'],
  process: ({ body }: Page): Record<string, number> => ({ length: body.length }),
};
