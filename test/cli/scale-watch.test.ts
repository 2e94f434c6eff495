import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { Fleet } from '../helpers/fleet.ts';
import { samplesOf } from '../helpers/metrics.ts';
import { endOf } from '../helpers/running.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const settings = {
  rows: 120,
  hosts: 30,
  args: ['--lanes', '10', '--piece-rows', '20'],
  lockTime: 24 * 3_600_000,
};

async function summaryIn(fleet: Fleet, name: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(join(fleet.folder, name), 'utf8')) as Record<string, unknown>;
}

async function samplesIn(fleet: Fleet, name: string): Promise<Record<string, number>> {
  return samplesOf(await readFile(join(fleet.folder, name), 'utf8'));
}

interface Entry {
  readonly event: string;
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** Parses standard error, where only JSON objects may be. */
function entriesOf(stderr: string): Entry[] {
  return stderr
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Entry);
}

test('workers write their own figures, and those of status and collect are the sum', async (t) => {
  const fleet = await Fleet.start(t, {
    ...settings,
    answer: (host, response) => {
      if (!host.startsWith('h3.')) return false;
      response.writeHead(404).end('none');
      return true;
    },
  });
  fleet.hold();
  const workers = ['a', 'b'].map((name) =>
    fleet.work('--max-lanes', '5', '--summary', `${name}.json`, '--metrics', `${name}.prom`),
  );
  await fleet.server.requested(60);
  fleet.release();
  await fleet.done(...workers);

  const cwd = fleet.folder;
  const [a, b] = [await summaryIn(fleet, 'a.json'), await summaryIn(fleet, 'b.json')];
  t.like(a, { outcome: 'done', stoppedBy: null, earlierRows: 0 });
  t.is(Number(a['rows']) + Number(b['rows']), 120);
  t.true(Number(a['rows']) > 0 && Number(b['rows']) > 0);
  const [ma, mb] = [await samplesIn(fleet, 'a.prom'), await samplesIn(fleet, 'b.prom')];
  t.is(ma['urlmill_outcome{run="a",outcome="done"}'], 1);
  t.is(ma['urlmill_requests_in_flight{run="a"}'], 0);
  t.is(
    (ma['urlmill_body_bytes_total{run="a"}'] ?? 0) + (mb['urlmill_body_bytes_total{run="b"}'] ?? 0),
    bytes(a) + bytes(b),
  );

  const collected = await urlmill(['collect', '--job', 'job', '-o', 'out.csv', '--summary', 'all.json'], {
    cwd,
  });
  t.is(collected.code, 0, collected.stderr);
  const all = await summaryIn(fleet, 'all.json');
  t.like(all, {
    outcome: 'done',
    rows: 120,
    failed: 4,
    byStatus: { 200: 116, 404: 4 },
    bytes: bytes(a) + bytes(b),
  });
  t.true(String(all['start']) <= String(all['end']));
  t.is(
    Number(all['seconds']),
    Math.max(0.001, (Date.parse(String(all['end'])) - Date.parse(String(all['start']))) / 1000),
  );
  t.deepEqual((all['hosts'] as { worst: unknown[] }).worst.length, 1);

  const status = await urlmill(['status', '--job', 'job', '--json', '--metrics', 'job.prom'], { cwd });
  t.is(status.code, 0, status.stderr);
  t.like(JSON.parse(status.stdout), { bytes: bytes(a) + bytes(b), failed: 4, errors: 0 });
  t.like(await samplesIn(fleet, 'job.prom'), {
    'urlmill_rows_total{run="job",status="200"}': 116,
    'urlmill_rows_total{run="job",status="404"}': 4,
    'urlmill_rows_expected{run="job",estimate="no"}': 120,
    'urlmill_outcome{run="job",outcome="done"}': 1,
    'urlmill_last_success_timestamp_seconds{run="job"}': Date.parse(String(all['end'])) / 1000,
  });
});

function bytes(summary: Record<string, unknown>): number {
  return Number(summary['bytes']);
}

test('a worker tells all as JSON, its end with its figures', async (t) => {
  const fleet = await Fleet.start(t, settings);
  const ended = await fleet.work('--log-format', 'json', '--summary', '-');
  t.is(ended.code, 0, ended.stderr);
  const entries = entriesOf(ended.stderr);
  const summary = entries.find(({ event }) => event === 'summary');
  t.like(summary, { level: 'info', summary: { rows: 120, outcome: 'done' } });
  const closing = entries.at(-1);
  t.like(closing, { event: 'closing', rows: 120, byStatus: { 200: 120 }, outcome: 'done' });
  t.regex(closing?.message ?? '', /^120 rows fetched; the job is done: urlmill collect --job job -o FILE$/);
});

test('a worker that is stopped tells so in all places', async (t) => {
  const fleet = await Fleet.start(t, settings);
  fleet.hold();
  const worker = fleet.worker(
    '--grace',
    '1ms',
    '-q',
    '--log-format',
    'json',
    '--summary',
    's.json',
    '--metrics',
    'm.prom',
  );
  await fleet.server.requested(60);
  worker.kill('SIGTERM');
  const { code, stderr } = await endOf(worker);
  t.is(code, 6, stderr);
  t.like(entriesOf(stderr).at(-1), { event: 'closing', outcome: 'stopped', stoppedBy: 'signal' });
  t.like(await summaryIn(fleet, 's.json'), { outcome: 'stopped', stoppedBy: 'signal', rows: 0 });
  t.is((await samplesIn(fleet, 'm.prom'))['urlmill_outcome{run="m",outcome="stopped"}'], 1);
  const status = await urlmill(['status', '--job', 'job', '--metrics', 'job.prom'], { cwd: fleet.folder });
  t.is(status.code, 0, status.stderr);
  t.like(await samplesIn(fleet, 'job.prom'), {
    'urlmill_rows_read{run="job"}': 0,
    'urlmill_outcome{run="job",outcome="running"}': 1,
  });
});

test('a worker without a queue tells so in all places', async (t) => {
  const fleet = await Fleet.start(t, settings);
  const args = ['--log-format', 'json', '--summary', 's.json', '--metrics', 'm.prom', '--queue-wait', '1ms'];
  const { code, stderr } = await fleet.work(...args, '--queue', 'redis://127.0.0.1:1');
  t.is(code, 6, stderr);
  t.like(entriesOf(stderr).at(-1), { event: 'error', exitCode: 6 });
  t.like(await summaryIn(fleet, 's.json'), { outcome: 'stopped', stoppedBy: 'queue-wait', rows: 0 });
  t.is((await samplesIn(fleet, 'm.prom'))['urlmill_outcome{run="m",outcome="stopped"}'], 1);
});

async function submitted(t: ExecutionContext): Promise<string> {
  const cwd = await temporaryFolder(t, { 'list.csv': 'url\nhttp://127.0.0.1:1/\n' });
  const { code, stderr } = await urlmill(['submit', '--job', 'job', 'list.csv'], { cwd });
  t.is(code, 0, stderr);
  return cwd;
}

test('no file of the job is written over by figures', async (t) => {
  const cwd = await submitted(t);
  const queue = ['--queue', 'redis://127.0.0.1:1'];
  for (const args of [
    ['work', ...queue, '--summary', 'job/job.json'],
    ['work', ...queue, '--metrics', 'job/job.json'],
    ['work', ...queue, '--metrics', 'x', '--summary', 'x'],
    ['status', '--metrics', 'job/job.json'],
    ['collect', '--partial', '-o', 'out.csv', '--summary', 'out.csv'],
    ['collect', '--partial', '-o', 'out.csv', '--summary', 'job/job.json'],
  ]) {
    const { code, stderr } = await urlmill([...args, '--job', 'job'], { cwd });
    t.regex(stderr, /^urlmill: --(?:summary|metrics): \S+ is another file of this job/, args.join(' '));
    t.is(code, 2);
  }
});

test('errors in options of a worker are told as JSON too, where that is asked for', async (t) => {
  const cwd = await submitted(t);
  const { code, stderr } = await urlmill(['work', '--job', 'job', '--log-format', 'json', '--nix'], { cwd });
  t.is(code, 2);
  t.like(entriesOf(stderr)[0], { event: 'error', level: 'error', exitCode: 2 });
  const other = await urlmill(['status', '--job', 'job', '--log-format', 'json'], { cwd });
  t.is(other.code, 2);
  t.regex(other.stderr, /^urlmill: --log-format/);
});
