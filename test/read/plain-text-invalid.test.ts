import { gzipSync } from 'node:zlib';

import test from 'ava';

import { piecesOf, readAll, sourceOf, urlsOf } from '../helpers/reading.ts';
import { encodeWithRawBytes } from '../../src/shared/raw-bytes.ts';
import type { ReadUrlsOptions } from '../../src/read/read-urls.ts';

/** Text in which each character stands for one byte: `\xe9` is the byte E9. */
function bytesOf(latin1: string): Buffer {
  return Buffer.from(latin1, 'latin1');
}

const names = test.macro(async (t, latin1: string, line: number, byte: number) => {
  for (const size of [1, 2, 3, 1000]) {
    const { rows, error } = await readAll(sourceOf(piecesOf(bytesOf(latin1), size)));
    t.is(error, null);
    const hex = bytesOf(latin1.split(/\r\n|\n|\r/)[line - 1] ?? '').toString('hex', byte - 1, byte);
    t.deepEqual(
      rows.flatMap((row) => (row.error === null ? [] : [row.detail])),
      [`line ${line} is not UTF-8 (byte ${byte} of the line is 0x${hex.toUpperCase()})`],
      `pieces of ${size}`,
    );
  }
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
test('lines end at a CRLF', names, 'url\r\na.org\r\nb\xff\r\n', 3, 2);
test('lines end at a CR', names, 'url\ra.org\rb\xff\rc.org\r', 3, 2);

test(
  'the line of a cell of several lines is that of the byte',
  names,
  'url,n\na.org,"1\n2\xe9\n3\xff"\nb.org,1\n',
  3,
  2,
);

test('bytes in the header end the reading', async (t) => {
  const { error, rows } = await readAll(sourceOf(bytesOf('url,n\xe4me\na.org,b\n'), 'in.csv'));
  t.like(error, {
    name: 'InputError',
    message:
      'in.csv: line 1 is not UTF-8 (byte 6 of the line is 0xE4); name its encoding, perhaps --encoding windows-1252',
  });
  t.deepEqual(rows, []);
});

const good = ['https://a.org', 'https://b.org', '', 'https://d.org'];

const goesOn = test.macro(async (t, latin1: string, said: ReadUrlsOptions = {}) => {
  for (const size of [1, 2, 7, 1000]) {
    const reading = await readAll(sourceOf(piecesOf(bytesOf(latin1), size)), said);
    t.is(reading.error, null);
    t.deepEqual(urlsOf(reading), good, `pieces of ${size}`);
    const cells = reading.rows[2]?.cells.join() ?? '';
    t.deepEqual(encodeWithRawBytes(cells), bytesOf('c.org,\xff\xe9'));
  }
});

test('a CSV goes on', goesOn, 'url,n\na.org,1\nb.org,2\nc.org,\xff\xe9\nd.org,4\n');
test('a CSV of CRs goes on', goesOn, 'url,n\ra.org,1\rb.org,2\rc.org,\xff\xe9\rd.org,4\r');
test('quoted cells go on', goesOn, 'url,n\n"a.org",1\n"b.org",2\n"c.org","\xff\xe9"\n"d.org",4\n');
test('a list goes on', goesOn, 'a.org\nb.org\nc.org,\xff\xe9\nd.org\n', {
  inputFormat: 'lines',
});
test('without a header the first row may be one that cannot be decoded', async (t) => {
  const { rows, error } = await readAll(sourceOf(bytesOf('a.org,\xe9\nb.org,1\n')), {
    noHeader: true,
    urlColumn: '1',
  });
  t.is(error, null);
  t.deepEqual(
    rows.map((row) => row.error),
    ['bad-row', null],
  );
});
test('the first line of a list may be one', async (t) => {
  const { rows, error } = await readAll(sourceOf(bytesOf('https://a.org/\xe9\nhttps://b.org\n')));
  t.is(error, null);
  t.deepEqual(
    rows.map((row) => row.error),
    ['bad-row', null],
  );
});
test('compressed text goes on', async (t) => {
  const { rows, error } = await readAll(sourceOf(gzipSync(bytesOf('url,n\na.org,\xe9\nb.org,1\n'))));
  t.is(error, null);
  t.deepEqual(
    rows.map((row) => row.error),
    ['bad-row', null],
  );
});
