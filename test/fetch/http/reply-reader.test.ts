import test from 'ava';

import { ReplyReader } from '../../../src/fetch/http/reply-reader.ts';

const ok = 'HTTP/1.1 200 OK\r\n';
const okay = `${ok}content-length: 2\r\n\r\nok`;
const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`;

/** What a reader found in a reply. */
interface Seen {
  readonly reader: ReplyReader;
  status: number | null;
  fields: readonly string[];
  body: string;
  isWhole: boolean;
  fault: string | null;
}

/** Passes the reply to one request to a reader in these pieces. */
function readBy(reader: ReplyReader, pieces: Iterable<string | Buffer>, method = 'GET'): Seen {
  const seen: Seen = { reader, status: null, fields: [], body: '', isWhole: false, fault: null };
  const taker = {
    onHead: ({ status, fields }: { readonly status: number; readonly fields: readonly string[] }) => {
      Object.assign(seen, { status, fields });
    },
    onData: (data: Buffer) => {
      seen.body += data.toString('latin1');
    },
    onWhole: () => {
      seen.isWhole = true;
    },
    onFault: ({ message }: Error) => {
      seen.fault = message;
    },
  };
  reader.begin(taker, method);
  for (const piece of pieces) reader.read(Buffer.from(piece as string, 'latin1'));
  return seen;
}

function read(reply: string, method = 'GET', isStrict = false): Seen {
  return readBy(new ReplyReader(isStrict), [reply], method);
}

function* bytesOf(text: string): Generator<Buffer> {
  for (const byte of Buffer.from(text, 'latin1')) yield Buffer.of(byte);
}

const reuse = test.macro({
  exec: (t, reply: string, expected: boolean, method?: string) => {
    const seen = read(reply, method);
    t.deepEqual([seen.isWhole, seen.fault], [true, null]);
    t.is(seen.reader.isReusable, expected);
  },
  title: (name) => `whether another request follows: ${name}`,
});

test('a length', reuse, okay, true);
test('chunks', reuse, `${chunked}2\r\nok\r\n0\r\n\r\n`, true);
test('empty lines behind the body', reuse, `${okay}\r\n\r\n`, true);
test('other bytes behind the body', reuse, `${okay}x`, false);
test('another reply behind the body', reuse, okay + okay, false);
test('bytes behind the last chunk', reuse, `${chunked}0\r\n\r\nx`, false);
test('chunks that end with LF alone', reuse, `${chunked}2\nok\r\n0\r\n\r\n`, false);
test('a head that ends with LF alone', reuse, 'HTTP/1.1 200 OK\ncontent-length: 2\n\nok', false);
test('a careless 103 before it', reuse, `HTTP/1.1 103 Early\n\n${okay}`, false);
test('a right 103 before it', reuse, `HTTP/1.1 103 Early\r\nlink: x\r\n\r\n${okay}`, true);
test('close', reuse, `${ok}connection: x, Close\r\ncontent-length: 2\r\n\r\nok`, false);
test(
  'close in a second field',
  reuse,
  `${ok}connection: keep-alive\r\nConnection: close\r\ncontent-length: 0\r\n\r\n`,
  false,
);
test('a word with close in it', reuse, `${ok}connection: close-not\r\ncontent-length: 0\r\n\r\n`, true);
test('HTTP/1.0', reuse, 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok', false);
test(
  'HTTP/1.0 that keeps it',
  reuse,
  'HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 2\r\n\r\nok',
  true,
);
test(
  'HTTP/1.0 that keeps it, in chunks',
  reuse,
  'HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  false,
);
test('a control character in the reason', reuse, 'HTTP/1.1 200 O\x1bK\r\ncontent-length: 0\r\n\r\n', false);
test('HEAD', reuse, `${ok}content-length: 2\r\n\r\n`, false, 'HEAD');
test('204', reuse, 'HTTP/1.1 204 No Content\r\n\r\n', true);
test('204 with a length of 0', reuse, 'HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n', true);
test('204 with a length', reuse, 'HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n', false);
test('205 that does not say that it has no body', reuse, 'HTTP/1.1 205 Reset\r\n\r\n', false);
test('205 with a length of 0', reuse, 'HTTP/1.1 205 Reset\r\ncontent-length: 0\r\n\r\n', true);
test('205 with chunks', reuse, 'HTTP/1.1 205 Reset\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', true);
test('204 with chunks', reuse, 'HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n', false);
test(
  '304 with the length of what it spares',
  reuse,
  'HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n',
  true,
);
test('304 with chunks', reuse, 'HTTP/1.1 304 Not Modified\r\ntransfer-encoding: chunked\r\n\r\n', false);

test('the size of a chunk may begin with any number of zeros', (t) => {
  const { body, reader } = read(`${chunked}${'0'.repeat(20)}2\r\nok\r\n${'0'.repeat(20)}\r\n\r\n`);
  t.deepEqual([body, reader.isReusable], ['ok', true]);
});

test('what comes without being asked for is told, empty lines are not', (t) => {
  const { reader } = read(okay);
  t.true(reader.read(Buffer.from('\r\n')));
  t.false(reader.read(Buffer.from('H')));
});

test('a body that lasts until the connection ends is whole then', (t) => {
  const seen = read(`${ok}\r\nhel`);
  seen.reader.read(Buffer.from('lo'));
  t.false(seen.isWhole);
  t.true(seen.reader.end());
  t.deepEqual([seen.isWhole, seen.body, seen.reader.isReusable], [true, 'hello', false]);
  t.false(seen.reader.end());
});

test('a reply is read the same in pieces of a byte', (t) => {
  const reply = `\r\nHTTP/1.1 103 Early\r\n\r\n${chunked}5;x=y\r\nhello\r\n0\r\nx: y\r\n\r\n`;
  const seen = readBy(new ReplyReader(false), bytesOf(reply));
  const { status, fields, body, isWhole, reader } = seen;
  t.deepEqual(
    { status, fields, body, isWhole },
    { status: 200, fields: ['transfer-encoding', 'chunked'], body: 'hello', isWhole: true },
  );
  t.true(reader.isReusable);
});

test('the server says how long it keeps the connection', (t) => {
  t.is(read(`${ok}Keep-Alive: max=5, timeout=7\r\ncontent-length: 0\r\n\r\n`).reader.keptFor, 7000);
  t.is(read(`${ok}Keep-Alive: max=5\r\ncontent-length: 0\r\n\r\n`).reader.keptFor, Infinity);
});

test('what one reply said does not hold for the next one', (t) => {
  const { reader } = read(
    `HTTP/1.1 103 Early\n\n${ok}keep-alive: timeout=7\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`,
  );
  const next = readBy(reader, [okay]);
  t.deepEqual([next.isWhole, reader.isReusable, reader.keptFor], [true, true, Infinity]);
});

test('up to eight CRs may stand in an empty line', (t) => {
  t.is(read(`HTTP/1.1 200 OK\r\nx: y\r\n${'\r'.repeat(8)}\nbody`).body, 'body');
  t.is(read(`HTTP/1.1 200 OK\r\nx: y\r\n${'\r'.repeat(9)}\nbody`).status, null);
});

test('a flood of 1xx ends, however small they are', (t) => {
  const one = 'HTTP 100\n\n';
  t.is(read(one.repeat(200) + okay).status, 200);
  t.is(read(one.repeat(300) + okay).fault, 'the head is too large');
});

test('up to four bytes may stand before the status line, an end of a line with them', (t) => {
  for (const before of ['0\r\n', 'abc\n', 'abcd', '\r\n0\r\n']) {
    const seen = read(before + okay);
    t.deepEqual([seen.status, seen.body, seen.reader.isReusable], [200, 'ok', false], before);
  }
  t.is(read(`abc\r\n${okay}`).status, null);
});

test('NUL is in no head, also not in the reason', (t) => {
  t.is(read('HTTP/1.1 200 O\0K\r\ncontent-length: 0\r\n\r\n').fault, 'the head of the reply holds a NUL');
});

test('nothing is read after a fault', (t) => {
  const seen = read('SSH-2.0\r\n');
  const fault = seen.fault ?? '';
  seen.reader.read(Buffer.from(okay));
  t.true(fault.startsWith('the reply is not HTTP/1'));
  t.deepEqual([seen.fault, seen.status, seen.reader.isReusable], [fault, null, false]);
});

test('nothing is read after stop(), also within a piece', (t) => {
  const reader = new ReplyReader(false);
  const seen: string[] = [];
  const stop = (what: string) => (): void => {
    seen.push(what);
    reader.stop();
  };
  const [onHead, onWhole, onFault] = [(): void => {}, stop('whole'), stop('fault')];
  reader.begin({ onHead, onData: stop('data'), onWhole, onFault }, 'GET');
  reader.read(Buffer.from(`${chunked}1\r\na\r\n1\r\nb\r\nz`));
  reader.read(Buffer.from('c'));
  reader.end();
  t.deepEqual(seen, ['data']);
});

/** A search that starts anew at each byte of a long row would take minutes. */
const long = 200_000;
const quick = test.macro({
  exec: (t, reply: string, status: number) => {
    t.is(read(reply).status, status);
  },
  title: (name) => `a long row of bytes is read at once: ${name}`,
});

test('blanks in Connection', quick, `${ok}Connection: a${' '.repeat(long)}b\r\n\r\n`, 200);
test('CRs in a value', quick, `${ok}X: a${'\r'.repeat(long)}b\r\n\r\n`, 200);
test('CRs in the status line', quick, `HTTP/1.1 200 a${'\r'.repeat(long)}b\r\n\r\n`, 200);
test('blanks in the status line, and a CR', quick, `HTTP/1.1 200${' '.repeat(long)}\rb\r\n\r\n`, 200);
test('blanks in a value, with LF', quick, `HTTP/1.1 200 OK\nX: a${' '.repeat(long)}b\n\n`, 200);
test('blanks in a name', quick, `${ok}X${' '.repeat(long)}b: c\r\n\r\n`, 200);
test('digits in a length', quick, `HTTP/1.1 200 OK\nContent-Length: ${'0'.repeat(long)}x\n\n`, 200);
test('lines that go on', quick, `${ok}X: a\r\n${' b\r\n'.repeat(long / 4)}\r\n`, 200);
test('CRs in trailers', quick, `${chunked}0\r\n${`a:${'\r'.repeat(16_000)}x\n`.repeat(15)}\r\n`, 200);

test('a head of 200 kB in pieces of a byte is read', (t) => {
  const head = ok + 'X:\r\n'.repeat(50_000);
  t.is(readBy(new ReplyReader(false), bytesOf(`${head}content-length: 0\r\n\r\n`)).fields.length, 100_002);
});
