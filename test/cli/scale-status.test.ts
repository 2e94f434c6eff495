import { readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { JobFolder } from '../../src/scale/job-folder.ts';
import { urlmill } from '../helpers/cli.ts';
import { standIn } from '../scale/stand-in.ts';
import { jobFolder, parts } from './collecting.ts';

test('the status adds up what the pieces tell', async (t) => {
  const cwd = await jobFolder(t, 3);
  const done = (await JobFolder.open(join(cwd, 'job'))).pieces.slice(0, 3);
  const rows = done.reduce((sum, piece) => sum + piece.rows, 0);
  const { code, stdout, stderr } = await urlmill(['status', '--job', 'job', '--json'], { cwd });
  t.is(stderr, '');
  t.is(code, 0);
  const status = JSON.parse(stdout) as Record<string, number | Record<string, number>>;
  t.like(status, { rows: 30, rowsDone: rows, piecesDone: 3, lanes: 3, lanesDone: 1, rowsWithoutFigures: 0 });
  t.deepEqual(status['rowsByWorker'], { 'stand-in': rows });
  const counts = Object.values(status['byStatus'] as Record<string, number>);
  t.is(
    counts.reduce((sum, count) => sum + count, 0),
    rows,
  );
  const [name = ''] = await parts(cwd);
  await rm(join(cwd, 'job/stats', name.replace('.jsonl', '.json')));
  const without = await urlmill(['status', '--job', 'job', '--json'], { cwd });
  t.like(JSON.parse(without.stdout), { rowsDone: rows, rowsWithoutFigures: done[0]?.rows });
});

test('the rate is that of all workers, though the clock of one is off by an hour', async (t) => {
  const cwd = await jobFolder(t);
  const folder = join(cwd, 'job/stats');
  const names = (await readdir(folder)).toSorted();
  const rateWhenOff = async (hours: number): Promise<number> => {
    for (const [index, name] of names.entries()) {
      const path = join(folder, name);
      const stats = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
      const endedAt = Date.UTC(2026, 0) + index * 10_000 + (index % 2) * hours * 3_600_000;
      await writeFile(path, JSON.stringify({ ...stats, startedAt: endedAt - 10_000, endedAt }));
      const written = (Date.UTC(2026, 0) + index * 10_000) / 1000;
      await utimes(path, written, written);
    }
    const { stdout } = await urlmill(['status', '--job', 'job', '--json'], { cwd });
    return (JSON.parse(stdout) as { rate: number }).rate;
  };
  const rate = Math.round((3 / names.length) * 10) / 10;
  for (const hours of [0, 1, -1]) t.is(await rateWhenOff(hours), rate, `${hours} h`);
});

test('the status is shown for people, and again until the job is done', async (t) => {
  const cwd = await jobFolder(t);
  const { code, stdout } = await urlmill(['status', '--job', 'job', '--watch'], { cwd });
  const [rows, pieces, failed, change] = stdout.split('\n');
  t.regex(rows ?? '', /^30\/30 rows \(100 %\), [\d,]+\/s, ETA 0:00$/);
  t.regex(pieces ?? '', /^\d+\/\d+ pieces, 3\/3 lanes$/);
  t.is(failed, '3 failed (404: 3)');
  t.regex(change ?? '', /^last change \d{4}-/);
  t.is(code, 0);
});

test('--check tells whether a job moves', async (t) => {
  const cwd = await jobFolder(t, 1);
  const check = async (): Promise<(string | number | null)[]> => {
    const { code, stderr, stdout } = await urlmill(['status', '--job', 'job', '--check'], { cwd });
    t.is(stdout, '');
    return [code, stderr.replace(/since .*\n/, 'since …')];
  };
  t.deepEqual(await check(), [0, 'urlmill: 4 of 30 rows are done; the job is worked on\n']);
  const longAgo = new Date(Date.now() - 3_600_000);
  for (const name of ['job.json', 'out']) await utimes(join(cwd, 'job', name), longAgo, longAgo);
  t.deepEqual(await check(), [6, 'urlmill: 4 of 30 rows are done; nothing was written since …']);
  await writeFile(join(cwd, 'job/tmp/attempt'), '');
  t.is((await check())[0], 0);
  await rm(join(cwd, 'job/tmp/attempt'));
  await standIn(join(cwd, 'job'));
  for (const name of ['job.json', 'out']) await utimes(join(cwd, 'job', name), longAgo, longAgo);
  t.deepEqual(await check(), [0, 'urlmill: the job is done\n']);
});

test('figures of a piece that are damaged count as missing', async (t) => {
  const cwd = await jobFolder(t);
  const [one = '', other = ''] = await readdir(join(cwd, 'job/stats'));
  const rows = await Promise.all([one, other].map(async (name) => rowsIn(join(cwd, 'job/stats', name))));
  await writeFile(join(cwd, 'job/stats', one), '{}');
  await writeFile(join(cwd, 'job/stats', other), 'null');
  const { stdout, stderr, code } = await urlmill(['status', '--job', 'job', '--json'], { cwd });
  t.is(code, 0, stderr);
  t.like(JSON.parse(stdout), { rowsWithoutFigures: rows.reduce((sum, count) => sum + count) });
});

async function rowsIn(path: string): Promise<number> {
  return (JSON.parse(await readFile(path, 'utf8')) as { figures: { rows: number } }).figures.rows;
}
