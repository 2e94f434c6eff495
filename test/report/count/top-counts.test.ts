import test from 'ava';

import { TopCounts } from '../../../src/report/count/top-counts.ts';
import { randomNumbers } from '../../helpers/random.ts';

/** Random keys, a few of which are frequent. */
function skewed(count: number, kinds: number): string[] {
  const below = randomNumbers(7);
  return Array.from({ length: count }, () => `key-${below(below(below(kinds) + 1) + 1)}`);
}

function exactly(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

test('as many keys as there is room for are counted exactly', (t) => {
  const keys = skewed(20_000, 500);
  const counts = new TopCounts(500);
  for (const key of keys) counts.add(key);
  const expected = exactly(keys);
  t.true(counts.isExact);
  t.is(counts.size, expected.size);
  t.deepEqual(
    Object.fromEntries(counts.all().map(({ key, count }) => [key, count])),
    Object.fromEntries(expected),
  );
  t.true(counts.all().every(({ over }) => over === 0));
  const largest = [...expected.values()].toSorted((a, b) => b - a);
  t.deepEqual(
    counts.top(10).map(({ count }) => count),
    largest.slice(0, 10),
  );
});

test('with more keys no frequent one is lost, and each count is wrong by no more than it says', (t) => {
  const keys = skewed(50_000, 5000);
  const counts = new TopCounts(300);
  for (const key of keys) counts.add(key);
  const expected = exactly(keys);
  t.false(counts.isExact);
  t.is(counts.total, keys.length);
  t.is(counts.size, 300);
  for (const { key, count, over } of counts.all()) {
    const truth = expected.get(key) ?? 0;
    t.true(
      count >= truth && count - over <= truth,
      `${key}: ${truth} is not from ${count - over} to ${count}`,
    );
  }
  const frequent = [...expected].filter(([, count]) => count > keys.length / 300);
  t.true(frequent.length > 10);
  t.deepEqual(
    frequent.filter(([key]) => counts.get(key) === undefined),
    [],
  );
});

test('a slot is told of whenever another key gets it, and no two keys have the same', (t) => {
  const counts = new TopCounts(50);
  const owners = new Map<number, string>();
  for (const key of skewed(5000, 400)) {
    const { slot } = counts.add(key, (fresh) => owners.set(fresh, key));
    t.is(owners.get(slot), key);
  }
  t.is(new Set(counts.all().map(({ slot }) => slot)).size, 50);
  t.true(counts.all().every(({ slot }) => slot >= 0 && slot < 50));
});
