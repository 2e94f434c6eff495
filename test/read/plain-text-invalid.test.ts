import test from 'ava';

import { piecesOf, readAll, sourceOf, urlsOf } from '../helpers/reading.ts';
import type { ReadUrlsOptions } from '../../src/read/read-urls.ts';

/** Text in which every character is one byte, so that `\xe9` is the byte E9. */
function bytesOf(latin1: string): Buffer {
  return Buffer.from(latin1, 'latin1');
}

const names = test.macro(async (t, latin1: string, line: number, byte: number) => {
  const { error } = await readAll(sourceOf(bytesOf(latin1), 'in.csv'));
  t.like(error, {
    name: 'InputError',
    message: `in.csv: line ${line}, byte ${byte} of the line: not UTF-8; convert it: iconv -f windows-1252 -t utf-8`,
  });
});

test('a byte that can stand nowhere is named', names, 'url\na.org\nab\xffc\nd.org\n', 3, 3);
test('a byte that can only follow is named', names, 'url\na.org\nab\x80c\nd.org\n', 3, 3);
test('a first byte that nothing follows is named', names, 'url\na.org\nab\xe9c\nd.org\n', 3, 3);
test('a first byte at the end of a line is named', names, 'url\nab\xe9\nd.org\n', 2, 3);
test('the first byte of a character that breaks off is named', names, 'url\nab\xe2\x82c\n', 2, 3);
test('a character that the end of the file cuts is named', names, 'url\na.org\nab\xe2\x82', 3, 3);
test('a surrogate in UTF-8 is named', names, 'url\na\xed\xa0\x80\n', 2, 2);
test('an overlong form is named', names, 'url\na\xc0\xaf\n', 2, 2);
test('bytes count, not characters', names, 'url\n\xc3\xa9\xe2\x82\xac\xff\n', 2, 6);
test('a byte in the header is named', names, 'url,n\xe4me\na.org,b\n', 1, 6);
test('lines end at a CRLF', names, 'url\r\na.org\r\nb\xff\r\n', 3, 2);
test('lines end at a CR', names, 'url\ra.org\rb\xff\rc.org\r', 3, 2);

const afterRows = test.macro(async (t, latin1: string, expected: string[], said: ReadUrlsOptions = {}) => {
  const reading = await readAll(sourceOf(bytesOf(latin1)), said);
  t.like(reading.error, { name: 'InputError' });
  t.deepEqual(urlsOf(reading), expected);
});

const good = ['https://a.org', 'https://b.org'];

test('the rows of a CSV before the line come', afterRows, 'url\na.org\nb.org\nc\xff\nd.org\n', good);
test('the rows of a CSV of CRs before the line come', afterRows, 'url\ra.org\rb.org\rc\xff\rd.org\r', good);
test('quoted rows before the line come', afterRows, 'url\n"a.org"\n"b.org"\nc\xff\nd.org\n', good);
test('the lines of a list before it come', afterRows, 'a.org\nb.org\nc.org/\xff\nd.org\n', good, {
  inputFormat: 'lines',
});
test('the objects before the line come', afterRows, '{"u":"a.org"}\n{"u":"b.org"}\n{"u":"\xff"}\n', good);
test('nothing of the line itself comes', afterRows, 'url,x\na.org,1\nb.org,2\nc.org,"\xff"\n', good);

const anyPieces = test.macro(async (t, latin1: string, line: number, byte: number) => {
  const bytes = bytesOf(latin1);
  for (let size = 1; size <= bytes.length; size++) {
    const reading = await readAll(sourceOf(piecesOf(bytes, size)));
    t.like(
      reading.error,
      { message: `standard input: line ${line}, byte ${byte} of the line: not UTF-8; ${advice}` },
      `pieces of ${size}`,
    );
    t.deepEqual(urlsOf(reading), ['https://a.org/\u00e9'], `pieces of ${size}`);
  }
});

const advice = 'convert it: iconv -f windows-1252 -t utf-8';

test('whatever the pieces, a byte is named alike', anyPieces, 'url\na.org/\xc3\xa9\nb.org/\xff\nc\n', 3, 7);
test(
  'whatever the pieces, a cut character is named alike',
  anyPieces,
  'url\na.org/\xc3\xa9\nb\xf0\x9f',
  3,
  2,
);
