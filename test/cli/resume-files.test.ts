import { execFile } from 'node:child_process';
import { open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { fileSource, identityOf } from '../../src/read/source.ts';
import { Journal, readJournal } from '../../src/write/journal.ts';
import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { committed, writeJournal } from '../helpers/journals.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { holdingServer, killedAt, list, odd, outputOf, resumed } from './resuming.ts';
import type { HoldingServer, Work } from './resuming.ts';

const args = ['--per-host', '20', '--columns', 'status', 'in.csv'];

/** A killed run of eight rows, of which the even ones are committed. */
async function killedRun(t: ExecutionContext, output = 'out.csv'): Promise<Work & { server: HoldingServer }> {
  const server = await holdingServer(t, odd);
  const cwd = await temporaryFolder(t, { 'in.csv': list(server, 8) });
  const work = { cwd, args, output };
  await killedAt(t, 4, work);
  server.release();
  return { ...work, server };
}

/** Changes the files of a killed run to those of a run that was killed after the renaming. */
async function renamed({ cwd, output = '' }: Work): Promise<void> {
  const path = join(cwd, output);
  const content = await readJournal(`${path}.journal`, Infinity);
  const journal = new Journal(await open(`${path}.journal`, 'r+'), content?.journalEnd ?? 0);
  const { ino: inode } = await stat(`${path}.part`);
  await journal.finish({ size: content?.end ?? 0, inode });
  await journal.close();
  await rename(`${path}.part`, path);
}

test('a run that was killed between the renaming and the end is done at once', async (t) => {
  const { server, ...work } = await killedRun(t);
  await renamed(work);
  const before = server.requests.length;
  const text = await readFile(join(work.cwd, 'out.csv'), 'utf8');
  const { code, stdout, stderr } = await resumed({ ...work, args: ['--summary', 's.json', ...args] });
  t.regex(stderr, /^urlmill: 4 rows, 4 of them by earlier runs in [^\n]+\n$/);
  t.is(stdout, '');
  t.is(code, 0);
  t.is(server.requests.length, before);
  t.is(await readFile(join(work.cwd, 'out.csv'), 'utf8'), text);
  t.like(JSON.parse(await readFile(join(work.cwd, 's.json'), 'utf8')) as object, { rows: 4, earlierRows: 4 });
  t.deepEqual((await readdir(work.cwd)).toSorted(), ['in.csv', 'out.csv', 's.json']);
});

test('the same where FILE was changed since: starts anew', async (t) => {
  const { server, ...work } = await killedRun(t);
  await renamed(work);
  await writeFile(join(work.cwd, 'out.csv'), 'mine\n');
  const { code, stderr } = await resumed(work);
  t.regex(stderr, /^urlmill: 8 rows in /);
  t.is(code, 0);
  t.is(server.counts().get('/2'), 2);
});

test('a list without rows that was all but done is done', async (t) => {
  const { cwd } = await killedRun(t, 'out.jsonl');
  const input = join(cwd, 'in.csv');
  const path = join(cwd, 'out.jsonl');
  const { job } = (await readJournal(`${path}.journal`, Infinity)) ?? t.fail();
  await writeFile(input, 'id,url\n');
  const inputs = [await identityOf(await fileSource(input))];
  await writeFile(`${path}.part`, '');
  const whole = { size: 0, inode: (await stat(`${path}.part`)).ino };
  await writeJournal(`${path}.journal`, [], { job: { ...job, inputs }, whole });
  const { code, stderr } = await resumed({ cwd, args, output: 'out.jsonl' });
  t.regex(stderr, /^urlmill: 0 rows in /);
  t.is(code, 0);
  t.is((await stat(path)).size, 0);
  t.deepEqual((await readdir(cwd)).toSorted(), ['in.csv', 'out.jsonl']);
});

test('where there is nothing to go on with, a run with --resume starts, also when FILE is whole', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const cwd = await temporaryFolder(t, { 'in.csv': list(server, 3) });
  for (const requests of [3, 6]) {
    const { code, stderr } = await resumed({ cwd, args });
    t.regex(stderr, /^urlmill: 3 rows in /);
    t.is(code, 0);
    t.is(server.requests.length, requests);
    t.deepEqual((await readdir(cwd)).toSorted(), ['in.csv', 'out.csv']);
  }
});

test('a journal without its part: starts anew', async (t) => {
  const { server, ...work } = await killedRun(t);
  await rm(join(work.cwd, 'out.csv.part'));
  const { code, stderr } = await resumed(work);
  t.regex(stderr, /^urlmill: 8 rows in [^\n]+\n$/);
  t.is(code, 0);
  t.is(server.counts().get('/2'), 2);
});

const setsAside = test.macro({
  exec: async (t, more: readonly string[], says: RegExp) => {
    const { server, ...work } = await killedRun(t);
    const left = await readFile(join(work.cwd, 'out.csv.part'), 'utf8');
    const { code, stderr } = await urlmill(['-o', 'out.csv', ...more, ...args], work);
    t.regex(stderr, says);
    t.is(code, 0);
    t.is(server.counts().get('/2'), 2);
    const names = await readdir(work.cwd);
    const aside = names.find((name) => name.endsWith('Z.csv.part')) ?? '';
    t.is(await readFile(join(work.cwd, aside), 'utf8'), left);
    t.true(names.includes(aside.replace(/part$/, 'journal')));
    t.is(csvObjects(await outputOf(join(work.cwd, 'out.csv'))).length, 8);
    t.is(names.length, 4);
  },
  title: (what) => `what was left is set aside: ${what}`,
});

const kept = /kept as out\.\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.csv\.part\nurlmill: 8 rows in [^\n]+\n$/;
test(
  'without --resume',
  setsAside,
  [],
  new RegExp(
    `^urlmill: out\\.csv\\.part was left .*--resume would have gone on with it\\); it is ${kept.source}`,
  ),
);
test('without --resume and without a word', setsAside, ['-q'], /^$/);
test(
  'another job',
  setsAside,
  ['--resume', '--prefix', 'got_'],
  new RegExp(`^urlmill: out\\.csv\\.part was left .*made with another --prefix\\); it is ${kept.source}`),
);

test('with -q a run that goes on says nothing', async (t) => {
  const { server, ...work } = await killedRun(t);
  const { code, stdout, stderr } = await resumed({ ...work, args: ['-q', ...args] });
  t.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' });
  t.is(server.counts().get('/2'), 1);
});

test('the figures and the progress line of a run that goes on count all rows', async (t) => {
  const { server, ...work } = await killedRun(t);
  const more = ['--summary', 's.json', '--progress', 'always', '--rate', '5/s', ...args];
  const { code, stderr } = await resumed({ ...work, args: more });
  t.is(code, 0);
  t.is(server.requests.length, 12);
  const lines = [
    ...stderr.matchAll(/urlmill: (\d+)\/~?(\d+) rows, (\d+)\/s, 0 failed(?:, ETA (\d+:\d\d))?/g),
  ];
  t.true(lines.length > 0, stderr);
  for (const [, rows, total, rate, left = '0:00'] of lines) {
    t.true(Number(rows) >= 4 && Number(rows) <= 8, stderr);
    t.is(Number(total), 8);
    // If only this run's time counted for all eight rows, the rate would exceed what the pace allows.
    t.true(Number(rate) < 20, stderr);
    t.regex(left, /^0:/);
  }
  const summary = JSON.parse(await readFile(join(work.cwd, 's.json'), 'utf8')) as Record<string, unknown>;
  t.like(summary, { rows: 8, earlierRows: 4, byStatus: { 200: 8 }, outcome: 'done' });
  t.true(Number(summary['rowsPerSecond']) < 20);
});

const refused = test.macro({
  exec: async (t, more: readonly string[], message: RegExp) => {
    const cwd = await temporaryFolder(t, { 'in.csv': 'url\nmailto:a\n' });
    await promisify(execFile)('mkfifo', [join(cwd, 'pipe')]);
    const { code, stdout, stderr } = await urlmill(['--resume', ...more], { cwd, input: 'url\nmailto:a\n' });
    t.regex(stderr, message);
    t.is(stderr.split('\n').length, 2);
    t.is(stdout, '');
    t.is(code, 2);
    t.deepEqual((await readdir(cwd)).toSorted(), ['in.csv', 'pipe']);
  },
  title: (what) => `--resume is refused: ${what}`,
});

test('no FILE', refused, ['in.csv'], /^urlmill: --resume: name the file to go on with by --output FILE\n/);
test(
  'standard input',
  refused,
  ['-o', 'out.csv'],
  /standard input cannot be read a second [^;]+; save it as a file/,
);
test(
  'standard input among files',
  refused,
  ['-o', 'out.csv', 'in.csv', '-'],
  /standard input cannot be read/,
);
test('a device', refused, ['-o', '/dev/null', 'in.csv'], /^urlmill: --resume: \/dev\/null is no file/);
test('a pipe with a name', refused, ['-o', 'pipe', 'in.csv'], /^urlmill: --resume: pipe is no file/);

test('what a run of standard input has left is set aside, and nobody is told that --resume could go on', async (t) => {
  const server = await holdingServer(t, odd);
  const cwd = await temporaryFolder(t);
  const input = list(server, 4);
  const child = runningUrlmill(t, ['-o', 'out.csv', '--per-host', '20'], { cwd, input });
  const ended = endOf(child);
  await committed(join(cwd, 'out.csv'), 2);
  child.kill('SIGKILL');
  await ended;
  server.release();
  const { code, stderr } = await urlmill(['-o', 'out.csv'], { cwd, input });
  t.regex(stderr, /\(standard input has changed since\); it is kept as/);
  t.notRegex(stderr, /--resume/);
  t.is(code, 0);
});
