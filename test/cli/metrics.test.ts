import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';

import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { samplesOf } from '../helpers/metrics.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { list, onlyTo } from './stopped-runs.ts';

async function samplesIn(cwd: string): Promise<Record<string, number>> {
  return samplesOf(await readFile(join(cwd, 'm.prom'), 'utf8'));
}

test('--metrics has the figures of a whole run', async (t) => {
  const server = await httpServer(t, ({ url }, response) =>
    response.writeHead(url === '/2' ? 404 : 200).end('12345'),
  );
  const cwd = await temporaryFolder(t, { 'in.csv': `${list(server.url, 2)}3,mailto:a\n` });
  const { code, stderr } = await urlmill(['-q', '--metrics', 'm.prom', 'in.csv'], { cwd });
  t.is(stderr, '');
  t.is(code, 0);
  const samples = await samplesIn(cwd);
  t.like(samples, {
    'urlmill_rows_total{run="m",status="200"}': 1,
    'urlmill_rows_total{run="m",status="404"}': 1,
    'urlmill_rows_total{run="m",status="none"}': 1,
    'urlmill_row_failures_total{run="m",code="unsupported-scheme"}': 1,
    'urlmill_failed_rows_total{run="m"}': 2,
    'urlmill_body_bytes_total{run="m"}': 10,
    'urlmill_wire_bytes_total{run="m"}': 10,
    'urlmill_requests_in_flight{run="m"}': 0,
    'urlmill_rows_read{run="m"}': 3,
    'urlmill_rows_expected{run="m",estimate="no"}': 3,
    'urlmill_outcome{run="m",outcome="done"}': 1,
  });
  t.true((samples['urlmill_last_success_timestamp_seconds{run="m"}'] ?? 0) > 1e9);
});

test('--metrics tells that a run was stopped, and where a resumed one has ended', async (t) => {
  const slow = await httpServer(t, onlyTo('/1'));
  const cwd = await temporaryFolder(t, { 'in.csv': list(slow.url, 2) });
  const args = ['--metrics', 'm.prom', '--grace', '1ms', '--resume', '-o', 'out.csv', 'in.csv'];
  const child = runningUrlmill(t, args, { cwd });
  const ended = endOf(child);
  await slow.requested(2);
  child.kill('SIGTERM');
  t.is((await ended).code, 143);
  const samples = await samplesIn(cwd);
  t.is(samples['urlmill_outcome{run="m",outcome="stopped"}'], 1);
  t.false('urlmill_last_success_timestamp_seconds{run="m"}' in samples);
});

test('--metrics tells that a run is being stopped, which a second signal may end', async (t) => {
  const slow = await httpServer(t, onlyTo('/1'));
  const cwd = await temporaryFolder(t, { 'in.csv': list(slow.url, 2) });
  const child = runningUrlmill(t, ['--metrics', 'm.prom', '--grace', '10m', '--timeout', '10m', 'in.csv'], {
    cwd,
  });
  const ended = endOf(child);
  await slow.requested(2);
  const stopped = 'urlmill_outcome{run="m",outcome="stopped"}';
  const isStopped = async (): Promise<number | undefined> =>
    existsSync(join(cwd, 'm.prom')) ? (await samplesIn(cwd))[stopped] : undefined;
  // The file is replaced by a rename, so it is always whole.
  while ((await isStopped()) !== 0) await setImmediate();
  child.kill('SIGTERM');
  while ((await isStopped()) !== 1) await setImmediate();
  child.kill('SIGTERM');
  t.is((await ended).code, 143);
  t.is(await isStopped(), 1);
});

test('--metrics tells that a run has failed', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t, { 'in.jsonl': `[{"url":"${server.url}"},` });
  const { code } = await urlmill(['--metrics', 'm.prom', 'in.jsonl'], { cwd });
  t.is(code, 3);
  t.like(await samplesIn(cwd), {
    'urlmill_outcome{run="m",outcome="failed"}': 1,
    'urlmill_rows_total{run="m",status="200"}': 1,
  });
});

for (const [what, args] of [
  ['its list is not there', ['gone.csv']],
  ['its options are wrong', ['--columns', 'nothing', 'in.csv']],
  ['its output cannot be written', ['-o', 'gone/out.csv', 'in.csv']],
] as const) {
  test(`--metrics tells that a run could not begin: ${what}`, async (t) => {
    const server = await httpServer(t, (_, response) => response.end('ok'));
    const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 1) });
    t.is((await urlmill(['--metrics', 'm.prom', 'in.csv'], { cwd })).code, 0);
    const before = await samplesIn(cwd);
    t.not((await urlmill(['--metrics', 'm.prom', ...args], { cwd })).code, 0);
    const success = 'urlmill_last_success_timestamp_seconds{run="m"}';
    t.like(await samplesIn(cwd), {
      'urlmill_outcome{run="m",outcome="failed"}': 1,
      'urlmill_outcome{run="m",outcome="done"}': 0,
      [success]: before[success],
    });
    // A file that is not metrics is not overwritten.
    await urlmill(['--metrics', 'in.csv', ...args], { cwd });
    t.is(await readFile(join(cwd, 'in.csv'), 'utf8'), list(server.url, 1));
  });
}

test('a run that could not begin does not wait for a pipe that --metrics names', async (t) => {
  const cwd = await temporaryFolder(t);
  await promisify(execFile)('mkfifo', ['m.prom'], { cwd });
  const { code, stderr } = await urlmill(['--metrics', 'm.prom', 'gone.csv'], { cwd });
  t.is(stderr, 'urlmill: gone.csv: there is no such file\n');
  t.is(code, 3);
});

test('--metrics of the run that writes the same output stay', async (t) => {
  const slow = await httpServer(t, onlyTo('/1'));
  const cwd = await temporaryFolder(t, { 'in.csv': list(slow.url, 2) });
  const args = ['--metrics', 'm.prom', '--timeout', '10m', '-o', 'out.csv', 'in.csv'];
  runningUrlmill(t, args, { cwd });
  await slow.requested(2);
  t.is((await urlmill(args, { cwd })).code, 7);
  t.is((await samplesIn(cwd))['urlmill_outcome{run="m",outcome="running"}'], 1);
});

const refused = test.macro({
  exec: async (t, args: readonly string[], message: RegExp, expected: number) => {
    const cwd = await temporaryFolder(t, {
      'in.csv': 'url\nhttp://127.0.0.1:1/\n',
      'c.txt': '',
      'old.csv': 'url\n',
    });
    const { code, stderr } = await urlmill(
      [...args, ...(args.includes('--retry-failed') ? [] : ['in.csv'])],
      { cwd },
    );
    t.regex(stderr, message);
    t.is(code, expected);
    t.is(await readFile(join(cwd, 'in.csv'), 'utf8'), 'url\nhttp://127.0.0.1:1/\n');
  },
  title: (what) => `--metrics is no other file of the job: ${what}`,
});

const another = /^urlmill: --metrics: \S+ is another file of this job; name one of its own\n$/;
test('the input', refused, ['--metrics', './in.csv'], another, 2);
test('the output', refused, ['--metrics', 'out.csv', '-o', 'out.csv'], another, 2);
test('its journal', refused, ['--metrics', 'out.csv.journal', '-o', 'out.csv'], another, 2);
test('the summary', refused, ['--metrics', 's.json', '--summary', './s.json'], another, 2);
test('a file of cookies', refused, ['--metrics', 'c.txt', '--cookies', 'c.txt'], another, 2);
test(
  'an earlier result',
  refused,
  ['--metrics', 'old.csv', '--retry-failed', 'old.csv', '-o', 'o.csv'],
  another,
  2,
);
test(
  'a folder is none at all',
  refused,
  ['--metrics', '.'],
  /^urlmill: --metrics: \. is a directory; name a file\n$/,
  4,
);
