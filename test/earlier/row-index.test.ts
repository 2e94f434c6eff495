import test from 'ava';

import { RowIndex } from '../../src/earlier/row-index.ts';

/** Takes the first row that is left with this hash. */
function next(index: RowIndex, hash: number): number | undefined {
  const [row] = index.find(hash);
  if (row !== undefined) index.take(row);
  return row;
}

test('where a row starts is told to the byte, also in files of terabytes', (t) => {
  const index = new RowIndex(2 ** 20);
  const starts = [0, 7, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 40 + 5, 2 ** 52];
  for (const [row, start] of starts.entries()) index.add(start, row % 2 === 0 ? row : null);
  index.finish();
  t.deepEqual(
    starts.map((_, row) => index.start(row)),
    starts,
  );
  t.deepEqual([next(index, 2), next(index, 3)], [2, undefined]);
});

test('rows of one hash are found in order, and cost a step each', (t) => {
  const index = new RowIndex(2 ** 24);
  const count = 300_000;
  for (let row = 0; row < count; row++) index.add(row, 77);
  index.finish();
  // If each search passed the rows taken before, this would take hours.
  for (let row = 0; row < count; row++) if (next(index, 77) !== row) return t.fail(`row ${row}`);
  return t.is(next(index, 77), undefined);
});

test('an index without rows finds none', (t) => {
  const index = new RowIndex(0);
  index.finish();
  t.deepEqual([...index.find(1)], []);
});

/** A thousand hashes in turn, spread over the whole range. */
function hashOf(row: number): number {
  return Math.imul(row % 1000, 0x9e3779b1) >>> 0;
}

test('the smallest memory is enough', (t) => {
  const index = new RowIndex(0);
  t.teardown(() => index.close());
  const count = 5000;
  for (let row = 0; row < count; row++) index.add(row * 3, hashOf(row));
  index.finish();
  t.true(index.isOnDisk);
  const found = Array.from({ length: count }, (_, row) => next(index, hashOf(row)));
  t.deepEqual(
    found,
    found.map((_, row) => row),
  );
  t.is(index.start(count - 1), (count - 1) * 3);
});
