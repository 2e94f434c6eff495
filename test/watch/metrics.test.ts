import { execFile, execFileSync } from 'node:child_process';

import test from 'ava';

import { Statistics } from '../../src/watch/statistics.ts';
import { lastSuccessIn, metricsText } from '../../src/watch/metrics.ts';
import type { MetricsSource, Moment } from '../../src/watch/metrics.ts';
import { samplesOf } from '../helpers/metrics.ts';
import { resultOf, tableOf } from '../write/samples.ts';

const moment: Moment = { run: 'links', version: '1.2.3', outcome: 'running', lastSuccess: 1_700_000_000.5 };

function source(
  results: readonly Parameters<typeof resultOf>[2][],
  total: number | null = null,
): MetricsSource {
  const statistics = new Statistics(false);
  for (const result of results) statistics.add(resultOf(tableOf('a'), ['a'], result));
  return {
    statistics,
    input: () => ({ read: results.length, total, exact: false }),
    load: () => ({ inFlight: 7, hostsDown: 2 }),
  };
}

const some = source(
  [
    { status: 200, bytes: 10, wireBytes: 6 },
    { status: 404, bytes: 5, wireBytes: 5 },
    { status: 200, error: 'body-too-large', bytes: null, wireBytes: 0 },
    { status: null, error: 'dns-not-found', bytes: null, wireBytes: null },
    { status: null, error: 'dns-not-found', bytes: null, wireBytes: null },
  ],
  100,
);

test('rows, failures, bytes and what is going on are told', (t) => {
  const samples = samplesOf(metricsText(some, moment));
  t.like(samples, {
    'urlmill_info{run="links",version="1.2.3"}': 1,
    'urlmill_rows_total{run="links",status="200"}': 2,
    'urlmill_rows_total{run="links",status="404"}': 1,
    'urlmill_rows_total{run="links",status="none"}': 2,
    'urlmill_row_failures_total{run="links",code="body-too-large"}': 1,
    'urlmill_row_failures_total{run="links",code="dns-not-found"}': 2,
    'urlmill_failed_rows_total{run="links"}': 4,
    'urlmill_body_bytes_total{run="links"}': 15,
    'urlmill_wire_bytes_total{run="links"}': 11,
    'urlmill_requests_in_flight{run="links"}': 7,
    'urlmill_hosts_down{run="links"}': 2,
    'urlmill_rows_read{run="links"}': 5,
    'urlmill_rows_expected{run="links",estimate="yes"}': 100,
    'urlmill_outcome{run="links",outcome="running"}': 1,
    'urlmill_outcome{run="links",outcome="done"}': 0,
    'urlmill_last_success_timestamp_seconds{run="links"}': 1_700_000_000.5,
  });
  t.true((samples['urlmill_run_duration_seconds{run="links"}'] ?? -1) >= 0);
  t.is(samples['urlmill_start_time_seconds{run="links"}'], some.statistics.startedAt / 1000);
});

test('the rows by status are all rows', (t) => {
  const rows = Object.entries(samplesOf(metricsText(some, moment))).filter(([name]) =>
    name.startsWith('urlmill_rows_total'),
  );
  t.is(
    rows.reduce((sum, [, value]) => sum + value, 0),
    5,
  );
});

test('what is not known is not there', (t) => {
  const samples = samplesOf(metricsText(source([]), { ...moment, lastSuccess: null }));
  t.deepEqual(
    Object.keys(samples).filter((name) => /expected|last_success|failures_total/.test(name)),
    [],
  );
  t.is(samples['urlmill_rows_total{run="links",status="none"}'], 0);
});

test('a run may have any name', (t) => {
  const samples = samplesOf(metricsText(source([]), { ...moment, run: 'a"b\\c\nd é' }));
  t.true(String.raw`urlmill_hosts_down{run="a\"b\\c\nd é"}` in samples);
});

const lastSuccess = test.macro({
  exec: (t, text: string, expected: number | null) => t.is(lastSuccessIn(text), expected),
  title: (what) => `the last success: ${what}`,
});

test('what was written', lastSuccess, metricsText(some, moment), 1_700_000_000.5);
test(
  'of a run with an odd name',
  lastSuccess,
  metricsText(some, { ...moment, run: 'a"} 3\\' }),
  1_700_000_000.5,
);
test('none was written', lastSuccess, metricsText(some, { ...moment, lastSuccess: null }), null);
test('another file', lastSuccess, '# HELP urlmill_last_success_timestamp_seconds x\nsomething 5\n', null);
test('nothing', lastSuccess, '', null);

/** Runs Prometheus's own linter, if installed. @returns its exit code and output */
async function promtool(text: string): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile('promtool', ['check', 'metrics'], (error, stdout, stderr) => {
      resolve(`${error === null ? '' : String(error.code)}${stdout}${stderr}`);
    });
    child.stdin?.end(text);
  });
}

function hasPromtool(): boolean {
  try {
    execFileSync('promtool', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const texts = [
  metricsText(some, moment),
  metricsText(source([]), { ...moment, run: 'a"b\\c\nd é', lastSuccess: null }),
];

test('the text is as the format has it, by our own checks and by promtool where it is', async (t) => {
  for (const text of texts) t.true(Object.keys(samplesOf(text)).length > 10);
  const there = hasPromtool();
  t.log(there ? 'promtool has checked it' : 'promtool is not here');
  if (!there) return;
  for (const text of texts) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other, as each takes a core
    t.is(await promtool(text), '');
  }
  t.not(await promtool(`${texts[0]}urlmill_bad 1\n`), '');
});
