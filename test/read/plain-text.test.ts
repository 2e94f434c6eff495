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
  const text = await buffer(plainText(source.open() as AsyncIterable<Buffer>, source.name));
  t.is(text.toString(), expected);
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
  const iterator = plainText(endless(), 'in');
  for (let i = 0; i < 10; i++) await iterator.next();
  t.true(taken.length <= 11, `${taken.length} pieces were taken for 10`);
});

test('what was being read is closed when no more is wanted', async (t) => {
  const source = sourceOf(piecesOf(Buffer.from(content.repeat(100)), 100));
  const stream = source.open();
  const iterator = plainText(stream as AsyncIterable<Buffer>, source.name);
  await iterator.next();
  await iterator.return(undefined);
  t.true(stream.destroyed);
});

const fails = test.macro(async (t, bytes: Buffer, message: string) => {
  const { rows, error } = await readAll(sourceOf(bytes, 'in.csv'));
  t.like(error, { name: 'InputError', message });
  t.deepEqual(rows, []);
});

const unmarked = 'in.csv: looks like UTF-16 without a byte order mark; convert it: iconv -f';

test('UTF-16 LE without a mark is refused', fails, utf16le(content), `${unmarked} utf-16le -t utf-8`);
test('UTF-16 BE without a mark is refused', fails, utf16be(content), `${unmarked} utf-16be -t utf-8`);
test(
  'half a character of UTF-16 LE is refused',
  fails,
  Buffer.concat([utf16le('\ufeffurl'), Buffer.from([0x41])]),
  'in.csv: is not valid UTF-16LE',
);
test(
  'half a surrogate pair is refused',
  fails,
  utf16be('\ufeffurl\nhttps://a.example/\ud83d\n'),
  'in.csv: is not valid UTF-16BE',
);
