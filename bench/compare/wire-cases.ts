import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';

/** A server's reply to one path. */
export interface WireCase {
  /** The path without its slash, and the name in the table. */
  readonly name: string;
  readonly reply: Buffer;
  /** Whether the server closes the connection after the reply. */
  readonly ends: boolean;
}

type Framing = 'length' | 'chunked' | 'close';

const body = 'a page of forty-two bytes, not one more !\n';
const framings: readonly Framing[] = ['length', 'chunked', 'close'];

/**
 * Replies as careless and hostile servers send them, after public bug reports of HTTP clients. Some are
 * correct.
 */
export function wireCases(): WireCase[] {
  return [
    ...each('status-line', statusLines, (line) => framings.map((framing) => reply(framing, [], line))),
    ...each('header', headers, (header) => framings.map((framing) => reply(framing, [header]))),
    ...each('length', lengths, (value) => [
      headed(`HTTP/1.1 200 OK\r\nContent-Length:${value}\r\n\r\n${body}`),
    ]),
    ...each('framing', framingHeaders, (lines) => [
      headed(`HTTP/1.1 200 OK\r\n${lines}\r\n${chunks(body)}`, true),
      headed(`HTTP/1.1 200 OK\r\n${lines}\r\n${body}`, true),
    ]),
    ...each('chunks', chunked, (text) => [
      headed(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${text}`, false),
      headed(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${text}`, true),
    ]),
    ...each('line-ends', lineEnds, ([first, second, last]) =>
      [true, false].map((ends) =>
        headed(
          `HTTP/1.1 200 OK${first}Content-Type: text/plain${second}Content-Length: 42${last}${body}`,
          ends,
        ),
      ),
    ),
    ...each('coding', codings, ([name, bytes]) => [
      withBody(`Content-Encoding: ${name}\r\n`, bytes, false),
      withBody(`Content-Encoding: ${name}\r\n`, bytes, true),
    ]),
    ...each('location', locations, (location) => [
      headed(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`),
      headed(`HTTP/1.1 301 Moved\r\nContent-Length: 4\r\nLocation: ${location}\r\n\r\nmove`),
    ]),
    ...each('before', before, (text) => [
      headed(`${text}HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n${body}`, true),
    ]),
    ...each('statuses', statuses, (status) => [
      headed(`HTTP/1.1 ${status} Word\r\nContent-Length: 42\r\n\r\n${body}`, true),
    ]),
    ...each('whole', whole, (text) => [headed(text, true)]),
  ];
}

interface Bytes {
  readonly reply: Buffer;
  readonly ends: boolean;
}

function each<Part>(
  kind: string,
  parts: readonly Part[],
  bytesOf: (part: Part) => readonly Bytes[],
): WireCase[] {
  return parts.flatMap((part, index) =>
    bytesOf(part).map(({ reply: bytes, ends }, way) => ({
      name: `${kind}-${index + 1}-${way + 1}`,
      reply: bytes,
      ends,
    })),
  );
}

/** A reply given as latin1 text, one byte per character. */
function headed(text: string, ends = false): Bytes {
  return { reply: Buffer.from(text, 'latin1'), ends };
}

function reply(framing: Framing, lines: readonly string[], statusLine = 'HTTP/1.1 200 OK'): Bytes {
  const all = [statusLine, 'Content-Type: text/html', ...lines];
  if (framing === 'length') return headed(`${[...all, 'Content-Length: 42'].join('\r\n')}\r\n\r\n${body}`);
  if (framing === 'close') return headed(`${all.join('\r\n')}\r\n\r\n${body}`, true);
  return headed(`${[...all, 'Transfer-Encoding: chunked'].join('\r\n')}\r\n\r\n${chunks(body)}`);
}

function withBody(lines: string, bytes: Buffer, ends: boolean): Bytes {
  const length = ends ? '' : `Content-Length: ${bytes.length}\r\n`;
  return { reply: Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${lines}${length}\r\n`), bytes]), ends };
}

function chunks(text: string): string {
  return `10\r\n${text.slice(0, 16)}\r\n${(text.length - 16).toString(16)}\r\n${text.slice(16)}\r\n0\r\n\r\n`;
}

const statusLines = [
  'HTTP/1.1 200 OK',
  'HTTP/1.1 200',
  'HTTP/1.1 200 ',
  'HTTP/1.1  200 OK',
  'HTTP/1.1 200OK',
  'HTTP/1.1\t200 OK',
  'HTTP/1.0 200 OK',
  'HTTP/1 200 OK',
  'HTTP/1.2 200 OK',
  'HTTP/0.9 200 OK',
  'HTTP/2 200',
  'HTTP/2.0 200 OK',
  'http/1.1 200 OK',
  'Http/1.1 200 Ok',
  'HTTP/1.1 200 \u00fcberall gut',
  'HTTP/1.1 200 OK: fine',
  'HTTP/1.1 200 O\x00K',
  'HTTP/1.1 0200 OK',
  'HTTP/1.1 20 OK',
  'HTTP/1.1 2000 OK',
  'HTTP/1.1 abc OK',
  'HTTP/1.1',
  'HTTP/11 200 OK',
  'HTTP 200 OK',
  'ICY 200 OK',
  ' HTTP/1.1 200 OK',
  `HTTP/1.1 200 ${'long '.repeat(2000)}`,
];

const headers = [
  'X-A: b',
  'X-A:b',
  'X-A:',
  'X-A : b',
  'X A: b',
  'X-A\t: b',
  'X(A): b',
  'X-\u00fc: b',
  'X-A: \u00fc',
  'X-A: a\x01b',
  'X-A: a\x00b',
  'X-A: a\x7fb',
  'X-A: a\rb',
  'X-A: a\tb',
  'no colon at all',
  ': without a name',
  'X-A: folded\r\n over two',
  'X-A: folded\r\n\tby a tab',
  '\tX-A: begins with a tab',
  'X-A: b\r\n \r\nX-C: d',
  'HTTP/1.1 200 OK',
  '<html>: no header',
  `X-A: ${'a'.repeat(70_000)}`,
  `${'X-Many: 1\r\n'.repeat(150)}X-A: b`,
  'Set-Cookie: a=b\r\nSet-Cookie: c=\x01d',
  'Connection: keep-alive, close',
  'Connection: Upgrade\r\nUpgrade: h2c',
  'Keep-Alive: timeout=-1',
  'Content-Type:',
  'Content-Type: text/html\r\nContent-Type: text/plain',
  'Date: yesterday',
  'Trailer: X-A',
  'Proxy-Connection: close',
];

const lengths = [
  ' 42',
  '42',
  '\t42',
  ' 42 ',
  ' 042',
  ' +42',
  ' -42',
  ' 42, 42',
  ' 42\r\nContent-Length: 42',
  ' 42\r\nContent-Length: 41',
  ' 42, 41',
  ' 42 bytes',
  ' 4 2',
  ' 42.0',
  ' 0x2a',
  ' 42;',
  ' "42"',
  '',
  ' abc',
  ' 43',
  ' 41',
  ' 99999999999999999999',
  ' \xb2',
];

const framingHeaders = [
  'Transfer-Encoding: chunked\r\n',
  'transfer-encoding: CHUNKED\r\n',
  'Transfer-Encoding: identity\r\n',
  'Transfer-Encoding: identity\r\nContent-Length: 42\r\n',
  'Transfer-Encoding: identity, chunked\r\n',
  'Transfer-Encoding: chunked, identity\r\n',
  'Transfer-Encoding: chunked, chunked\r\n',
  'Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n',
  'Transfer-Encoding: gzip\r\n',
  'Transfer-Encoding: gzip, chunked\r\n',
  'Transfer-Encoding: chunked\r\nContent-Length: 42\r\n',
  'Content-Length: 42\r\nTransfer-Encoding: chunked\r\n',
  'Transfer-Encoding: xchunked\r\n',
  'Transfer-Encoding: "chunked"\r\n',
  'Transfer-Encoding: chunked;q=1\r\n',
  'Transfer-Encoding:\r\n',
  'Transfer-Encoding: ,chunked\r\n',
  'Transfer-Encoding : chunked\r\n',
  'Transfer-Encoding:\tchunked\r\n',
  'Transfer-Encoding: chunked \r\n',
  'Transfer-Encoding: \x0bchunked\r\n',
  'Transfer-Encoding: none\r\n',
];

const chunked = [
  chunks(body),
  `2a\r\n${body}\r\n0\r\n\r\n`,
  `2A\r\n${body}\r\n0\r\n\r\n`,
  `0000000002a\r\n${body}\r\n0\r\n\r\n`,
  `2a \r\n${body}\r\n0 \r\n\r\n`,
  ` 2a\r\n${body}\r\n0\r\n\r\n`,
  `2a\t\r\n${body}\r\n0\r\n\r\n`,
  `2a;name=value\r\n${body}\r\n0;last\r\n\r\n`,
  `2a;name="a;b\\"c"\r\n${body}\r\n0\r\n\r\n`,
  `2a ; name = value\r\n${body}\r\n0\r\n\r\n`,
  `2a;\x01\r\n${body}\r\n0\r\n\r\n`,
  `2a;a\nb\r\n${body}\r\n0\r\n\r\n`,
  `2a\n${body}\n0\n\n`,
  `2a\r\n${body}\n0\r\n\r\n`,
  `2a\r\n${body}0\r\n\r\n`,
  `2a\r\n${body}xx\r\n0\r\n\r\n`,
  `2a\r${body}\r\n0\r\n\r\n`,
  `0x2a\r\n${body}\r\n0\r\n\r\n`,
  `+2a\r\n${body}\r\n0\r\n\r\n`,
  `-2a\r\n${body}\r\n0\r\n\r\n`,
  `\r\n2a\r\n${body}\r\n0\r\n\r\n`,
  `2a bytes\r\n${body}\r\n0\r\n\r\n`,
  `2a,\r\n${body}\r\n0\r\n\r\n`,
  `2a\r\n${body}\r\n`,
  `2a\r\n${body}\r\n0\r\n`,
  `2a\r\n${body}\r\n0`,
  `2a\r\n${body}\r\n00\r\n\r\n`,
  `2a\r\n${body}\r\n0\r\nX-Trailer: 1\r\n\r\n`,
  `2a\r\n${body}\r\n0\r\nno colon\r\n\r\n`,
  `2a\r\n${body}\r\n0\r\nX-A: \x01\r\n\r\n`,
  `2a\r\n${body}\r\n0\r\nX-A: 1\n\n`,
  `2a\r\n${body.slice(0, 20)}`,
  'fffffffffffffffff\r\nmuch\r\n0\r\n\r\n',
  `${Array.from(body, (letter) => letter)
    .map((letter) => `1\r\n${letter}\r\n`)
    .join('')}0\r\n\r\n`,
  '0\r\n\r\n',
  `not a size\r\n${body}\r\n0\r\n\r\n`,
];

const lineEnds: readonly (readonly [string, string, string])[] = [
  ['\r\n', '\r\n', '\r\n\r\n'],
  ['\n', '\n', '\n\n'],
  ['\n', '\r\n', '\r\n\r\n'],
  ['\r\n', '\n', '\r\n\r\n'],
  ['\r\n', '\r\n', '\n\n'],
  ['\r\n', '\r\n', '\r\n\n'],
  ['\r\n', '\r\n', '\n\r\n'],
  ['\r\r\n', '\r\n', '\r\n\r\n'],
  ['\r\n', '\r\r\n', '\r\n\r\n'],
  ['\r\n', '\r\n', '\r\r\n\r\n'],
  ['\r', '\r', '\r\r'],
];

const page = Buffer.from(body);
const junk = Buffer.from('junk behind the end');
const zeros = Buffer.alloc(64);
const gzip = gzipSync(page);
const codings: readonly (readonly [string, Buffer])[] = [
  ['gzip', gzip],
  ['GZIP', gzip],
  ['x-gzip', gzip],
  ['gzip ', gzip],
  ['gzip,', gzip],
  ['gzip, gzip', gzipSync(gzip)],
  ['gzip\r\nContent-Encoding: gzip', gzipSync(gzip)],
  ['deflate', deflateSync(page)],
  ['deflate', deflateRawSync(page)],
  ['br', brotliCompressSync(page)],
  ['deflate, gzip', gzipSync(deflateSync(page))],
  ['identity', page],
  ['none', page],
  ['utf-8', page],
  ['binary', page],
  ['8bit', page],
  ['', page],
  ['gzip', page],
  ['br', page],
  ['deflate', page],
  ['gzip', Buffer.concat([gzip, junk])],
  ['gzip', Buffer.concat([gzip, zeros])],
  ['gzip', Buffer.concat([gzip, gzip])],
  ['gzip', gzip.subarray(0, -8)],
  ['gzip', gzip.subarray(0, -1)],
  ['gzip', gzip.subarray(0, 20)],
  ['gzip', Buffer.concat([gzip.subarray(0, -8), zeros.subarray(0, 8)])],
  ['gzip', Buffer.alloc(0)],
  ['br', Buffer.concat([brotliCompressSync(page), junk])],
  ['deflate', Buffer.concat([deflateSync(page), junk])],
];

const locations = [
  '/right',
  'right',
  './right',
  '?right',
  '#right',
  '//HOST/right',
  'http://HOST/right',
  'HTTP://HOST/right',
  'http:/right',
  'http:right',
  'http:\\\\HOST\\right',
  '/right#part',
  '/a/../right',
  '/r ight',
  '/caf\xe9',
  '/caf\xc3\xa9',
  '/\xa4?q=\xe9',
  '/%zz',
  '/%e9',
  '/a%20b',
  '/a|b',
  '/"a"',
  '/<a>',
  '/[a]',
  '/a\tb',
  '/right\r\nLocation: /wrong',
  '/right\r\nLocation: /right',
  '',
  ' ',
  'ftp://HOST/right',
  'mailto:a@b.test',
  'javascript:alert(1)',
  'http://',
  'http://[::1',
  'http://HOST:0x1/',
  'data:text/plain,right',
  '/right, /wrong',
  '<a href="/right">/right</a>',
  '\x01/right',
  '/right\x01',
];

const before = [
  '\r\n',
  '\n',
  '\r\n\r\n\r\n',
  ' ',
  'junk\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 100 Continue\r\nX-A: b\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n',
  'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n',
  'HTTP/1.1 199 Odd\r\n\r\n',
  'HTTP/1.1 100 Continue\r\nContent-Length: 3\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
];

const statuses = [
  '200',
  '201',
  '202',
  '203',
  '206',
  '207',
  '226',
  '299',
  '300',
  '305',
  '306',
  '399',
  '400',
  '401',
  '402',
  '403',
  '404',
  '405',
  '406',
  '409',
  '410',
  '411',
  '412',
  '414',
  '415',
  '416',
  '418',
  '422',
  '426',
  '428',
  '431',
  '451',
  '499',
  '501',
  '505',
  '507',
  '511',
  '520',
  '522',
  '530',
  '599',
  '600',
  '799',
  '999',
  '099',
  '000',
];

const whole = [
  '',
  '\r\n\r\n',
  'HTTP',
  'HTTP/1.1 200 OK',
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 42\r\n',
  'HTTP/1.1 200 OK\r\n\r\n',
  'HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n',
  'HTTP/1.1 204 No Content\r\n\r\n',
  'HTTP/1.1 204 No Content\r\nContent-Length: 42\r\n\r\n',
  'HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 304 Not Modified\r\nContent-Length: 42\r\n\r\n',
  'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n',
  '<html>a page without any header</html>',
  'SSH-2.0-OpenSSH_9.2\r\n',
  '220 smtp.test ESMTP\r\n',
  '\x16\x03\x01\x02',
  `HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n${body}HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n`,
  `HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n${body}junk`,
  `HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n${body}\r\n`,
  `\u00ef\u00bb\u00bfHTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\n${body}`,
];
