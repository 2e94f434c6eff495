import test from 'ava';

import { charsetOf, headerRecord, knownHeaders, mediaType } from '../../src/page/headers.ts';

const raw = (...texts: readonly string[]): Buffer[] => texts.map((text) => Buffer.from(text, 'latin1'));

test('the headers that every row needs are found in any case and place', (t) => {
  const headers = raw('X', 'y', 'LOCATION', '/to', 'content-Length', '42', 'Content-Type', 'text/html');
  t.deepEqual(knownHeaders([...headers, ...raw('CONTENT-ENCODING', 'gzip')]), {
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
  const headers = raw('x-cation', '/to', 'x-tent-type1', 'a', 'x-tent-length1', '1', 'x-tent-encoding1', 'b');
  t.deepEqual(knownHeaders(headers), knownHeaders([]));
});

test('of several the first Location and Content-Type count, and all Content-Encodings', (t) => {
  const headers = raw('location', '/1', 'location', '/2', 'content-type', 'a/b', 'content-type', 'c/d');
  const { location, contentType, contentEncoding } = knownHeaders([
    ...headers,
    ...raw('content-encoding', 'gzip', 'content-encoding', 'br'),
  ]);
  t.deepEqual([location, contentType, contentEncoding], ['/1', 'a/b', ',gzip,br']);
});

test('an empty Location is one all the same', (t) => {
  t.is(knownHeaders(raw('location', '')).location, '');
});

const utf8 = Buffer.from('/ü').toString('latin1');

test('a Location has its bytes beyond ASCII percent-encoded as they are', (t) => {
  t.is(knownHeaders(raw('location', utf8)).location, '/%C3%BC');
  t.is(knownHeaders(raw('location', '/\u00fc')).location, '/%FC');
  t.is(knownHeaders(raw('location', '', 'location', '/x')).location, '/x');
});

test('all headers: names in lower case, several values of one name joined', (t) => {
  const record = headerRecord(
    raw('X-A', '1', 'Via', 'b', 'x-a', '2', 'X-U', utf8, 'X-L', '/\u00fc', 'X-E', ''),
  );
  t.deepEqual(Object.entries(record), [
    ['x-a', '1, 2'],
    ['via', 'b'],
    ['x-u', '/ü'],
    ['x-l', '/ü'],
    ['x-e', ''],
  ]);
});

test('an empty value is joined like any other', (t) => {
  t.is(headerRecord(raw('X', '', 'x', 'b'))['x'], ', b');
});

test('a header named like a member of Object is a header', (t) => {
  const record = headerRecord(raw('__proto__', 'a', 'constructor', 'b', '__proto__', 'c'));
  t.is(Object.getPrototypeOf(record), null);
  t.is(record['__proto__'], 'a, c');
  t.is(record['constructor'], 'b');
  t.is(record['tostring'], undefined);
});

const media = test.macro({
  exec: (t, contentType: string, type: string, charset: string) => {
    t.is(mediaType(contentType), type);
    t.is(charsetOf(contentType), charset);
  },
  title: (_, contentType: string) => `Content-Type: ${contentType}`,
});

test(media, 'text/html', 'text/html', '');
test(media, 'Text/HTML; Charset=UTF-8', 'text/html', 'UTF-8');
test(media, ' text/html ;charset="iso-8859-1"', 'text/html', 'iso-8859-1');
test(media, 'text/html; charset = utf-8 ; x=y', 'text/html', 'utf-8');
test(media, 'text/html; x=y; charset=koi8-r', 'text/html', 'koi8-r');
test(media, 'text/html; xcharset=koi8-r', 'text/html', '');
test(media, 'text/html; charset=', 'text/html', '');
test(media, 'charset=utf-8', 'charset=utf-8', '');
test(media, '', '', '');
