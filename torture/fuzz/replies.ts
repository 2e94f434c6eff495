import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';

import { mutateBytes, numbersOf, one, tokenOf } from './mutation.ts';
import type { Below } from './mutation.ts';

/** What the server does with the connection after a reply. */
export type Ending = 'keep' | 'end' | 'reset';

export interface Reply {
  readonly bytes: Buffer;
  /** Offsets at which it is cut into segments. A reply that is cut is the only one of its connection. */
  readonly cuts: readonly number[];
  readonly ending: Ending;
}

/** A correct reply. */
export function rightReply(token: string): Buffer {
  return withLength('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n', token);
}

function withLength(head: string, body: string | Buffer): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([Buffer.from(`${head}Content-Length: ${bytes.length}\r\n\r\n`, 'latin1'), bytes]);
}

function chunked(body: string): string {
  const half = body.length >> 1;
  const [first, second] = [body.slice(0, half), body.slice(half)];
  return `${half.toString(16)};name="value"\r\n${first}\r\n${second.length.toString(16)}\r\n${second}\r\n0\r\nX-Trailer: ${body}\r\n\r\n`;
}

/** Replies of every kind in RFC 9112, and some that it merely tolerates. */
const corpus: readonly ((token: string) => Buffer | string)[] = [
  rightReply,
  (token) => `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Trailer\r\n\r\n${chunked(token)}`,
  (token) => `HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${token}`,
  (token) => `HTTP/1.0 200 OK\r\n\r\n${token}`,
  (token) =>
    `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </${token}>\r\n\r\n${String(rightReply(token))}`,
  (token) => `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n${token}`,
  (token) => `HTTP/1.1 204 No Content\r\nX-Token: ${token}\r\n\r\n`,
  (token) => `HTTP/1.1 304 Not Modified\r\nETag: "${token}"\r\nContent-Length: 100\r\n\r\n`,
  (token) => withLength('HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n', gzipSync(token)),
  (token) => withLength('HTTP/1.1 200 OK\r\nContent-Encoding: deflate\r\n', deflateSync(token)),
  (token) => withLength('HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n', brotliCompressSync(token)),
  (token) => withLength(`HTTP/1.1 302 Found\r\nLocation: /right/${token}\r\n`, ''),
  (token) =>
    withLength(`HTTP/1.1 301 Moved\r\nLocation: ?\t%zz${token}\r\nLocation: http://[::1/\r\n`, token),
  (token) =>
    withLength(`HTTP/1.1 200 OK\r\nSet-Cookie: a=${token}; Path=/; Max-Age=-1\r\nSet-Cookie: ;=;\r\n`, token),
  (token) => withLength('HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\n', token),
  (token) => withLength(`HTTP/1.1 200 OK\r\nX-Folded: a\r\n ${token}\r\n`, token),
  (token) => withLength(`HTTP/1.1 200 OK\r\n${`X-Many: ${token}\r\n`.repeat(60)}`, token),
  (token) => Buffer.concat([rightReply(token), rightReply(token)]),
  (token) =>
    `HTTP/1.1 200 OK\r\nContent-Length: ${token.length}\r\nTransfer-Encoding: chunked\r\n\r\n${chunked(token)}`,
];

const numbers = [
  '-1',
  '0',
  '+5',
  '0x10',
  ' 7 ',
  '1e3',
  '4294967296',
  '18446744073709551616',
  '9'.repeat(40),
  '',
  'NaN',
];
const headers = [
  'Content-Length: 3',
  'Content-Length: 3, 4',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: gzip, chunked',
  'Transfer-Encoding: identity',
  'Upgrade: h2c',
  'Connection: upgrade',
  'Connection: close, keep-alive',
  'Keep-Alive: timeout=0',
  'Content-Encoding: gzip, gzip, br',
  'Retry-After: -1',
  'Location: //',
];

/** Mutations that know the structure of a reply; the text is latin1. */
const changes: readonly ((text: string, below: Below) => string)[] = [
  (text, below) => replaceOne(text, /\r\n/g, one(below, ['\n', '\r', '\n\r', '', '\r\r\n']), below),
  (text, below) => replaceOne(text, /\d+/g, one(below, numbers), below),
  (text, below) =>
    text.replace(/^(HTTP\/1\.\d) \d+/, `$1 ${one(below, [101, 100, 103, 204, 205, 304, below(10_000)])}`),
  (text, below) => text.replace('\r\n', `\r\n${one(below, headers)}\r\n`),
  (text, below) => replaceOne(text, /^[^\r\n]*\r\n/gm, (line) => line.repeat(1 + below(200)), below),
];

function replaceOne(
  text: string,
  pattern: RegExp,
  by: string | ((found: string) => string),
  below: Below,
): string {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return text;
  const { index, 0: part } = one(below, found);
  return text.slice(0, index) + (typeof by === 'string' ? by : by(part)) + text.slice(index + part.length);
}

/** The reply to a row: one of the corpus, or two spliced, with up to two mutations. */
export function replyTo(seed: number, row: number): Reply {
  const below = numbersOf(seed, row);
  const token = tokenOf(seed, row);
  let bytes: Buffer = Buffer.from(one(below, corpus)(token));
  if (below(8) === 0) {
    const other = Buffer.from(one(below, corpus)(token));
    bytes = Buffer.concat([bytes.subarray(0, below(bytes.length)), other.subarray(below(other.length))]);
  }
  for (let left = below(3); left > 0; left--) {
    bytes =
      below(2) === 0
        ? mutateBytes(bytes, below)
        : Buffer.from(one(below, changes)(bytes.toString('latin1'), below), 'latin1');
  }
  const cuts = isCut(row) ? Array.from({ length: 1 + below(4) }, () => below(bytes.length + 1)) : [];
  return {
    bytes,
    cuts: cuts.toSorted((a, b) => a - b),
    ending: one(below, ['keep', 'keep', 'end', 'reset']),
  };
}

/** Every fourth reply is cut into segments. */
export function isCut(row: number): boolean {
  return row % 4 === 0;
}
