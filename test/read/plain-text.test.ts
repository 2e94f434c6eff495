import { buffer } from 'node:stream/consumers';

import test from 'ava';

import { cellsOf, piecesOf, readAll, sourceOf } from '../helpers/reading.ts';
import { plainText } from '../../src/read/plain-text.ts';

const content = 'url,näme\r\nhttps://a.example/é,€ 😀\r\nhttps://b.example/,\ufeffñ\r\n';

function utf16le(said: string): Buffer {
  return Buffer.from(said, 'utf16le');
}

function utf16be(said: string): Buffer {
  return utf16le(said).swap16();
}

const becomes = test.macro(async (t, bytes: Buffer, expected: string) => {
  const source = sourceOf(bytes);
  const { bytes: text } = await plainText(source.open() as AsyncIterable<Buffer>, source.name);
  t.is((await buffer(text)).toString(), expected);
});

test('UTF-8 stays as it is', becomes, Buffer.from(content), content);
test('the byte order mark of UTF-8 is taken off', becomes, Buffer.from('\ufeff' + content), content);
test('only one byte order mark is taken off', becomes, Buffer.from('\ufeff\ufeffurl'), '\ufeffurl');
test('UTF-16 LE with a mark becomes UTF-8', becomes, utf16le('\ufeff' + content), content);
test('UTF-16 BE with a mark becomes UTF-8', becomes, utf16be('\ufeff' + content), content);
test('fewer bytes than any mark has are text', becomes, Buffer.from('u'), 'u');
test('NUL further on is a character like others', becomes, Buffer.from('url\0'), 'url\0');

test('a marked file of UTF-16 gives its rows', async (t) => {
  const reading = await readAll(sourceOf(utf16le('\ufeffurl\tn\r\nhttps://a.example/\t😀\r\n')));
  t.deepEqual(cellsOf(reading), [['https://a.example/', '😀']]);
});

test('the bytes are passed on as they come, not held', async (t) => {
  const taken: number[] = [];
  async function* endless(): AsyncGenerator<Buffer> {
    for (let i = 0; ; i++) {
      taken.push(i);
      yield Buffer.from('https://a.example/\n');
    }
  }
  const { bytes: iterator } = await plainText(endless(), 'in');
  for (let i = 0; i < 10; i++) await iterator.next();
  t.true(taken.length <= 11, `${taken.length} pieces were taken for 10`);
});

test('what was being read is closed when no more is wanted', async (t) => {
  const source = sourceOf(piecesOf(Buffer.from(content.repeat(100)), 100));
  const stream = source.open();
  const { bytes: iterator } = await plainText(stream as AsyncIterable<Buffer>, source.name);
  await iterator.next();
  await iterator.return(undefined);
  t.true(stream.destroyed);
});

const fails = test.macro(async (t, bytes: Buffer, message: string) => {
  const { rows, error } = await readAll(sourceOf(bytes, 'in.csv'));
  t.like(error, { name: 'InputError', message });
  t.deepEqual(rows, []);
});

const unmarked = 'in.csv: looks like UTF-16 without a byte order mark; say so: --encoding';

test('UTF-16 LE without a mark is refused', fails, utf16le(content), `${unmarked} utf-16le`);
test('UTF-16 BE without a mark is refused', fails, utf16be(content), `${unmarked} utf-16be`);

const brokenUtf16 = test.macro(
  async (
    t,
    encode: (text: string) => Buffer,
    text: string,
    place: readonly [line: number, character: number],
  ) => {
    const bytes = encode(`\ufeffurl,n\na.org,1\n${text}`);
    for (const size of [1, 2, 3, 5, bytes.length]) {
      const reading = await readAll(sourceOf(piecesOf(bytes, size), 'in.csv'));
      t.is(reading.error, null);
      const detail = `line ${place[0]} is not UTF-16 (character ${place[1]} is broken)`;
      t.deepEqual(
        reading.rows.map((row) => [row.cells[1]?.toWellFormed(), row.error, row.detail]),
        [
          ['1', null, ''],
          ['\ufffd2', 'bad-row', detail],
          ['3', null, ''],
        ].slice(0, text.endsWith('\n') ? 3 : 2),
        `pieces of ${size}`,
      );
    }
  },
);

test('half a pair of UTF-16 is a bad row', brokenUtf16, utf16le, 'b.org,\ud83d2\nc.org,3\n', [3, 7]);
test('the other half is one too', brokenUtf16, utf16be, 'b.org,\ude002\nc.org,3\n', [3, 7]);

test('an odd last byte of UTF-16 is a bad row', async (t) => {
  const bytes = Buffer.concat([utf16le('\ufeffurl,n\na.org,1\nb.org,2'), Buffer.of(0x33)]);
  for (const size of [1, 2, 3, bytes.length]) {
    const { rows, error } = await readAll(sourceOf(piecesOf(bytes, size)));
    t.is(error, null);
    t.deepEqual(
      rows.map(({ detail }) => detail),
      ['', 'line 3 is not UTF-16 (character 8 is broken)'],
    );
  }
});

test(
  'half a pair in the header is refused',
  fails,
  utf16be('\ufeffurl,\ud83d\nhttps://a.example/\n'),
  'in.csv: line 1 is not UTF-16 (character 5 is broken); save the file again, as UTF-8',
);
