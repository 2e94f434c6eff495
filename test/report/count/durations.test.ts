import test from 'ava';

import { Durations, DurationsBySlot, bucketLimits, bucketOf } from '../../../src/report/count/durations.ts';
import { randomNumbers } from '../../helpers/random.ts';

test('every duration is in the bucket whose limits it lies between', (t) => {
  for (const ms of [0, 0.4, 1, 1.59, 1.6, 99.9, 100, 159, 160, 99_999, 100_000, 1e9]) {
    const bucket = bucketOf(ms);
    t.true(ms >= (bucketLimits[bucket - 1] ?? 0), `${ms}`);
    t.true(ms < (bucketLimits[bucket] ?? Infinity), `${ms}`);
  }
});

test('quantiles are exact to the millisecond', (t) => {
  const below = randomNumbers(3);
  const all = Array.from({ length: 999 }, () => below(20_000));
  const durations = new Durations();
  for (const ms of all) durations.add(ms);
  const sorted = all.toSorted((a, b) => a - b);
  const at = (index: number): number => sorted[index] ?? -1;
  t.is(durations.quantile(0.5), at(499));
  t.is(durations.quantile(0.9), at(899));
  t.is(durations.quantile(1), at(998));
  t.is(durations.max, at(998));
  t.is(
    durations.buckets.reduce((sum, count) => sum + count, 0),
    999,
  );
});

test('what is longer than 100 s is not shown as 100 s', (t) => {
  const durations = new Durations();
  for (const ms of [10, 200_000, 300_000]) durations.add(ms);
  t.is(durations.quantile(0.3), 10);
  t.is(durations.quantile(0.5), Number.NaN);
  t.is(durations.max, 300_000);
});

test('medians of many are within 6 %, means and the longest exact, and a cleared slot has nothing left', (t) => {
  const below = randomNumbers(5);
  const bySlot = new DurationsBySlot(3);
  const all = Array.from({ length: 501 }, () => 5 + below(5000));
  for (const ms of all) {
    bySlot.add(0, 77_777);
    bySlot.add(1, ms);
    bySlot.add(2, 0.2);
  }
  const { count, median, mean, max } = bySlot.figures(1);
  const truth = all.toSorted((a, b) => a - b)[250] ?? 0;
  t.is(count, 501);
  t.true(Math.abs(median / truth - 1) < 0.06, `${median} for ${truth}`);
  t.is(mean, all.reduce((sum, ms) => sum + ms, 0) / 501);
  t.is(max, Math.max(...all));
  bySlot.clear(1);
  bySlot.add(1, 30);
  t.like(bySlot.figures(1), { count: 1, mean: 30, max: 30 });
  t.is(bySlot.figures(0).count, 501);
});
