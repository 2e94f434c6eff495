import { gzipSync } from 'node:zlib';

import test from 'ava';

import { cellsOf, piecesOf, readAll, sourceOf } from '../helpers/reading.ts';

const gives = test.macro(async (t, encoding: string, bytes: Buffer, expected: readonly string[]) => {
  for (const size of [1, 2, 3, bytes.length]) {
    const reading = await readAll(sourceOf(piecesOf(bytes, size)), { encoding, urlColumn: '1' });
    t.is(reading.error, null);
    t.deepEqual(cellsOf(reading)[0], expected);
  }
});

/** Text in which each character stands for one byte. */
function bytesOf(latin1: string): Buffer {
  return Buffer.from(latin1, 'latin1');
}

function utf16be(text: string): Buffer {
  return Buffer.from(text, 'utf16le').swap16();
}

const japanese = bytesOf('url,n\na.org,\x83\x65\x83\x58\x83\x67\n');

test('windows-1252', gives, 'windows-1252', bytesOf('url,n\na.org,caf\xe9 \x80\n'), ['a.org', 'café €']);
test('a label of it', gives, ' Latin1 ', bytesOf('url,n\na.org,caf\xe9 \x80\n'), ['a.org', 'café €']);
test('cp1251', gives, 'cp1251', bytesOf('url,n\na.org,\xf2\xe5\xf1\xf2\n'), ['a.org', 'тест']);
test('shift_jis', gives, 'shift_jis', japanese, ['a.org', 'テスト']);
test('a label of shift_jis', gives, 'MS_Kanji', japanese, ['a.org', 'テスト']);
test('gb18030', gives, 'gb18030', bytesOf('url,n\na.org,\xb2\xe2\xca\xd4\x81\x30\x81\x30\n'), [
  'a.org',
  '测试\u0080',
]);
test('euc-kr', gives, 'euc-kr', bytesOf('url,n\na.org,\xc5\xd7\xbd\xba\n'), ['a.org', '테스']);
test('utf-8', gives, 'UTF8', Buffer.from('url,n\na.org,é\n'), ['a.org', 'é']);
test('UTF-16 without a mark', gives, 'utf-16le', Buffer.from('url,n\na.org,é😀\n', 'utf16le'), [
  'a.org',
  'é😀',
]);
test('UTF-16 BE without a mark', gives, 'utf-16be', utf16be('url,n\na.org,é😀\n'), ['a.org', 'é😀']);
test('a mark goes before what is said', gives, 'latin1', Buffer.from('\ufeffurl,n\na.org,é\n'), [
  'a.org',
  'é',
]);
test('one of UTF-16 too', gives, 'shift_jis', Buffer.from('\ufeffurl,n\na.org,é\n', 'utf16le'), [
  'a.org',
  'é',
]);
test(
  'the mark of what is said is no part of the header',
  gives,
  'utf-16le',
  Buffer.from('\ufeffurl\na.org\n', 'utf16le'),
  ['a.org'],
);
test('what is packed', gives, 'latin1', gzipSync(bytesOf('url,n\na.org,caf\xe9\n')), ['a.org', 'café']);
test('JSON Lines', gives, 'latin1', bytesOf('{"url":"a.org","n":"\xe9"}\n'), ['a.org', 'é']);
test('a JSON array', gives, 'shift_jis', bytesOf('[{"url":"a.org","n":"\x83\x5c"}]'), ['a.org', 'ソ']);

test('what is not in the encoding is a bad row', async (t) => {
  const bytes = bytesOf('url,n\na.org,\x83\x65\nb.org,\xff\x83\nc.org,\x83\x65');
  for (const size of [1, 2, 3, bytes.length]) {
    const { rows, error } = await readAll(sourceOf(piecesOf(bytes, size)), { encoding: 'shift_jis' });
    t.is(error, null);
    t.deepEqual(
      rows.map(({ cells, detail }) => [cells[1]?.toWellFormed(), detail]),
      [
        ['テ', ''],
        ['\ufffd\ufffd', 'line 3 is not in the encoding that was named (character 7 is broken)'],
        ['テ', ''],
      ],
    );
  }
});

test('a character that the end cuts is one', async (t) => {
  const { rows } = await readAll(sourceOf(bytesOf('url,n\na.org,\x83')), { encoding: 'shift_jis' });
  t.is(rows[0]?.detail, 'line 2 is not in the encoding that was named (character 7 is broken)');
});

const unknown = test.macro({
  async exec(t, encoding: string) {
    const { error, rows } = await readAll(sourceOf('url\na.org\n'), { encoding });
    t.like(error, {
      name: 'UsageError',
      message: `--encoding: ${JSON.stringify(encoding)} is no encoding of the Encoding Standard; convert the input to UTF-8`,
    });
    t.deepEqual(rows, []);
  },
  title: (_, encoding: string) => `no encoding: "${encoding}"`,
});

test(unknown, 'utf-32');
test(unknown, 'cp850');
test(unknown, '');
test(unknown, 'hz-gb-2312');
test(unknown, 'replacement');

const refused = test.macro(async (t, bytes: Buffer, message: string) => {
  for (const size of [16, bytes.length]) {
    const { error, rows } = await readAll(sourceOf(piecesOf(bytes, size), 'in.csv'));
    t.like(error, { name: 'InputError', message: `in.csv: ${message}` });
    t.deepEqual(rows, []);
  }
});

function utf32(text: string, isBigEndian: boolean): Buffer {
  const characters = Array.from(text);
  const bytes = Buffer.alloc(4 * characters.length);
  for (const [index, character] of characters.entries()) {
    const code = character.codePointAt(0) ?? 0;
    if (isBigEndian) bytes.writeUInt32BE(code, 4 * index);
    else bytes.writeUInt32LE(code, 4 * index);
  }
  return bytes;
}

const list = 'id,url\n1,http://a.test/é😀\n2,http://a.test/テスト\n';
const convert = (encoding: string): string =>
  `is UTF-32; convert it: iconv -f ${encoding} -t utf-8 FILE | urlmill`;
const wide = (encoding: string): string =>
  `looks like UTF-16 without a byte order mark; say so: --encoding ${encoding}`;

test('UTF-32 LE with a mark', refused, utf32(`\ufeff${list}`, false), convert('utf-32le'));
test('UTF-32 BE with a mark', refused, utf32(`\ufeff${list}`, true), convert('utf-32be'));
test('UTF-32 LE without a mark', refused, utf32(list, false), convert('utf-32le'));
test('UTF-32 BE without a mark', refused, utf32(list, true), convert('utf-32be'));
test('UTF-32 that begins with other letters', refused, utf32(`и${list}`, false), convert('utf-32le'));
test('UTF-16 LE', refused, Buffer.from(list, 'utf16le'), wide('utf-16le'));
test('UTF-16 BE', refused, utf16be(list), wide('utf-16be'));
test(
  'UTF-16 LE that begins with Russian',
  refused,
  Buffer.from('ид,url\n1,http://a.test/1\n', 'utf16le'),
  wide('utf-16le'),
);
test('UTF-16 BE that begins with Russian', refused, utf16be('ид,url\n1,http://a.test/1\n'), wide('utf-16be'));
test(
  'UTF-16 LE that begins with Japanese',
  refused,
  Buffer.from('名前,アドレス\nテスト,a.test\n', 'utf16le'),
  wide('utf-16le'),
);
test(
  'UTF-16 BE that begins with Japanese',
  refused,
  utf16be('名前,アドレス\nテスト,a.test\n'),
  wide('utf-16be'),
);
test(
  'UTF-16 LE with wide spaces',
  refused,
  Buffer.from('名\u3000前,u\n\u3000,a.test\n', 'utf16le'),
  wide('utf-16le'),
);
test(
  'a list of UTF-16 LE',
  refused,
  Buffer.from('http://a.test/1\nhttp://a.test/2\n', 'utf16le'),
  wide('utf-16le'),
);
test('UTF-16 that is packed', refused, gzipSync(Buffer.from(list, 'utf16le')), wide('utf-16le'));
test(
  'gzip within gzip',
  refused,
  gzipSync(gzipSync(list)),
  'is packed twice; unpack it once: gzip -dc FILE | urlmill',
);

test('some NUL bytes in UTF-8 are characters', async (t) => {
  const reading = await readAll(sourceOf('url,n\na.org,\0\0x\nb.org,\0y\n'));
  t.is(reading.error, null);
  t.deepEqual(cellsOf(reading), [
    ['a.org', '\0\0x'],
    ['b.org', '\0y'],
  ]);
});
