import test from 'ava';

import type { Result } from '../../src/shared/records.ts';
import { Statistics } from '../../src/watch/statistics.ts';
import { resultOf, tableOf } from '../write/samples.ts';

const table = tableOf('url');

function counted(changes: readonly Partial<Result>[], byHost = true): Statistics {
  const statistics = new Statistics(byHost);
  for (const change of changes) statistics.add(resultOf(table, ['a'], change));
  return statistics;
}

const failed = { error: 'connect-refused', status: null, bytes: null } as const;

test('rows, errors and bytes are counted', (t) => {
  const { rows, errors, bytes } = counted([{ bytes: 5 }, { bytes: 7 }, failed]);
  t.deepEqual({ rows, errors, bytes }, { rows: 3, errors: 1, bytes: 12 });
});

test('a status of 400 and more is no error', (t) => {
  t.is(counted([{ status: 404 }, { status: 500 }]).errors, 0);
});

test('rows are counted by status', (t) => {
  t.deepEqual(
    [...counted([{ status: 200 }, { status: 404 }, { status: 200 }, failed]).statuses],
    [
      [200, 2],
      [404, 1],
    ],
  );
});

test('rows are counted by failure, also those with a status', (t) => {
  const tooLarge = { error: 'body-too-large', bytes: null } as const;
  const { failures, statuses } = counted([failed, tooLarge, failed]);
  t.deepEqual(
    [...failures],
    [
      ['connect-refused', 2],
      ['body-too-large', 1],
    ],
  );
  t.deepEqual([...statuses], [[200, 1]]);
});

test('the slowest hosts are those with the longest mean time', (t) => {
  const statistics = counted([
    { host: 'a', ms: 100 },
    { host: 'b', ms: 10 },
    { host: 'b', ms: 310 },
    { host: 'c', ms: 120 },
  ]);
  t.deepEqual(statistics.hosts(2).slowest, [
    { host: 'b', rows: 2, failed: 0, meanMs: 160 },
    { host: 'c', rows: 1, failed: 0, meanMs: 120 },
  ]);
});

test('the worst hosts are those where most rows failed, by a code or a status', (t) => {
  const statistics = counted([
    { host: 'good' },
    { host: 'bad', ...failed },
    { host: 'worse', status: 400 },
    { host: 'worse', ...failed },
    { host: 'redirects', status: 399 },
  ]);
  t.deepEqual(statistics.hosts(5).worst, [
    { host: 'worse', rows: 2, failed: 2, meanMs: 12 },
    { host: 'bad', rows: 1, failed: 1, meanMs: 12 },
  ]);
});

test('a row that was never tried belongs to no host', (t) => {
  t.deepEqual(counted([{ host: '', ...failed }]).hosts(5), { approximate: false, slowest: [], worst: [] });
});

test('hosts are not counted unless it is asked for', (t) => {
  t.deepEqual(counted([failed], false).hosts(5), { approximate: false, slowest: [], worst: [] });
});

test('with very many hosts the worst and slowest are kept, and it says so', (t) => {
  const many = Array.from({ length: 25_000 }, (_, i) => ({ host: `h${i}`, ms: 1 }));
  const statistics = counted([
    { host: 'bad', ...failed, ms: 1 },
    { host: 'bad', ...failed, ms: 1 },
    { host: 'slow', ms: 5000 },
    ...many,
  ]);
  const { approximate, slowest, worst } = statistics.hosts(1);
  t.true(approximate);
  t.like(slowest, [{ host: 'slow', meanMs: 5000 }]);
  t.like(worst, [{ host: 'bad', failed: 2 }]);
  t.is(statistics.rows, 25_003);
});

test('up to ten thousand hosts nothing is forgotten', (t) => {
  const statistics = counted(Array.from({ length: 10_000 }, (_, i) => ({ host: `h${i}` })));
  t.false(statistics.hosts(1).approximate);
  t.is(statistics.hosts(20_000).slowest.length, 10_000);
});

test('time goes on from the start', async (t) => {
  const from = Date.now();
  const statistics = new Statistics(false);
  const before = statistics.seconds;
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.true(statistics.seconds > before && before >= 0);
  t.true(statistics.startedAt >= from - 1 && statistics.startedAt <= Date.now());
});
