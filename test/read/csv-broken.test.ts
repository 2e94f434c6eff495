import test from 'ava';

import { piecesOf, readAll, readOptions, sourceOf, urlsOf } from '../helpers/reading.ts';
import type { Reading } from '../helpers/reading.ts';
import { ReadState, readRows } from '../../src/read/rows.ts';

/** The cells of each row, with the detail of the fault for a bad row. */
function outcomes({ rows }: Reading): unknown[] {
  return rows.map(({ cells, error, detail }) => (error === 'bad-row' ? [...cells, { detail }] : cells));
}

function never(line: number): { detail: string } {
  return { detail: `line ${line} opens a quote that is never closed` };
}

const unclosed = test.macro(async (t, content: string, expected: readonly unknown[]) => {
  const bytes = Buffer.from(content);
  for (let size = 1; size <= bytes.length; size++) {
    const reading = await readAll(sourceOf(piecesOf(bytes, size), 'in.csv'), { urlColumn: '1' });
    t.is(reading.error, null);
    t.deepEqual(outcomes(reading), expected, `pieces of ${size}`);
    t.deepEqual(
      reading.rows.map(({ number }) => number),
      expected.map((_, index) => index + 1),
    );
  }
});

test('a quote that never closes costs its line', unclosed, 'url,n\na,1\n"b,2\nc,3\n', [
  ['a', '1'],
  ['"b', '2', never(3)],
  ['c', '3'],
]);
test('it may open in any cell', unclosed, 'url,n\na,1\nb,"2\nc,3\n', [
  ['a', '1'],
  ['b', '"2', never(3)],
  ['c', '3'],
]);
test('it may open in the last line', unclosed, 'url,n\na,1\n"b,3', [
  ['a', '1'],
  ['"b', '3', never(3)],
]);
test('it may be the last byte', unclosed, 'url,n\na,1\n"', [
  ['a', '1'],
  ['"', never(3)],
]);
test('it may be all there is behind the header', unclosed, 'url\n"', [['"', never(2)]]);
test('it may stand before a line end alone', unclosed, 'url\na\n"\n', [['a'], ['"', never(3)]]);
test('an odd number of quotes never closes', unclosed, 'url,n\na,1\nb,"""\nc,3\n', [
  ['a', '1'],
  ['b', '"""', never(3)],
  ['c', '3'],
]);
test('the rest of its line stays as it stands', unclosed, 'url,n\n"a,"",b""\nc,3\n', [
  ['"a', '""', 'b""', never(2)],
  ['c', '3'],
]);
test('quoted cells before it lose their quotes', unclosed, 'url,n,m\n"a,1","2\nc,3,4\n', [
  ['a,1', '"2', never(2)],
  ['c', '3', '4'],
]);
test('blank lines count as lines', unclosed, 'url,n\n\n\na,1\n\n"b\n\nc,3\n', [
  ['a', '1'],
  ['"b', never(6)],
  ['c', '3'],
]);
test('newlines in cells count as lines', unclosed, 'url,n\na,"1\n2\n3"\nb,"2\n', [
  ['a', '1\n2\n3'],
  ['b', '"2', never(5)],
]);
test('a record that it breaks may have begun before', unclosed, 'url,n,m\na,"1\n2","3\nb,4,5\n', [
  ['a', '1\n2', '"3', never(3)],
  ['b', '4', '5'],
]);
test('lines may end with CRLF', unclosed, 'url,n\r\na,1\r\n"b\r\nc,2\r\n', [
  ['a', '1'],
  ['"b', never(3)],
  ['c', '2'],
]);
test('lines may end with CR', unclosed, 'url,n\ra,1\r"b,2\rc,3\r', [
  ['a', '1'],
  ['"b', '2', never(3)],
  ['c', '3'],
]);
test('what stood within the quote is read like the rest', unclosed, 'url,n\na,"1\nb,x""y\nc,""z""\n', [
  ['a', '"1', never(2)],
  ['b', 'x""y'],
  ['c', '""z""'],
]);

const inHeader = test.macro(async (t, content: string, noHeader: boolean) => {
  const { rows, error } = await readAll(sourceOf(content, 'in.csv'), { noHeader, inputFormat: 'csv' });
  t.like(error, {
    name: 'InputError',
    message: 'in.csv: line 1 opens a quote that is never closed; close or double it',
  });
  t.deepEqual(rows, []);
});

test('a quote of the header that never closes ends the reading', inHeader, 'url,"n\na.org,1\n', false);
test('it may open the header', inHeader, '"url,n\na.org,1\n', false);
test(
  'without a header the first row tells how many columns there are',
  inHeader,
  'a.org,"1\nb.org,2\n',
  true,
);

const limit = 16 * 2 ** 20;
const a = 'https://a.org';

const tooLarge = test.macro(async (t, size: number) => {
  // Each of these lines has 64 bytes.
  const number = '456789012'.padEnd(57, '0');
  const lines = limit / 64 + 10;
  const content = Buffer.from(`url,n\na.org,1\nb.org,"3${`\nd.org,${number}`.repeat(lines)}\n"e.org",5`);
  const state = new ReadState();
  let largestBatch = 0;
  const first: unknown[] = [];
  let last = '';
  const source = sourceOf(piecesOf(content, size));
  for await (const batch of readRows([source], readOptions(), state)) {
    largestBatch = Math.max(largestBatch, batch.length);
    if (first.length < 3) first.push(...batch.map(({ cells, detail }) => [...cells, detail]));
    last = batch.at(-1)?.url ?? last;
  }
  t.is(state.rows, 2 + lines + 1);
  t.is(last, 'https://e.org');
  t.deepEqual(first.slice(0, 3), [
    ['a.org', '1', ''],
    ['b.org', '"3', 'line 3 opens a quote that is not closed within 16 MiB'],
    ['d.org', number, ''],
  ]);
  t.true(largestBatch < 2000, `${largestBatch} rows came at once`);
});

test('a quote that is not closed within 16 MiB costs its line', tooLarge, 2 ** 16);
test('it does when all comes at once', tooLarge, 2 * limit);

test('a record of many cells is left at the one that is too much', async (t) => {
  const cells = Array.from({ length: 20 }, () => `"${'x'.repeat(2 ** 20 - 1)}\n"`);
  const content = Buffer.from(`url,n\na.org,1\n${cells.join(',')}\nb.org,2\n`);
  const { rows, error } = await readAll(sourceOf(piecesOf(content, 2 ** 16)));
  t.is(error, null);
  t.deepEqual(rows[1]?.detail, 'line 17 opens a quote that is not closed within 16 MiB');
  t.is(rows[1]?.cells.length, 15);
  t.is(rows.at(-1)?.url, 'https://b.org');
});

test('a cell without an end is not held, and its row keeps the cells before', async (t) => {
  const long = Array.from({ length: 20 }, () => Buffer.alloc(2 ** 20, 'x'));
  const pieces = [Buffer.from('url,n,m\na.org,1,2\nb.org,2,'), ...long, Buffer.from('\nc.org,3,4\n')];
  const reading = await readAll(sourceOf(pieces));
  t.deepEqual(outcomes(reading), [
    ['a.org', '1', '2'],
    ['b.org', '2', { detail: 'line 3 is longer than 16 MiB' }],
    ['c.org', '3', '4'],
  ]);
});

test('a line without an end within an open quote is left with the quote', async (t) => {
  const long = Array.from({ length: 20 }, () => Buffer.alloc(2 ** 20, 'x'));
  const reading = await readAll(
    sourceOf([Buffer.from('url,n\na.org,"1\n'), ...long, Buffer.from('"\nc.org,3\n')]),
  );
  t.deepEqual(outcomes(reading), [
    ['a.org', '"1', { detail: 'line 2 opens a quote that is not closed within 16 MiB' }],
    [{ detail: 'line 3 is longer than 16 MiB' }],
    ['c.org', '3'],
  ]);
});

test('a header without an end ends the reading', async (t) => {
  const long = Array.from({ length: 20 }, () => Buffer.alloc(2 ** 20, 'x'));
  const { error } = await readAll(sourceOf([Buffer.from('url'), ...long, Buffer.from('\na.org\n')], 'in'));
  t.like(error, { name: 'InputError', message: 'in: line 1 is longer than 16 MiB; is a line end missing?' });
});

test('a line of just 16 MiB is a record', async (t) => {
  const cell = 'x'.repeat(limit - 'a.org,'.length);
  const reading = await readAll(sourceOf(piecesOf(Buffer.from(`url,n\na.org,${cell}\n`), 2 ** 18)));
  t.is(reading.error, null);
  t.deepEqual(urlsOf(reading), [a]);
  t.true(reading.rows[0]?.cells[1] === cell);
});

test('a line of a byte more than 16 MiB is none', async (t) => {
  const cell = 'x'.repeat(limit - 'a.org,'.length + 1);
  const reading = await readAll(sourceOf(piecesOf(Buffer.from(`url,n\na.org,${cell}\n`), 2 ** 18)));
  t.deepEqual(outcomes(reading), [['a.org', { detail: 'line 2 is longer than 16 MiB' }]]);
});
