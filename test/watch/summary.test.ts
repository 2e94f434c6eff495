import test from 'ava';

import { libraryLayer, resolveOptions } from '../../src/options/resolve.ts';
import { Statistics } from '../../src/watch/statistics.ts';
import { summarize } from '../../src/watch/summary.ts';
import type { Summary } from '../../src/watch/summary.ts';
import { resultOf, tableOf } from '../write/samples.ts';

/** Statistics of a run of this age. */
class Aged extends Statistics {
  readonly #seconds: number;

  constructor(seconds: number) {
    super(true);
    this.#seconds = seconds;
  }

  override get seconds(): number {
    return this.#seconds;
  }
}

function summaryOf(
  said: Parameters<typeof libraryLayer>[0] = {},
  statistics: Statistics = new Aged(4),
): Summary {
  return summarize(
    statistics,
    { outcome: 'done', stoppedBy: null, comments: 0 },
    resolveOptions([libraryLayer(said)]),
    '1.2.3',
  );
}

test('a summary has the figures and the rates', (t) => {
  const statistics = new Aged(4);
  const add = (changes: object): void => statistics.add(resultOf(tableOf('a'), ['a'], changes));
  add({ status: 404, bytes: 1000 });
  for (let i = 0; i < 2; i++) add({ bytes: 500 });
  add({ status: null, error: 'timeout', bytes: null });
  t.like(summaryOf({}, statistics), {
    version: '1.2.3',
    outcome: 'done',
    seconds: 4,
    rows: 4,
    errors: 1,
    byStatus: { 200: 2, 404: 1 },
    byFailure: { timeout: 1 },
    bytes: 2000,
    rowsPerSecond: 1,
    bytesPerSecond: 500,
  });
});

test('failures stand with the most frequent first', (t) => {
  const statistics = new Aged(1);
  for (const error of ['timeout', 'no-url', 'no-url'] as const) {
    statistics.add(resultOf(tableOf('a'), ['a'], { error }));
  }
  t.deepEqual(Object.keys(summaryOf({}, statistics).byFailure), ['no-url', 'timeout']);
});

test('a run that took no time has no endless rate', (t) => {
  const statistics = new Aged(0);
  statistics.add(resultOf(tableOf('a'), ['a']));
  const { rowsPerSecond, bytesPerSecond } = summaryOf({}, statistics);
  t.true(Number.isFinite(rowsPerSecond) && Number.isFinite(bytesPerSecond));
});

test('start and end are in UTC', (t) => {
  const { start, end } = summaryOf();
  t.is(new Date(start).toISOString(), start);
  t.is(new Date(end).toISOString(), end);
  t.true(start <= end);
});

test('at most ten hosts are shown', (t) => {
  const statistics = new Aged(1);
  for (let i = 0; i < 20; i++) statistics.add(resultOf(tableOf('a'), ['a'], { host: `h${i}`, status: 500 }));
  const { hosts } = summaryOf({}, statistics);
  t.is(hosts.slowest.length, 10);
  t.is(hosts.worst.length, 10);
});

test('the options are shown as they were meant, and those that were not given are left out', (t) => {
  const { options } = summaryOf({ maxBody: '1kB', timeout: '5s', quiet: true });
  t.like(options, { maxBody: 1000, timeout: 5000, quiet: true, concurrency: 100 });
  t.false('module' in options);
});

test('of headers the names are shown, and of files of headers their names', (t) => {
  const { options } = summaryOf({ header: ['Authorization: Bearer a:b', 'X-A:@c', '@secrets.txt'] });
  t.deepEqual(options['header'], ['Authorization: …', 'X-A: …', '@secrets.txt']);
});

test('data is left out, the name of a file of data is shown', (t) => {
  t.false('data' in summaryOf({ data: 'secret' }).options);
  t.is(summaryOf({ dataFile: 'data.bin' }).options['dataFile'], 'data.bin');
});

const shownTemplate = test.macro({
  exec: (t, urlTemplate: string, shown: string) => {
    t.is(summaryOf({ urlTemplate }).options['urlTemplate'], shown);
  },
  title: (_, urlTemplate: string) => `what may be a secret is left out of the template ${urlTemplate}`,
});

test(shownTemplate, 'http://u:p@h/{id}', 'http://h/{id}');
test(shownTemplate, 'http://{user}:{password}@h/', 'http://h/');
test(shownTemplate, 'http://u:p q@h/@{id}', 'http://h/@{id}');
test(shownTemplate, 'u:p@h:80/{id}', 'h:80/{id}');
test(shownTemplate, 'h/{id}#secret', 'h/{id}#…');
test(shownTemplate, 'h/{id}{#part}', 'h/{id}{#part}');
test(shownTemplate, '{+url}?a={a?}&key=secret', '{+url}?a={a?}&key=…');

const shownProxy = test.macro({
  exec: (t, proxy: string, shown: string) => t.is(summaryOf({ proxy }).options['proxy'], shown),
  title: (_, proxy: string) => `of the proxy ${proxy} all is shown but its credentials`,
});

test(shownProxy, 'u:p@proxy.test:3128', 'http://proxy.test:3128');
test(shownProxy, 'https://u:p q@proxy.test', 'https://proxy.test');
test(shownProxy, 'none', 'none');

test('credentials of URLs in lists are left out', (t) => {
  const { options } = summaryOf({ select: ['a=[href="http://u:p@h/"]', 'b=h1'] });
  t.deepEqual(options['select'], ['a=[href="http://h/"]', 'b=h1']);
});
