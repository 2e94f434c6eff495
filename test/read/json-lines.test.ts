import { Readable } from 'node:stream';

import test from 'ava';

import { cellsOf, piecesOf, readAll, sourceOf, urlsOf } from '../helpers/reading.ts';
import { ReadState } from '../../src/read/rows.ts';
import { cellText } from '../../src/read/json-lines.ts';

const gives = test.macro(async (t, content: string, expected: readonly (readonly string[])[]) => {
  const reading = await readAll(sourceOf(content, 'in.jsonl'), { urlColumn: '1' });
  t.is(reading.error, null);
  t.deepEqual(cellsOf(reading), expected);
});

test('values become cells', gives, '{"u":"a","n":1}\n{"u":"b","n":2}\n', [
  ['a', '1'],
  ['b', '2'],
]);
test('nested values stay JSON', gives, '{"u":"a","o":{"x":[1, {"y":","}]},"l":[]}\n', [
  ['a', '{"x":[1, {"y":","}]}', '[]'],
]);
test('numbers keep their digits', gives, '{"u":12345678901234567890,"n":1.10,"e":-1E+400}\n', [
  ['12345678901234567890', '1.10', '-1E+400'],
]);
test('true and false stay words, null is nothing', gives, '{"u":true,"f":false,"z":null}\n', [
  ['true', 'false', ''],
]);
test('strings lose their quotes and escapes', gives, String.raw`{"u":"a\n\"\u00e9\"","s":""}` + '\n', [
  ['a\n"é"', ''],
]);
test('the order of keys may change', gives, '{"u":"a","n":1}\n{"n":2,"u":"b"}\n', [
  ['a', '1'],
  ['b', '2'],
]);
test('a missing key is an empty cell', gives, '{"u":"a","n":1}\n{"u":"b"}\n', [
  ['a', '1'],
  ['b', ''],
]);
test(
  'a key that comes later is a column behind the others',
  gives,
  '{"u":"a"}\n{"n":1,"u":"b"}\n{"m":2,"n":3}\n',
  [
    ['a', '', ''],
    ['b', '1', ''],
    ['', '3', '2'],
  ],
);
test('a later key may be __proto__', gives, '{"u":"a"}\n{"u":"b","__proto__":2}\n', [
  ['a', ''],
  ['b', '2'],
]);
test('the keys of damaged lines are no columns', gives, '{"u":"a"}\n{"n":\n{"u":"b"}\n', [
  ['a'],
  ['', '{"n":'],
  ['b'],
]);

function withKey(key: string): string {
  return `{"url":"a.org","${key}":1}\n`;
}

test('the keys of the first hundred objects are columns, in whatever pieces they come', async (t) => {
  const bytes = Buffer.from(`${'{"url":"a.org"}\n'.repeat(98)}${withKey('x')}${withKey('y')}${withKey('z')}`);
  for (const size of [1, 7, bytes.length]) {
    const { rows, error } = await readAll(sourceOf(piecesOf(bytes, size)));
    t.is(error, null);
    t.deepEqual(rows[0]?.table.names, ['url', 'x', 'y']);
    t.deepEqual(rows[100]?.cells, ['a.org', '', '', '{"z":1}']);
  }
});

test('of long objects fewer are held for their keys', async (t) => {
  const long = `{"url":"a.org","t":"${'x'.repeat(2 ** 20)}"}\n`;
  const { rows, error } = await readAll(sourceOf(`${long}${long}{"url":"b.org","n":1}\n`));
  t.is(error, null);
  t.deepEqual(rows[0]?.table.names, ['url', 't']);
  t.deepEqual(rows[2]?.cells, ['b.org', '', '{"n":1}']);
});

async function* brokenOff(): AsyncGenerator<Buffer> {
  yield Buffer.from('{"url":"a.org"}\n{"url":"b.org"}\n');
  throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
}

test('what breaks off the first objects comes behind their rows', async (t) => {
  const source = { ...sourceOf('', 'in.jsonl'), open: () => Readable.from(brokenOff()) };
  const { rows, error } = await readAll(source);
  t.deepEqual(
    rows.map(({ url }) => url),
    ['https://a.org', 'https://b.org'],
  );
  t.like(error, { name: 'InputError', message: 'in.jsonl: cannot be read: i/o error' });
});

const beyond = test.macro(async (t, member: string, expected: readonly string[]) => {
  const content = `${'{"u":"a"}\n'.repeat(100)}${member}\n`;
  const { rows } = await readAll(sourceOf(content, 'in.jsonl'), { urlColumn: '1' });
  t.deepEqual(rows.at(-1)?.cells, expected);
});

test('a surplus key stands behind with its value', beyond, '{"x\\"y":[1],"u":"b","z":"c"}', [
  'b',
  '{"x\\"y":[1]}',
  '{"z":"c"}',
]);
test('a surplus key may be __proto__', beyond, '{"u":"b","__proto__":2}', ['b', '{"__proto__":2}']);
test('blank lines are no records', gives, '\n\r\n{"u":"a"}\n  \n{"u":"b"}\n\n', [['a'], ['b']]);
test('lines may end with CRLF', gives, '{"u":"a"}\r\n{"u":"b"}\r\n', [['a'], ['b']]);
test('the last line may lack its end', gives, '{"u":"a"}\n{"u":"b"}', [['a'], ['b']]);
test('spaces may stand around the object', gives, '  {"u":"a"} \n\t{ "u" : "b" }\n', [['a'], ['b']]);

test('a row keeps the text of its object', async (t) => {
  const lines = ['{"url":"a.org", "n":1.0}', '{ "n":12345678901234567890,"url":"b.org"}'];
  const reading = await readAll(sourceOf(lines.join('\r\n')));
  t.deepEqual(
    reading.rows.map(({ json }) => json),
    lines,
  );
  t.deepEqual(urlsOf(reading), ['https://a.org', 'https://b.org']);
});

const broken = test.macro(async (t, line: string) => {
  const content = `{"url":"a.org","n":1}\n\n{"url":"b.org","n":2}\n${line}\n{"url":"c.org","n":3}\n`;
  const { rows, error } = await readAll(sourceOf(content, 'in'), {}, { fixedColumns: true });
  t.is(error, null);
  t.deepEqual(
    rows.map((row) => row.url),
    ['https://a.org', 'https://b.org', '', 'https://c.org'],
  );
  const [, , bad] = rows;
  t.like(bad, { number: 3, cells: ['', '', line], json: null, error: 'bad-row' });
  t.regex(bad?.detail ?? '', /^line 4 is not a JSON object \(.+\)$/s);
});

test('a line that breaks off is a bad row', broken, '{"url":"x"');
test('a line with two objects is broken', broken, '{"url":"x"}{"url":"y"}');
test('a comma behind an object breaks it', broken, '{"url":"x"},');
test('an array is no object', broken, '["x"]');
test('null is no object', broken, 'null');
test('a string is no object', broken, '"x"');
test('text is no object', broken, 'https://x.org');

test('a broken first line is named', async (t) => {
  const { error, state } = await readAll(sourceOf('\n{"url":}\n', 'in'));
  const { name, message } = error as Error;
  t.is(name, 'InputError');
  t.regex(message, /^in: line 2 is not a JSON object \(.+\); mend or remove it$/s);
  t.is(state.table, null);
});

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}

test('an object that is not UTF-8 is a bad row with its cells', async (t) => {
  const { rows, error } = await readAll(
    sourceOf(latin1('{"url":"a.org","n":"x"}\n{"url":"b\xe9","n":"\xff"}\n')),
  );
  t.is(error, null);
  t.like(rows[1], {
    cells: ['b\udce9', '\udcff'],
    error: 'bad-row',
    detail: 'line 2 is not UTF-8 (byte 10 of the line is 0xE9)',
  });
});

test('the first object may be one', async (t) => {
  const { rows, error } = await readAll(sourceOf(latin1('{"u":"b\xe9"}\n{"u":"a.org"}\n')));
  t.is(error, null);
  t.deepEqual(urlsOf({ rows, error, state: new ReadState() }), ['', 'https://a.org']);
});

test('a key of the first object that is not UTF-8 ends the reading', async (t) => {
  const { error } = await readAll(sourceOf(latin1('{"u":"a.org","\xe9":1}\n'), 'in'));
  t.like(error, {
    name: 'InputError',
    message:
      'in: line 1 is not UTF-8 (byte 15 of the line is 0xE9); name its encoding, perhaps --encoding windows-1252',
  });
});

test('a lone surrogate that is written as an escape is no byte of the input', async (t) => {
  const { rows } = await readAll(sourceOf(String.raw`{"url":"a.org","n":"\udce9"}` + '\n'));
  t.like(rows[0], { cells: ['a.org', '\ufffd'], error: null });
});

test('a value may be longer than a few million characters', async (t) => {
  const long = 'x'.repeat(10 * 2 ** 20);
  const bytes = Buffer.from(`{"url":"a.org","text":""}\n{"url":"b.org","text":"${long}"}\n`);
  const reading = await readAll(sourceOf(piecesOf(bytes, 2 ** 20)));
  t.is(reading.error, null);
  t.is(reading.rows[1]?.cells[1]?.length, long.length);
  t.deepEqual(urlsOf(reading), ['https://a.org', 'https://b.org']);
});

const text = test.macro((t, json: string, expected: string) => t.is(cellText(json), expected));

test('null is an empty cell', text, 'null', '');
test('a string is its characters', text, String.raw`"\u20ac\\"`, '€\\');
test('the string "null" is a word', text, '"null"', 'null');
test('a number is its digits', text, '1.00', '1.00');
