import zlib from 'node:zlib';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import type { FailureCode } from '../../../src/shared/failures.ts';
import type { FetchUrlsOptions } from '../../../src/job/fetch-urls.ts';
import type { Result } from '../../../src/shared/records.ts';
import { fetchAll, fetchOne } from '../../helpers/fetch.ts';
import { httpServer, rawServer } from '../../helpers/server.ts';

const ok = 'HTTP/1.1 200 OK\r\n';

/**
 * More than a busy machine needs for a megabyte, but less than the timeout, which must not be what ends the
 * exchange.
 */
const soon = 25_000;

/** The server sends `head` once, and then `more` as long as the client reads. */
async function flooded(
  t: ExecutionContext,
  head: string,
  more: string,
  options: FetchUrlsOptions = {},
): Promise<{ result: Result; sent: number }> {
  let sent = 0;
  const server = await rawServer(t, (socket) => {
    // After a failed write, further writes fail within the same turn of the event loop, so this would never
    // end.
    const flow = (failure?: Error | null): void => {
      if (failure || socket.destroyed) return;
      sent += more.length;
      socket.write(more, flow);
    };
    socket.write(head, 'latin1', flow);
  });
  const result = await fetchOne(server.url, { maxBody: 100_000, ...options });
  await server.closed();
  return { result, sent };
}

const flood = test.macro({
  exec: async (t, head: string, more: string, error: FailureCode, status: number | null) => {
    const { result, sent } = await flooded(t, head, more);
    t.deepEqual([result.error, result.status], [error, status]);
    t.true((result.ms ?? Infinity) < soon, `${result.ms} ms`);
    t.true(sent < 60_000_000, `${sent} bytes`);
  },
  title: (name) => `endless: ${name}`,
});

test(
  'trailers',
  flood,
  `${ok}transfer-encoding: chunked\r\n\r\n0\r\n`,
  `x: ${'y'.repeat(1000)}\r\n`,
  'headers-too-large',
  200,
);
test(
  'chunks of one byte',
  flood,
  `${ok}transfer-encoding: chunked\r\n\r\n`,
  '1\r\nx\r\n'.repeat(500),
  'body-too-large',
  200,
);
test(
  'headers of a 103',
  flood,
  'HTTP/1.1 103 Early\r\n',
  `link: ${'y'.repeat(1000)}\r\n`,
  'headers-too-large',
  null,
);

const raw = test.macro({
  exec: async (
    t,
    bytes: string,
    error: FailureCode | null,
    status: number | null,
    size: number | null,
    options: FetchUrlsOptions = {},
  ) => {
    const server = await rawServer(t, (socket) => socket.end(bytes, 'latin1'));
    const result = await fetchOne(server.url, options);
    t.deepEqual([result.error, result.status, result.bytes], [error, status, size]);
    await server.closed();
  },
  title: (name) => `a reply with ${name}`,
});

test(
  'folded header lines',
  raw,
  `${ok}x: a\r\n b\r\ncontent-length: 0\r\n\r\n`,
  'http-malformed',
  null,
  null,
  { strict: true },
);
test(
  'an escape in a header',
  raw,
  `${ok}x: \u001b[2J\r\ncontent-length: 0\r\n\r\n`,
  'http-malformed',
  null,
  null,
  { strict: true },
);
test(
  '204 and chunks',
  raw,
  'HTTP/1.1 204 No\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
  null,
  204,
  0,
);
test('103 and then nothing', raw, 'HTTP/1.1 103 Early\r\n\r\n', 'http-closed', null, null);
test('103 and then another protocol', raw, 'HTTP/1.1 103 Early\r\n\r\nSSH-2.0', 'http-malformed', null, null);
test('a status of four digits', raw, 'HTTP/1.1 2000 OK\r\n\r\n', 'http-malformed', null, null);
test('a status of 0', raw, 'HTTP/1.1 000 OK\r\ncontent-length: 0\r\n\r\n', 'http-malformed', null, null);
test('a status below 100', raw, 'HTTP/1.1 099 OK\r\ncontent-length: 0\r\n\r\n', 'http-malformed', null, null);
test('101 alone', raw, 'HTTP/1.1 101 X\r\n\r\n', 'http-malformed', null, null);
test(
  '101 and an upgrade that nobody asked for',
  raw,
  'HTTP/1.1 101 X\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n\0\0',
  'http-malformed',
  null,
  null,
);
test(
  '101 that names no connection option',
  raw,
  'HTTP/1.1 101 X\r\nupgrade: h2c\r\ncontent-length: 2\r\n\r\nok',
  'http-malformed',
  null,
  null,
);
test(
  '101 after 103, and a reply behind it',
  raw,
  `HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 101 X\r\n\r\n${ok}content-length: 2\r\n\r\nok`,
  'http-malformed',
  null,
  null,
);
test('101 of HTTP/1.0', raw, 'HTTP/1.0 101 X\r\n\r\n', 'http-malformed', null, null);
test(
  'an offer to upgrade, which is no upgrade',
  raw,
  `${ok}connection: upgrade\r\nupgrade: h2c\r\ncontent-length: 2\r\n\r\nok`,
  null,
  200,
  2,
);
test(
  'a length beyond all integers',
  raw,
  `${ok}content-length: 99999999999999999999999\r\n\r\n`,
  'http-malformed',
  null,
  null,
  { strict: true },
);
test(
  'a length that a double does not hold',
  raw,
  `${ok}content-length: 9007199254740993\r\n\r\nx`,
  'body-too-large',
  200,
  null,
);
test('a length in hexadecimal', raw, `${ok}content-length: 0x5\r\n\r\nhello`, 'http-malformed', null, null, {
  strict: true,
});
test(
  'two lengths in one header',
  raw,
  `${ok}content-length: 5, 5\r\n\r\nhello`,
  'http-malformed',
  null,
  null,
  { strict: true },
);
test(
  'a negative chunk size',
  raw,
  `${ok}transfer-encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n`,
  'http-malformed',
  200,
  null,
);

for (const method of ['HEAD', 'POST', 'OPTIONS']) {
  test(`101 is no reply to ${method} either`, async (t) => {
    const { url } = await rawServer(t, (socket) => socket.write('HTTP/1.1 101 X\r\n\r\n'));
    t.is((await fetchOne(url, { method })).error, 'http-malformed');
  });
}

test('101 on a connection that had worked', async (t) => {
  const server = await rawServer(t, (socket, request) => {
    if (request.startsWith('GET /1 ')) socket.write('HTTP/1.1 101 X\r\n\r\n');
    else socket.write(`${ok}content-length: 2\r\n\r\nok`);
  });
  const urls = Array.from({ length: 3 }, (_, i) => `${server.url}/${i}`);
  const results = await fetchAll(urls, { concurrency: 1 });
  t.deepEqual(
    results.map(({ error }) => error),
    [null, 'http-malformed', null],
  );
});

test('103 before a redirect does not hide it', async (t) => {
  const server = await rawServer(t, (socket, request) => {
    const early = 'HTTP/1.1 103 Early\r\nlocation: /wrong\r\nset-cookie: a=1\r\n\r\n';
    if (request.startsWith('GET / ')) socket.end(`${early}HTTP/1.1 302 Found\r\nlocation: /to\r\n\r\n`);
    else socket.end(`${early}${ok}content-length: 2\r\n\r\nok`);
  });
  const { status, url, bytes } = await fetchOne(server.url);
  t.deepEqual({ status, url, bytes }, { status: 200, url: `${server.url}/to`, bytes: 2 });
});

test('103 before a reply to HEAD', async (t) => {
  const { url } = await rawServer(t, (socket) => {
    socket.end(`HTTP/1.1 103 Early\r\n\r\n${ok}content-length: 100\r\n\r\n`);
  });
  const { status, error, bytes } = await fetchOne(url, { method: 'HEAD' });
  t.deepEqual({ status, error, bytes }, { status: 200, error: null, bytes: 0 });
});

test('a body after a reply to HEAD is not taken for the next reply', async (t) => {
  const { url } = await rawServer(t, (socket) => {
    socket.write(`${ok}content-length: 60\r\n\r\nHTTP/1.1 500 Smuggled\r\ncontent-length: 0\r\n\r\n`);
  });
  const results = await fetchAll([url, url, url], { method: 'HEAD', concurrency: 1 });
  for (const { status, error } of results) t.true(status === 200 && error === null, `${status} ${error}`);
});

test('a reply to what was not asked yet is not taken for the next one', async (t) => {
  const server = await rawServer(t, (socket, request) => {
    socket.write(`${ok}content-length: 2\r\n\r\nok`);
    // Some servers do this before they close an idle connection.
    if (request.startsWith('GET /1 ')) {
      setImmediate(() => socket.end('HTTP/1.1 408 Timeout\r\ncontent-length: 0\r\n\r\n'));
    }
  });
  const urls = Array.from({ length: 6 }, (_, i) => `${server.url}/${i}`);
  const results = await fetchAll(urls, { concurrency: 1 });
  for (const { status, error } of results) t.true(status === 200 && error === null, `${status} ${error}`);
});

if ('zstdCompressSync' in zlib) {
  test('a small body that would unpack to 50 MB is body-too-large: zstd', async (t) => {
    const encoded = (zlib as unknown as { zstdCompressSync: (data: Buffer) => Buffer }).zstdCompressSync(
      Buffer.alloc(50_000_000),
    );
    const { url } = await httpServer(t, (_, response) => {
      response.writeHead(200, { 'content-encoding': 'zstd' }).end(encoded);
    });
    const { error, status, bytes } = await fetchOne(url, { maxBody: '1MB' });
    t.deepEqual({ error, status, bytes }, { error: 'body-too-large', status: 200, bytes: null });
  });
}
