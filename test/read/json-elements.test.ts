import { Readable } from 'node:stream';

import test from 'ava';

import { isOneDocument, startsJson } from '../../src/read/json-elements.ts';
import { ReadState, readRows } from '../../src/read/rows.ts';
import { cellsOf, piecesOf, readAll, readOptions, sourceOf } from '../helpers/reading.ts';

/** Reads the content in pieces of one byte and more, and as a whole. */
const gives = test.macro(async (t, content: string, expected: readonly (readonly string[])[]) => {
  const bytes = Buffer.from(content);
  for (const size of [1, 2, 5, bytes.length]) {
    const reading = await readAll(sourceOf(piecesOf(bytes, size), 'in.json'), { urlColumn: 'url' });
    t.is(reading.error, null);
    t.deepEqual(cellsOf(reading), expected);
  }
});

const two = [['a.org'], ['b.org']];

test('an array in one line', gives, '[{"url":"a.org"},{"url":"b.org"}]', two);
test('an array with a line end', gives, '[{"url":"a.org"},{"url":"b.org"}]\n', two);
test('an object a line', gives, '[\n{"url":"a.org"},\n{"url":"b.org"}\n]\n', two);
test('commas before objects', gives, '[\r\n{"url":"a.org"}\r\n,{"url":"b.org"}\r\n]', two);
test(
  'objects over several lines',
  gives,
  '[\n  {\n    "url": "a.org"\n  },\n  {\n    "url": "b.org"\n  }\n]\n',
  two,
);
test(
  'objects over several lines without an array',
  gives,
  '{\n  "url": "a.org"\n}\n{\n  "url": "b.org"\n}\n',
  two,
);
test('objects that end where the next begins', gives, '{\n"url":"a.org"\n}{\n"url":"b.org"\n}', two);
test('one object over several lines', gives, '{\n  "url":\n  "a.org"\n}', [['a.org']]);
test('one array behind another', gives, '[{"url":"a.org"}]\n[{"url":"b.org"}]\n', two);
test('white space before and behind', gives, '\n\t [ {"url":"a.org"} , {"url":"b.org"} ] \n\n', two);
test('a byte order mark', gives, '\ufeff[{"url":"a.org"},{"url":"b.org"}]', two);
test(
  'brackets, commas and quotes in strings',
  gives,
  String.raw`[{"url":"a","n":"],}[{\"\\"},{"url":"b","n":"\\\\\""}]`,
  [
    ['a', String.raw`],}[{"\ `.trim()],
    ['b', String.raw`\\"`],
  ],
);
test(
  'nested values come in one line',
  gives,
  '[\n{\n "url": "a",\n "n": [\n  1,\n\n  {"x": "\u00e9  y"}\n ]\n}\n]',
  [['a', '[ 1, {"x": "\u00e9  y"} ]']],
);
test('strings are URLs', gives, '["a.org",\n"b\\u002eorg"]', two);
test(
  'an element that is no object is a bad row',
  gives,
  '[{"url":"a.org"}, 1, null,"x", [2],{"url":"b.org"}]',
  [['a.org'], ['', '1'], ['', 'null'], ['', '"x"'], ['', '[2]'], ['b.org']],
);
test('an element that is no string is a bad row', gives, '["a.org",1,{"url":"x"},"b.org"]', [
  ['a.org'],
  ['', '1'],
  ['x'],
  ['b.org'],
]);
test('numbers that a line end parts are not joined', gives, '[{"url":"a.org"},{"url":"x","n":1\n2}]', [
  ['a.org'],
  ['', '{"url":"x","n":1 2}'],
]);
test('a line end in a string is not mended', gives, '[{"url":"a.org"},{"url":"b\n.org"}]', [
  ['a.org'],
  ['', '{"url":"b\t.org"}'],
]);

test('the output has the object in one line', async (t) => {
  const content = '[\n  {\n    "url": "a.org",\n    "n": 1.0\n  }\n]';
  const { rows } = await readAll(sourceOf(content));
  t.is(rows[0]?.json, '{ "url": "a.org", "n": 1.0 }');
});

test('a fault tells which element has it', async (t) => {
  const content = Buffer.from('[{"url":"a.org"},{"url":},\n{"url":"b\xe9"}]', 'latin1');
  const { rows, error } = await readAll(sourceOf(content));
  t.is(error, null);
  t.regex(rows[1]?.detail ?? '', /^element 2 is not a JSON object \(/);
  t.is(rows[2]?.detail, 'element 3 is not UTF-8 (it holds the byte 0xE9)');
});

test('UTF-16 is read too', async (t) => {
  const content = Buffer.from('\ufeff[{"url":"a.org"},{"url":"b.org","\u00e9":"\u20ac"}]', 'utf16le');
  t.deepEqual(cellsOf(await readAll(sourceOf(content))), [
    ['a.org', ''],
    ['b.org', '\u20ac'],
  ]);
});

const cutOff = test.macro(async (t, content: string, open: string) => {
  const { rows, error } = await readAll(sourceOf(content, 'in.json'));
  t.deepEqual(
    rows.map(({ url }) => url),
    ['https://a.org'],
  );
  t.like(error, { name: 'InputError', message: `in.json: the JSON is cut off (${open} is not closed)` });
});

test('an array that is not closed', cutOff, '[\n{"url":"a.org"},\n', 'the array that begins in line 1');
test('an element that is not closed', cutOff, '[{"url":"a.org"},\n{"url":\n"b.org"', 'what begins in line 2');
test(
  'a string that is not closed',
  cutOff,
  '[{"url":"a.org"},\n{"url":"b.org},\n{"u',
  'what begins in line 2',
);

const nothing = test.macro(async (t, content: string, message: RegExp) => {
  const { rows, error } = await readAll(sourceOf(content, 'in.json'));
  t.deepEqual(rows, []);
  t.is((error as Error).name, 'InputError');
  t.regex((error as Error).message, message);
});

test('an empty array', nothing, '[]\n', /^in\.json: holds no record$/);
test('an array of arrays', nothing, '[["url"],["a.org"]]', /^in\.json: element 1 is not a JSON object \(/);
test('an array of numbers', nothing, '[\n1]', /^in\.json: element 1 is not a JSON object \(/);

test('an array without an end gives its rows as it comes', async (t) => {
  const element = `{"url":"a.org","t":"${'x'.repeat(1000)}"},`;
  let given = 0;
  async function* endless(): AsyncGenerator<Buffer> {
    yield Buffer.from('[');
    for (;;) {
      given++;
      yield Buffer.from(element.repeat(100));
    }
  }
  const source = { ...sourceOf('', 'in.json'), open: () => Readable.from(endless()) };
  const rows = readRows([source], readOptions(), new ReadState());
  let count = 0;
  for await (const batch of rows) if ((count += batch.length) > 20_000) break;
  t.true(given <= 300, `${given} chunks of 100`);
});

test('an element beyond 16 MiB is a bad row', async (t) => {
  const long = 'x'.repeat(17 * 2 ** 20);
  const content = `[{"url":"a.org"},\n{"url":"${long}"},{"url":"b.org"}]`;
  const { rows, error } = await readAll(sourceOf(piecesOf(Buffer.from(content), 2 ** 16)));
  t.is(error, null);
  t.deepEqual(
    rows.map((row) => row.url || row.detail),
    ['https://a.org', 'element 2 is longer than 16 MiB', 'https://b.org'],
  );
});

const starts = test.macro((t, head: string, isJson: boolean, isDocument: boolean) => {
  t.is(startsJson(head), isJson);
  if (isJson) t.is(isOneDocument(head), isDocument);
});

test('an object and more', starts, '{"a":1}\n{"a":2}\n', true, false);
test('an object that is alone', starts, '{"a":1}', true, false);
test('an object that is cut where it is looked at', starts, '{"a":1,"b', true, false);
test('a damaged first line, and the next object', starts, '{"a":"x"\n{"a":2}\n', true, false);
test('a first line that ends in a string', starts, '{"a":"x\n{"a":2}\n', true, false);
test('a first line that is no JSON at all', starts, '{x]0;y}\n', true, false);
test('a first line that goes on', starts, '{"a":\n', true, true);
test('a first line that goes on with an object', starts, '{"a":[\n{"b":1}', true, true);
test('an array of objects', starts, ' [{"a":1}', true, true);
test('an array whose first element is not there yet', starts, '[\n', true, true);
test('an array of strings', starts, '["a"]', true, true);
test('an empty array starts so', starts, '[ ]', true, true);
test('an address is no array', starts, '[::1]:80/\n', false, false);
test('a name in brackets is no array', starts, '[section]\n', false, false);
