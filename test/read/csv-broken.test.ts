import { Readable } from 'node:stream';

import test from 'ava';

import { piecesOf, readAll, sourceOf, urlsOf } from '../helpers/reading.ts';
import { streamSource } from '../../src/read/source.ts';

const unclosed = test.macro(async (t, content: string, line: number, expected: readonly string[]) => {
  const reading = await readAll(sourceOf(content, 'in.csv'));
  t.like(reading.error, {
    name: 'InputError',
    message: `in.csv: line ${line}: a quote is opened here and never closed; close or double it`,
  });
  t.deepEqual(urlsOf(reading), expected);
  t.false(reading.state.done);
});

const a = 'https://a.org';
const b = 'https://b.org';

test('a quote that never closes is named by its line', unclosed, 'url,n\na.org,1\n"b.org,2\nc.org,3\n', 3, [
  a,
]);
test('it may open in any cell', unclosed, 'url,n\na.org,1\nb.org,"2\nc.org,3\n', 3, [a]);
test('it may open in the header', unclosed, 'url,"n\na.org,1\n', 1, []);
test('it may open the header', unclosed, '"url,n\na.org,1\n', 1, []);
test('it may open in the last line', unclosed, 'url,n\na.org,1\nb.org,2\n"c.org,3', 4, [a, b]);
test('it may be the last byte', unclosed, 'url,n\na.org,1\n"', 3, [a]);
test('it may be all there is behind the header', unclosed, 'url\n"', 2, []);
test('it may stand before a line end alone', unclosed, 'url\na.org\n"\n', 3, [a]);
test('an odd number of quotes never closes', unclosed, 'url,n\na.org,1\nb.org,"""\n', 3, [a]);
test('blank lines count as lines', unclosed, 'url,n\n\n\na.org,1\n\n"b.org\n', 6, [a]);
test('newlines in cells count as lines', unclosed, 'url,n\na.org,"1\n2\n3"\nb.org,"2\n', 5, [a]);
test('a record that it breaks may have begun before', unclosed, 'url,n,m\na.org,"1\n2","3\n', 3, []);
test('CRLF counts as one line end', unclosed, 'url,n\r\na.org,1\r\n"b.org\r\n', 3, [a]);
test('CR counts as a line end', unclosed, 'url,n\ra.org,1\r"b.org,2\rc.org,3\r', 3, [a]);

const inAnyPieces = test.macro(async (t, content: string, line: number) => {
  const bytes = Buffer.from(content);
  for (let size = 1; size <= bytes.length; size++) {
    const { error } = await readAll(sourceOf(piecesOf(bytes, size)));
    const { message } = error as Error;
    t.true(message.startsWith(`standard input: line ${line}: a quote`), `pieces of ${size}: ${message}`);
  }
});

test('whatever the pieces, the line of an open quote is right', inAnyPieces, 'url,n\na,1\nb,2\n"c,3\nd\n', 4);
test('whatever the pieces, blank lines count', inAnyPieces, 'url,n\na,1\n\n\nb,"2\nd\n', 5);
test('whatever the pieces, newlines in cells count', inAnyPieces, 'url,n\na,"1\n\n2"\nb,"2\nd\n', 5);

const limit = 16 * 2 ** 20;
const tooLong =
  'standard input: line 4: the cell that begins here makes a record longer than 16 MiB; is its quote never closed?';

const tooLarge = test.macro(async (t, size: number) => {
  const content = Buffer.from(`url,n\na.org,1\nb.org,2\nc.org,"3${'\nd.org,4'.repeat(limit / 8 + 1)}`);
  const reading = await readAll(sourceOf(piecesOf(content, size)));
  t.like(reading.error, { name: 'InputError', message: tooLong });
  t.deepEqual(urlsOf(reading), [a, b]);
});

test('a record over 16 MiB is named by the line on which it goes wrong', tooLarge, 2 ** 16);
test('a record over 16 MiB is named alike when it comes at once', tooLarge, 2 * limit);

const endless = test.macro(async (t, start: string) => {
  const piece = Buffer.alloc(2 ** 16, 'x');
  let taken = 0;
  function* pieces(): Generator<Buffer> {
    yield Buffer.from(start);
    for (;;) {
      taken += piece.length;
      yield piece;
    }
  }
  const { error } = await readAll(streamSource(Readable.from(pieces()), 'in'));
  t.like(error, { name: 'InputError' });
  t.true(taken < 1.5 * limit, `${taken} bytes were taken`);
});

test('a quoted cell without an end ends the reading', endless, 'url\n"');
test('a cell without an end ends the reading', endless, 'url\n');
test('a header without an end ends the reading', endless, 'url');

test('a record of many cells is named by the line of the one that is too much', async (t) => {
  const cells = Array.from({ length: 20 }, () => `"${'x'.repeat(2 ** 20 - 1)}\n"`);
  const content = Buffer.from(`url,n\na.org,1\n${cells.join(',')}\n`);
  const reading = await readAll(sourceOf(piecesOf(content, 2 ** 16)));
  t.like(reading.error, { message: tooLong.replace('line 4', `line ${3 + 16}`) });
  t.deepEqual(urlsOf(reading), [a]);
});

test('a record of just 16 MiB is a record', async (t) => {
  const cell = 'x'.repeat(limit - 'a.org'.length);
  const reading = await readAll(sourceOf(piecesOf(Buffer.from(`url,n\na.org,${cell}\n`), 2 ** 18)));
  t.is(reading.error, null);
  t.true(reading.rows[0]?.cells[1] === cell);
});

test('a record of a byte more than 16 MiB is none', async (t) => {
  const cell = 'x'.repeat(limit - 'a.org'.length + 2);
  const reading = await readAll(sourceOf(piecesOf(Buffer.from(`url,n\na.org,${cell}\n`), 2 ** 18)));
  t.like(reading.error, { name: 'InputError' });
});
