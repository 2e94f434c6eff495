import test from 'ava';

import { headerRecord, headerText, headerTexts, knownHeaders } from '../../src/page/headers.ts';

test('the headers that every row needs are found in any case and place', (t) => {
  const headers = ['X', 'y', 'LOCATION', '/to', 'content-Length', '42', 'Content-Type', 'text/html'];
  t.deepEqual(knownHeaders([...headers, 'CONTENT-ENCODING', 'gzip']), {
    contentType: 'text/html',
    contentEncoding: ',gzip',
    contentLength: 42,
    location: '/to',
  });
});

test('what is not there is empty', (t) => {
  t.deepEqual(knownHeaders([]), {
    contentType: '',
    contentEncoding: '',
    contentLength: Number.NaN,
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
