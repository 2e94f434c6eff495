import test from 'ava';

import { RowSet } from '../../src/shared/row-set.ts';
import { numbersIn } from '../helpers/journals.ts';
import { randomNumbers } from '../helpers/random.ts';

/** Number of rows in one chunk of the set. */
const chunk = 65_536;

test('a set has what was added, and nothing else', (t) => {
  const rows = new RowSet();
  t.is(rows.size, 0);
  t.false(rows.has(1));
  for (const row of [1, 7, 8, 9, 1000]) rows.add(row);
  t.deepEqual(numbersIn(rows, 2000), [1, 7, 8, 9, 1000]);
  t.is(rows.size, 5);
});

test('a row that is added again counts once', (t) => {
  const rows = new RowSet();
  rows.add(5);
  rows.add(5);
  rows.addRange(4, 6);
  t.is(rows.size, 3);
});

test('rows on both sides of a border between pieces', (t) => {
  const rows = new RowSet();
  rows.addRange(chunk - 2, chunk + 1);
  rows.add(3 * chunk);
  t.deepEqual(numbersIn(rows, 4 * chunk), [chunk - 2, chunk - 1, chunk, chunk + 1, 3 * chunk]);
  t.is(rows.size, 5);
  t.false(rows.has(2 * chunk));
});

test('a piece that is full still has its rows, and counts them once', (t) => {
  const rows = new RowSet();
  rows.addRange(1, 2 * chunk);
  t.is(rows.size, 2 * chunk);
  rows.addRange(1, 2 * chunk);
  rows.add(chunk + 5);
  t.is(rows.size, 2 * chunk);
  t.false(rows.has(0));
  t.true(rows.has(1));
  t.true(rows.has(chunk));
  t.true(rows.has(2 * chunk));
  t.false(rows.has(2 * chunk + 1));
});

test('a piece is not full while one row is missing', (t) => {
  const rows = new RowSet();
  for (let row = 2 * chunk - 1; row >= chunk; row--) if (row !== chunk + 77) rows.add(row);
  t.false(rows.has(chunk + 77));
  t.is(rows.size, chunk - 1);
  rows.add(chunk + 77);
  t.true(rows.has(chunk + 77));
  t.is(rows.size, chunk);
});

test('an empty range adds nothing', (t) => {
  const rows = new RowSet();
  rows.addRange(5, 4);
  t.is(rows.size, 0);
});

test('numbers beyond 32 bits', (t) => {
  const rows = new RowSet();
  const far = 2 ** 33 + 5;
  rows.add(far);
  t.true(rows.has(far));
  t.false(rows.has(far + 8));
  t.false(rows.has(far - 2 ** 32));
});

test('the same as a plain set, for rows in any order', (t) => {
  const below = randomNumbers(3);
  const rows = new RowSet();
  const plain = new Set<number>();
  for (let i = 0; i < 50_000; i++) {
    const row = below(3 * chunk);
    rows.add(row);
    plain.add(row);
  }
  t.is(rows.size, plain.size);
  const wrong = Array.from({ length: 3 * chunk }, (_, row) => row).filter(
    (row) => rows.has(row) !== plain.has(row),
  );
  t.deepEqual(wrong, []);
});
