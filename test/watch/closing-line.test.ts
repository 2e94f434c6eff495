import test from 'ava';

import type { Result } from '../../src/shared/records.ts';
import { libraryLayer, resolveOptions } from '../../src/options/resolve.ts';
import { closingLine } from '../../src/watch/closing-line.ts';
import { Statistics } from '../../src/watch/statistics.ts';
import { summarize } from '../../src/watch/summary.ts';
import type { Summary } from '../../src/watch/summary.ts';
import { resultOf, tableOf } from '../write/samples.ts';

const statistics = (changes: readonly Partial<Result>[]): Statistics => {
  const counted = new Statistics(false);
  for (const change of changes) counted.add(resultOf(tableOf('a'), ['a'], change));
  return counted;
};

/** The closing line of a run that took two seconds. */
function lineOf(
  of: Statistics,
  how: Partial<Pick<Summary, 'outcome' | 'stoppedBy' | 'comments'>> = {},
  ending: { leftIn?: string; canResume?: boolean } = {},
): string {
  const options = resolveOptions([libraryLayer({})]);
  const summary = summarize(of, { outcome: 'done', stoppedBy: null, comments: 0, ...how }, options, '1.2.3');
  const given = { ...summary, seconds: 2 };
  return closingLine(given, { statistics: of, leftIn: null, canResume: false, ...ending });
}

const says = test.macro({
  exec: (t, changes: readonly Partial<Result>[], line: string) => t.is(lineOf(statistics(changes)), line),
  title: (title, _, line: string) => `${title}: ${line}`,
});

const notFound = { status: 404 };
const noName = { status: null, error: 'dns-not-found' } as const;

test('no row', says, [], '0 rows in 2.0 s: 0 ok, 0 failed');
test('good rows', says, [{}, { status: 304 }], '2 rows in 2.0 s: 2 ok, 0 failed');
test('a status', says, [{ status: 401 }, { status: 401 }], '2 rows in 2.0 s: 0 ok, 2 failed (401: 2)');
test(
  'codes and statuses alike, the most frequent first',
  says,
  [noName, notFound, {}, notFound],
  '4 rows in 2.0 s: 1 ok, 3 failed (404: 2, dns-not-found: 1)',
);
test(
  'a row with a code and a status counts by its code',
  says,
  [
    { status: 200, error: 'body-too-large' },
    { status: 503, error: 'http-truncated' },
  ],
  '2 rows in 2.0 s: 0 ok, 2 failed (body-too-large: 1, http-truncated: 1)',
);
test(
  'three reasons',
  says,
  [noName, notFound, { status: 500 }],
  '3 rows in 2.0 s: 0 ok, 3 failed (dns-not-found: 1, 404: 1, 500: 1)',
);
test(
  'more than three reasons',
  says,
  [noName, notFound, { status: 500 }, { status: 503 }, notFound],
  '5 rows in 2.0 s: 0 ok, 5 failed (404: 2, dns-not-found: 1, 500: 1, …)',
);
test(
  'many rows',
  says,
  Array.from({ length: 1234 }, () => notFound),
  '1,234 rows in 2.0 s: 0 ok, 1,234 failed (404: 1,234)',
);

test('a run that goes on counts what earlier ones have done, and why it failed', (t) => {
  const earlier = JSON.parse(JSON.stringify(statistics([{}, notFound, noName]).figures())) as ReturnType<
    Statistics['figures']
  >;
  const later = statistics([]);
  later.goOn(earlier);
  later.add(resultOf(tableOf('a'), ['a'], notFound));
  t.is(
    lineOf(later),
    '4 rows, 3 of them by earlier runs in 2.0 s: 1 ok, 3 failed (404: 2, dns-not-found: 1)',
  );
});

test('reasons that an older version has not counted stand behind the ellipsis', (t) => {
  const { byFailedStatus, ...older } = statistics([notFound, noName]).figures();
  t.deepEqual(byFailedStatus, { 404: 1 });
  const later = statistics([]);
  later.goOn(older);
  t.is(lineOf(later), '2 rows, 2 of them by earlier runs in 2.0 s: 0 ok, 2 failed (dns-not-found: 1, …)');
});

test('a run that was stopped says by what, where its rows are and how to go on', (t) => {
  const how = { outcome: 'stopped', stoppedBy: 'time-limit' } as const;
  t.is(
    lineOf(statistics([notFound]), how, { leftIn: 'out.csv.part', canResume: true }),
    'stopped early by --time-limit: 1 rows in 2.0 s: 0 ok, 1 failed (404: 1); they are in out.csv.part; go on with --resume',
  );
  t.is(
    lineOf(statistics([]), { outcome: 'stopped', stoppedBy: 'signal' }),
    'stopped early: 0 rows in 2.0 s: 0 ok, 0 failed; the other rows were not fetched',
  );
});
