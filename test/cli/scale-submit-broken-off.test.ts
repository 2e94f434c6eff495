import { watch } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { Change } from '../../src/scale/work/change.ts';
import { errorCode } from '../../src/shared/errors.ts';
import { urlmill } from '../helpers/cli.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { smallDisk } from './small-disk.ts';

import { bigList, list, numbers, piecesIn, submitted } from './submitting.ts';

/**
 * Waits until a folder has this many names. The folder and the one above it may be missing at first, or be
 * made anew.
 */
async function filled(
  cwd: string,
  job: string,
  inJob: string,
  names: number,
  signal: AbortSignal,
): Promise<void> {
  const folder = join(cwd, job, inJob);
  const change = new Change();
  while (!signal.aborted) {
    const made = new AbortController();
    const until = AbortSignal.any([signal, made.signal]);
    // Watch first and read the folder then, so that no change is missed in between.
    for (const path of [cwd, join(cwd, job)].filter((above) => above !== folder)) {
      watchIfThere(path, until, () => made.abort());
    }
    watchIfThere(folder, until, () => change.come());
    while (!until.aborted) {
      const { length } = await readdir(folder).catch(() => []);
      if (length >= names) return made.abort();
      await change.wait(60_000, until);
    }
  }
}

function watchIfThere(path: string, signal: AbortSignal, onChange: () => void): void {
  try {
    watch(path, { signal }, onChange).on('error', onChange);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

test('a list that breaks off leaves nothing', async (t) => {
  const { code, cwd } = await submitted(t, ['list.csv', 'gone.csv.gz'], {
    'list.csv': list,
    'gone.csv.gz': Buffer.from('H4sIAAAAAAAAAytJLS4BAAx+f9gE', 'base64'),
  });
  t.is(code, 3);
  t.false((await readdir(cwd)).includes('job'));
});

test('two submits at the same time make one job', async (t) => {
  const cwd = await temporaryFolder(t, { 'list.csv': bigList(20_000) });
  const ends = await Promise.all(
    [1, 2, 3].map(() => endOf(runningUrlmill(t, ['submit', '--job', 'job', 'list.csv'], { cwd }))),
  );
  const codes = ends.map(({ code }) => code);
  t.true(codes.includes(0));
  t.true(
    codes.every((code) => code === 0 || code === 7),
    JSON.stringify(ends),
  );
  t.is((await piecesIn(join(cwd, 'job'))).flat().length, 20_000);
});

test('what a submit leaves that was killed at its very first step is no hindrance', async (t) => {
  const cwd = await temporaryFolder(t, { 'list.csv': list });
  await mkdir(join(cwd, 'job'));
  await writeFile(join(cwd, 'job', '.tmp-4bb2b81d-5ef4-49bf-848a-829cbe38a666'), '');
  const { code, stderr } = await urlmill(['submit', '--job', 'job', 'list.csv'], { cwd });
  t.is(code, 0, stderr);
  const names = (await readdir(join(cwd, 'job'))).filter((name) => name !== 'submit.json');
  t.deepEqual(names.toSorted(), ['in', 'job.json', 'out', 'stats', 'tmp']);
});

test('a submit that is killed anywhere is run again, and gives the job of one that was not', async (t) => {
  const cwd = await temporaryFolder(t, { 'list.csv': bigList(60_000) });
  const args = ['--lanes', '64', '--piece-rows', '100', 'list.csv'];
  await urlmill(['submit', '--job', 'whole', ...args], { cwd });
  const expected = numbers(await piecesIn(join(cwd, 'whole')));
  let killed = 0;
  // Each submit is killed at a certain step, which is recognized by the files that are there.
  for (const [folder, inFolder, names] of [
    ['job0', '.', 1],
    ['job0', 'in', 1],
    ['job0', 'in', 100],
    ['job1', 'in', 300],
    ['job1', 'in', 400],
    ['job1', 'in', 500],
    ['job2', 'in', 600],
    ['job2', '.', 3],
    ['job2', 'tmp', 1],
  ] as const) {
    const child = runningUrlmill(t, ['submit', '--job', folder, ...args], { cwd });
    const over = new AbortController();
    const ended = endOf(child).finally(() => over.abort());
    await filled(cwd, folder, inFolder, names, over.signal);
    child.kill('SIGKILL');
    if ((await ended).signal === 'SIGKILL') killed++;
  }
  t.true(killed > 0);
  for (const folder of ['job0', 'job1', 'job2']) {
    const { code, stderr } = await urlmill(['submit', '--job', folder, ...args], { cwd });
    t.is(code, 0, stderr);
    t.deepEqual(numbers(await piecesIn(join(cwd, folder))), expected);
    // A submit that was killed right after its last step may have left this file, which nothing reads.
    const names = (await readdir(join(cwd, folder))).filter((name) => name !== 'submit.json');
    t.deepEqual(names.toSorted(), ['in', 'job.json', 'out', 'stats', 'tmp']);
  }
});

test('a full disk leaves nothing, and another try with more room makes the job', async (t) => {
  const disk = await smallDisk(t, 1000);
  const path = join(await temporaryFolder(t, { 'list.csv': bigList(40_000) }), 'list.csv');
  const full = await disk.run(['submit', '--job', 'job', '--lanes', '1', '--piece-rows', '100000', path]);
  t.regex(
    full.stderr,
    /^urlmill: job\/in\/00000-000000\.jsonl: cannot be written: (?:no space left|file too large)/,
  );
  t.is(full.code, 4);
  t.deepEqual(await readdir(disk.folder), []);
  await disk.makeRoom();
  const again = await disk.run(['submit', '--job', 'job', '--lanes', '1', '--piece-rows', '100000', path]);
  t.is(again.code, 0, again.stderr);
  t.is((await piecesIn(join(disk.folder, 'job'))).flat().length, 40_000);
});
