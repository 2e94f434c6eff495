import test from 'ava';

import { Pace } from '../../../src/fetch/schedule/pace.ts';

/**
 * Starts whatever is due between `from` and `until`, checking every `step` milliseconds. @returns the times
 */
function starts(pace: Pace, from: number, until: number, step = 1): number[] {
  const times: number[] = [];
  for (let now = from; now < until; now += step) {
    while (pace.next <= now && times.length < 100_000) {
      pace.started(now);
      times.push(now);
      if (pace.interval === 0) break;
    }
  }
  return times;
}

const slack = 5;

test('without a limit nothing waits', (t) => {
  const pace = new Pace(0);
  for (let i = 0; i < 10; i++) pace.started(50);
  t.is(pace.next, 0);
  t.is(pace.interval, 0);
  t.false(pace.learned);
});

const held = test.macro({
  exec: (t, floor: number, step: number) => {
    const times = starts(new Pace(floor), 1000, 1000 + 500 * floor, step);
    // Checked for each window, not only in total: no more than the slack is ever made up for.
    for (let i = 0; i < times.length; i++) {
      for (let j = i; j < Math.min(times.length, i + 50); j++) {
        const window = (times[j] ?? 0) - (times[i] ?? 0);
        t.true(j - i <= (window + slack) / floor + 1e-9, `${j - i} in ${window} ms`);
      }
    }
    // The full pace is reached if the clock is fine enough.
    if (step <= slack) t.true(times.length >= 499, `${times.length}`);
  },
  title: (_, floor: number, step: number) => `one start in ${floor} ms, by a clock of ${step} ms`,
});

test(held, 10, 1);
test(held, 3, 2);
test(held, 0.7, 1);
test(held, 4, 5);
test(held, 20, 17);
test(held, 1000, 30);

test('after a time without starts there is no burst', (t) => {
  const pace = new Pace(100);
  starts(pace, 1000, 1500);
  t.deepEqual(starts(pace, 60_000, 60_301), [60_000, 60_095, 60_195, 60_295]);
});

test('the limit only gets stricter by what a site asks for', (t) => {
  const pace = new Pace(100);
  pace.atLeast(50);
  t.is(pace.interval, 100);
  pace.atLeast(200);
  t.is(pace.interval, 200);
});

test('after 429 half the rate of late is used, at once', (t) => {
  const pace = new Pace(0);
  starts(pace, 1000, 2000, 10);
  pace.slowDown(1990, 2000);
  t.true(pace.learned);
  // The rate was a hundred per second, so half of it is an interval of 20 ms.
  t.true(Math.abs(pace.interval - 20) < 1, `${pace.interval}`);
  t.is(pace.next, 2000 + pace.interval);
});

test('the rate is measured from the first start, however old the process is', (t) => {
  for (const begin of [10, 300, 3000, 1e6]) {
    const pace = new Pace(0);
    pace.started(begin);
    pace.slowDown(begin, begin + 10);
    t.is(pace.interval, 200, `${begin}`);
  }
});

test('what was long ago does not count for the rate', (t) => {
  const pace = new Pace(0);
  starts(pace, 0, 10_000, 1);
  starts(pace, 10_000, 30_000, 100);
  pace.slowDown(29_900, 30_000);
  t.true(pace.interval > 150 && pace.interval < 250, `${pace.interval}`);
});

test('429s of what was started before the last cut change nothing', (t) => {
  const pace = new Pace(0);
  starts(pace, 1000, 2000, 10);
  pace.slowDown(1500, 2000);
  const { interval, next } = pace;
  for (let i = 0; i < 50; i++) pace.slowDown(1000 + i * 20, 2000 + i);
  t.is(pace.interval, interval);
  t.is(pace.next, next);
  // Those started after the cut do count.
  starts(pace, 2000, 3000);
  pace.slowDown(2500, 3000);
  t.true(pace.interval >= 2 * interval - 1e-6, `${pace.interval}`);
});

test('it never gets slower than a request in 30 seconds', (t) => {
  const pace = new Pace(0);
  let now = 1000;
  for (let i = 0; i < 60; i++) {
    pace.started(now);
    pace.slowDown(now, now + 1);
    now = pace.next;
  }
  t.is(pace.interval, 30_000);
});

test('good replies win the rate back little by little, until there is no limit again', (t) => {
  const pace = new Pace(0);
  starts(pace, 1000, 2000, 10);
  pace.slowDown(1990, 2000);
  const rates: number[] = [];
  let now = 2000;
  while (pace.learned && now < 120_000) {
    now += 1000;
    pace.recover(now);
    if (pace.learned) rates.push(1000 / pace.interval);
  }
  t.is(pace.interval, 0);
  // From 50/s to 200/s, by 5/s each second.
  t.true(now >= 30_000 && now <= 36_000, `${now}`);
  t.deepEqual(
    rates,
    rates.toSorted((a, b) => a - b),
  );
  t.true(rates.every((rate, i) => i === 0 || rate - (rates[i - 1] ?? 0) < 6));
});

test('it never gets faster than what was asked for', (t) => {
  const pace = new Pace(500);
  starts(pace, 1000, 5000);
  pace.slowDown(4900, 5000);
  t.true(pace.interval > 500);
  for (let now = 5000; pace.learned && now < 300_000; now += 1000) pace.recover(now);
  t.is(pace.interval, 500);
});

test('many good replies in one moment win back nothing', (t) => {
  const pace = new Pace(0);
  pace.started(1000);
  pace.slowDown(1000, 1100);
  const { interval } = pace;
  for (let i = 0; i < 1000; i++) pace.recover(1100);
  t.is(pace.interval, interval);
});
