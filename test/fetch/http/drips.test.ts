import zlib from 'node:zlib';

import test from 'ava';

import type { FailureCode } from '../../../src/shared/failures.ts';
import { fetchOne } from '../../helpers/fetch.ts';
import { givenTime } from '../../helpers/given-time.ts';
import { rawServer } from '../../helpers/server.ts';

const ok = 'HTTP/1.1 200 OK\r\n';

/** The server sends `head`, and then `drop` every 20 ms. */
const stops = test.macro({
  exec: async (t, head: string, drop: string, error: FailureCode, status: number | null) => {
    const server = await rawServer(t, (socket) => {
      socket.write(head, 'latin1');
      const drip = setInterval(() => socket.write(drop, 'latin1'), 20);
      socket.once('close', () => clearInterval(drip));
    });
    const result = await givenTime(
      async (timeout) => ({ timeout, ...(await fetchOne(server.url, { timeout })) }),
      (one) => one.error === error && one.status === status,
    );
    t.deepEqual([result.error, result.status], [error, status]);
    t.true((result.ms ?? 0) >= result.timeout - 2);
    await server.closed();
  },
  title: (name) => `drips do not move the deadline: ${name}`,
});

const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`;
test('the status line', stops, 'HTTP/1.1 200 ', 'O', 'headers-timeout', null);
test('much of a status line', stops, 'HTTP/1.1 200 ', 'O'.repeat(4096), 'headers-timeout', null);
test('much of a chunk extension', stops, `${chunked}5;`, 'x'.repeat(4096), 'body-timeout', 200);
test('100 Continue', stops, '', 'HTTP/1.1 100 Continue\r\n\r\n', 'headers-timeout', null);
test('chunks', stops, chunked, '1\r\nx\r\n', 'body-timeout', 200);
test('a chunk size', stops, chunked, '0', 'body-timeout', 200);
test('trailers', stops, `${chunked}0\r\n`, 'x: y\r\n', 'body-timeout', 200);
const gzipHead = zlib.gzipSync('').subarray(0, 10).toString('latin1');
test('gzip', stops, `${ok}content-encoding: gzip\r\n\r\n${gzipHead}`, '\0', 'body-timeout', 200);
