import test from 'ava';

import { readAll, sourceOf, urlsOf } from '../helpers/reading.ts';

const finds = test.macro(async (t, path: string, content: string, expected: readonly string[]) => {
  const reading = await readAll(sourceOf(content, 'in.jsonl'), { urlColumn: path });
  t.is(reading.error, null);
  t.deepEqual(urlsOf(reading), expected);
});

test(
  'a key within a value',
  finds,
  'page.url',
  '{"page":{"url":"http://a.org"}}\n{"page":{"url":"http://b.org"}}\n',
  ['http://a.org', 'http://b.org'],
);
test(
  'a key that has the dot itself',
  finds,
  'page.url',
  '{"page":{"url":"http://a.org"},"page.url":"http://b.org"}\n',
  ['http://b.org'],
);
test(
  'a key with a dot and one behind it',
  finds,
  'a.b.c',
  '{"a":{"b":{"c":"x"}},"a.b":{"c":"http://b.org"}}\n',
  ['http://b.org'],
);
test('a key with a dot within', finds, 'a.b.c', '{"a":{"b.c":"http://b.org","b":{"c":"x"}}}\n', [
  'http://b.org',
]);
test('a way that leads nowhere is given up', finds, 'a.b.c', '{"a":{"b.x":1,"b":{"c":"http://b.org"}}}\n', [
  'http://b.org',
]);
test('the case of the column does not matter', finds, 'Page.url', '{"page":{"url":"http://a.org"}}\n', [
  'http://a.org',
]);
test('an element of an array', finds, 'pages.1', '{"pages":["x","http://a.org"]}\n', ['http://a.org']);
test(
  'what lacks it has no URL',
  finds,
  'p.u',
  '{"p":{"u":"http://a.org"}}\n{"p":{}}\n{"p":"{"}\n{"p":{"u":null}}\n{}\n',
  ['http://a.org', '', '', '', ''],
);
test('a column that comes later', finds, 'p.u', '{"n":1}\n{"p":{"u":"http://a.org"}}\n', [
  '',
  'http://a.org',
]);
test('a pretty array', finds, 'p.u', '[\n{\n"p": {\n"u": "http://a.org"\n}\n}\n]', ['http://a.org']);

test('what is found is read like a cell', async (t) => {
  const { rows } = await readAll(sourceOf('{"p":{"u":{"x":1}}}\n{"p":{"u":"a.org"}}\n'), {
    urlColumn: 'p.u',
  });
  t.like(rows[0], { url: '', error: 'invalid-url' });
  t.like(rows[1], { url: 'https://a.org', error: null });
});

const refused = test.macro(async (t, path: string, content: string, message: string) => {
  const { error } = await readAll(sourceOf(content), { urlColumn: path });
  t.like(error, { name: 'UsageError', message });
});

test(
  'a key that is nowhere',
  refused,
  'page.uri',
  '{"page":{"url":"a.org"}}\n',
  '--url-column: "page.uri" is in none of the first records',
);
test(
  'an inherited key',
  refused,
  'page.constructor',
  '{"page":{"url":"a.org"}}\n',
  '--url-column: "page.constructor" is in none of the first records',
);
test(
  'a column that is nowhere',
  refused,
  'x.url',
  '{"page":{"url":"a.org"}}\n',
  '--url-column: there is no column "x.url"; the columns are "page"',
);
test(
  'a cell of a CSV',
  refused,
  'page.url',
  'page,n\n"{""url"":""a.org""}",1\n',
  '--url-column: there is no column "page.url"; the columns are "page", "n"',
);
