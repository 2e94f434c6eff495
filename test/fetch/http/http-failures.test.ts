import test from 'ava';

import type { FetchUrlsOptions } from '../../../src/job/fetch-urls.ts';
import type { FailureCode } from '../../../src/shared/failures.ts';
import { fetchAll, fetchOne, meanwhile } from '../../helpers/fetch.ts';
import { httpServer, rawServer } from '../../helpers/server.ts';

const ok = 'HTTP/1.1 200 OK\r\n';

/** Strict mode: what browsers tolerate is tested in careless-servers.test.ts. */
const strict = { strict: true };

/** The server sends these bytes and closes the connection. */
const sent = test.macro({
  exec: async (
    t,
    bytes: string,
    error: FailureCode,
    status: number | null,
    options: FetchUrlsOptions = {},
  ) => {
    const server = await rawServer(t, (socket) => socket.end(bytes, 'latin1'));
    const result = await fetchOne(server.url, options);
    t.deepEqual({ error: result.error, status: result.status }, { error, status });
    t.not(result.detail, '');
    t.is(result.bytes, null);
    t.deepEqual({ ...result.values }, {});
    await server.closed();
  },
  title: (name) => `a server that sends ${name}`,
});

/** The server sends these bytes and then nothing, but keeps the connection open. */
const sentAndOpen = test.macro({
  exec: async (t, bytes: string, error: FailureCode, status: number | null) => {
    const server = await rawServer(t, (socket) => void socket.write(bytes, 'latin1'));
    const result = await fetchOne(server.url);
    t.deepEqual({ error: result.error, status: result.status }, { error, status });
    await server.closed();
  },
  title: (name) => `a server that sends ${name}, and keeps the connection open`,
});

test('the banner of another protocol', sent, 'SSH-2.0-OpenSSH_9.2\r\n', 'http-malformed', null);
test('the banner of another protocol', sentAndOpen, 'SSH-2.0-OpenSSH_9.2\r\n', 'http-malformed', null);
test('HTTP/0.9', sent, '<html>hello</html>', 'http-malformed', null);
test('another version of HTTP', sent, 'HTTP/9.9 200 OK\r\n\r\n', 'http-malformed', null);
test('a status of two digits', sent, 'HTTP/1.1 20 OK\r\n\r\n', 'http-malformed', null);
test('line ends without CR', sent, 'HTTP/1.1 200 OK\ncontent-length: 0\n\n', 'http-malformed', null, strict);
test('NUL in a header', sent, `${ok}x: a\0b\r\n\r\n`, 'http-malformed', null);
test('a header without a colon', sent, `${ok}nonsense\r\n\r\n`, 'http-malformed', null, strict);
test('a space before the colon', sent, `${ok}x : y\r\n\r\n`, 'http-malformed', null, strict);
test('a length that is no number', sent, `${ok}content-length: ten\r\n\r\n`, 'http-malformed', null, strict);
test('a negative length', sent, `${ok}content-length: -1\r\n\r\n`, 'http-malformed', null, strict);
test(
  'two lengths that contradict each other',
  sent,
  `${ok}content-length: 1\r\ncontent-length: 2\r\n\r\nab`,
  'http-malformed',
  null,
);
test(
  'its length twice',
  sent,
  `${ok}content-length: 1\r\ncontent-length: 1\r\n\r\na`,
  'http-malformed',
  null,
  strict,
);
test(
  'a length and chunks',
  sent,
  `${ok}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
  'http-malformed',
  null,
  strict,
);
test(
  '101 Switching Protocols, unasked',
  sent,
  'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
  'http-malformed',
  null,
);
test(
  'a broken chunk size',
  sentAndOpen,
  `${ok}transfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n`,
  'http-malformed',
  200,
);
test(
  'a chunk size beyond all bounds',
  sentAndOpen,
  `${ok}transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\nhello\r\n`,
  'http-malformed',
  200,
);

test('nothing', sent, '', 'http-closed', null);
test('half a status line', sent, 'HTTP/1.1 2', 'http-closed', null);
test('half of the headers', sent, `${ok}content-type: text/ht`, 'http-closed', null);

const short = (headers: string, body: string): string => `HTTP/1.1 206 Part\r\n${headers}\r\n\r\n${body}`;
test('less than its content-length', sent, short('content-length: 10', 'hello'), 'http-truncated', 206);
test(
  'less than its content-length and says that it closes',
  sent,
  short('connection: close\r\ncontent-length: 10', 'hello'),
  'http-truncated',
  206,
);
test('none of its content-length', sent, short('content-length: 10', ''), 'http-truncated', 206);
test(
  'chunks without their end',
  sent,
  short('transfer-encoding: chunked', '5\r\nhello\r\n'),
  'http-truncated',
  206,
);
test('half a chunk', sent, short('transfer-encoding: chunked', '5\r\nhel'), 'http-truncated', 206);
test(
  'half a chunk and says that it closes',
  sent,
  short('connection: close\r\ntransfer-encoding: chunked', '5\r\nhel'),
  'http-truncated',
  206,
);

const reset = test.macro({
  exec: async (t, headers: string) => {
    const server = await rawServer(t, (socket) => {
      socket.write(short(headers, '5\r\nhello'));
      // Only after the client has read that: to libuv, a reset right behind data looks like an ordinary end.
      meanwhile(t).then(() => socket.resetAndDestroy(), t.fail);
    });
    const { error, status } = await fetchOne(server.url);
    t.deepEqual({ error, status }, { error: 'http-truncated', status: 206 });
  },
  title: (name) => `a server that resets the connection within ${name}`,
});

test('a body of known length', reset, 'content-length: 100');
test(
  'a body of known length that ends with the connection',
  reset,
  'connection: close\r\ncontent-length: 100',
);
test('a chunked body', reset, 'transfer-encoding: chunked');
test(
  'a chunked body that ends with the connection',
  reset,
  'connection: close\r\ntransfer-encoding: chunked',
);
// The end of the connection is the end of the body, but a reset is not an ordinary end.
test('a body of unknown length', reset, 'content-type: text/plain');

const header = test.macro({
  exec: async (t, size: number, error: FailureCode | null, status: number | null) => {
    const server = await rawServer(t, (socket) => {
      socket.end(`${ok}content-length: 0\r\nx: ${'a'.repeat(size)}\r\n\r\n`);
    });
    const result = await fetchOne(server.url);
    t.deepEqual({ error: result.error, status: result.status }, { error, status });
  },
  title: (name) => `response headers: ${name}`,
});

test('250 KiB are taken', header, 250 * 1024, null, 200);
test('more than 256 KiB are headers-too-large', header, 257 * 1024, 'headers-too-large', null);

test('very many small response headers are headers-too-large', async (t) => {
  const server = await rawServer(t, (socket) => {
    socket.end(`${ok}${Array.from({ length: 50_000 }, (_, i) => `x-${i}: y\r\n`).join('')}\r\n`);
  });
  t.is((await fetchOne(server.url)).error, 'headers-too-large');
});

test('endless response headers are headers-too-large', async (t) => {
  const server = await rawServer(t, (socket) => {
    // After a failed write, further writes fail within the same turn of the event loop, so this would never
    // end.
    const more = (failure?: Error | null): void => {
      if (!failure && !socket.destroyed) socket.write(`x: ${'a'.repeat(1000)}\r\n`, more);
    };
    socket.write(ok, more);
  });
  t.is((await fetchOne(server.url)).error, 'headers-too-large');
  await server.closed();
});

test('what a server sends beyond the length of its body is not taken for the next reply', async (t) => {
  const next = 'HTTP/1.1 500 Smuggled\r\ncontent-length: 0\r\n\r\n';
  const server = await rawServer(t, (socket, request) => {
    const first = request.startsWith('GET /1 ');
    socket.write(`${ok}content-length: 2\r\n\r\nok${first ? next : ''}`);
  });
  const urls = [1, 2, 3].map((path) => `${server.url}/${path}`);
  const results = await fetchAll(urls, { concurrency: 1 });
  for (const { status, error } of results) t.true(status === 200 && error === null, `${status} ${error}`);
});

test('failures of some replies leave those of the others alone', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/reset') response.socket?.resetAndDestroy();
    else if (url === '/garbage') response.socket?.end('garbage');
    else response.end();
  });
  const paths = ['/ok', '/reset', '/garbage'];
  const urls = Array.from({ length: 150 }, (_, i) => server.url + paths[i % 3]);
  const results = await fetchAll(urls, { concurrency: 6 });
  const count = (wanted: FailureCode | null): number =>
    results.filter(({ error }) => error === wanted).length;
  t.deepEqual([count(null), count('connect-reset'), count('http-malformed')], [50, 50, 50]);
});
