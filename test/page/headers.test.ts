import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import test from 'ava';

import { headerRecord, headerText, headerTexts, headerValues, knownHeaders } from '../../src/page/headers.ts';
import { shownType } from '../../src/shared/media-type.ts';

test('the headers that every row needs are found in any case and place', (t) => {
  const headers = ['X', 'y', 'LOCATION', '/to', 'content-Length', '42', 'Content-Type', 'text/html'];
  t.deepEqual(knownHeaders([...headers, 'CONTENT-ENCODING', 'gzip']), {
    contentType: 'text/html',
    contentEncoding: ',gzip',
    location: '/to',
  });
});

test('what is not there is empty', (t) => {
  t.deepEqual(knownHeaders([]), {
    contentType: '',
    contentEncoding: '',
    location: null,
  });
});

test('names of the same length are not taken for them', (t) => {
  const headers = ['x-cation', '/to', 'x-tent-type1', 'a', 'x-tent-length1', '1', 'x-tent-encoding1', 'b'];
  t.deepEqual(knownHeaders(headers), knownHeaders([]));
});

test('of several the first Location counts, and all Content-Types and Content-Encodings', (t) => {
  const headers = ['location', '/1', 'location', '/2', 'content-type', 'a/b', 'content-type', 'c/d'];
  const codings = ['content-encoding', 'gzip', 'content-encoding', 'br'];
  const { location, contentType, contentEncoding } = knownHeaders([...headers, ...codings]);
  t.deepEqual([location, contentType, contentEncoding], ['/1', 'a/b, c/d', ',gzip,br']);
});

test('an empty Location is one all the same', (t) => {
  t.is(knownHeaders(['location', '']).location, '');
});

const utf8 = Buffer.from('/ü').toString('latin1');

test('a Location has its bytes beyond ASCII percent-encoded as they are', (t) => {
  t.is(knownHeaders(['location', utf8]).location, '/%C3%BC');
  t.is(knownHeaders(['location', '/\u00fc']).location, '/%FC');
  t.is(knownHeaders(['location', '', 'location', '/x']).location, '/x');
});

test('all headers: names in lower case, several values of one name joined', (t) => {
  const record = headerRecord(['X-A', '1', 'Via', 'b', 'x-a', '2', 'X-U', utf8, 'X-L', '/\u00fc', 'X-E', '']);
  t.deepEqual(Object.entries(record), [
    ['x-a', '1, 2'],
    ['via', 'b'],
    ['x-u', '/ü'],
    ['x-l', '/ü'],
    ['x-e', ''],
  ]);
});

test('an empty value is joined like any other', (t) => {
  t.is(headerRecord(['X', '', 'x', 'b'])['x'], ', b');
});

test('a header named like a member of Object is a header', (t) => {
  const record = headerRecord(['__proto__', 'a', 'constructor', 'b', '__proto__', 'c']);
  t.is(Object.getPrototypeOf(record), null);
  t.is(record['__proto__'], 'a, c');
  t.is(record['constructor'], 'b');
  t.is(record['tostring'], undefined);
});

test('the values of one header, one each or joined', (t) => {
  const headers = ['Set-Cookie', 'a=1, b', 'X-A', '', 'set-cookie', utf8];
  t.deepEqual(headerTexts(headers, 'set-cookie'), ['a=1, b', '/ü']);
  t.is(headerText(headers, 'set-cookie'), 'a=1, b, /ü');
  t.deepEqual(headerTexts(headers, 'x-a'), ['']);
  t.deepEqual(headerTexts(headers, 'x'), []);
  t.is(headerText(headers, 'x'), null);
});

const leaves = test.macro({
  exec: (t, get: (raw: readonly string[]) => string | null) => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const value = '0123456789/abcdef';
    collect();
    const before = process.memoryUsage().heapUsed;
    const kept = Array.from({ length: 200 }, (_, i) => {
      const head = `X: ${value}\r\nY: ${i}${'y'.repeat(200_000)}\r\n`;
      return get(['Content-Type', head.slice(3, 3 + value.length)]);
    });
    collect();
    const held = process.memoryUsage().heapUsed - before;
    t.true(held < 20e6, `${held} bytes`);
    t.deepEqual([...new Set(kept)], [value]);
  },
  title: (what) => `what is kept of a head does not keep all of it in memory: ${what}`,
});

// One after the other, because they measure the memory of the process.
test.serial('a value', leaves, (raw) => headerValues(raw, 'content-type')[0] ?? null);
test.serial('a text', leaves, (raw) => headerText(raw, 'content-type'));
test.serial('all headers', leaves, (raw) => headerRecord(raw)['content-type'] ?? null);
test.serial('the type', leaves, (raw) => {
  // The last type is cached, so replace it.
  shownType('x/y');
  return shownType(knownHeaders(raw).contentType);
});
