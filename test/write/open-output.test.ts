import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { BusyError, OutputError, UsageError } from '../../src/shared/errors.ts';
import { openOutput } from '../../src/write/open-output.ts';
import { numbersIn, someJob, writeJournal } from '../helpers/journals.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { commits, opened, otherJob } from './opened-outputs.ts';
import type { Left } from './opened-outputs.ts';

const both = ['out.csv.journal', 'out.csv.part'];

test('a part is gone on with, and what is behind its last commit is cut off', async (t) => {
  const { output, earlier, path, notices, names } = await opened(t, {
    part: 'x'.repeat(33),
    journal: commits,
  });
  t.deepEqual(numbersIn(earlier?.rows ?? t.fail(), 9), [1, 2, 5]);
  t.like(earlier, { end: 20, figures: { rows: 20 } });
  t.is(output?.safeRows(), 3);
  t.is(await readFile(`${path}.part`, 'utf8'), 'x'.repeat(20));
  t.deepEqual(notices, []);
  t.deepEqual(names, both);
});

test('a damaged tail of the journal is cut off', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'out.csv.journal');
  await writeJournal(path, commits);
  const good = await readFile(path, 'utf8');
  const left = await opened(t, { part: 'x'.repeat(33), text: `${good}0000` });
  t.is(await readFile(`${left.path}.journal`, 'utf8'), good);
  t.is(left.earlier?.rows.size, 3);
});

test('a part that is shorter than its journal says is gone on with up to the last commit that it holds', async (t) => {
  const { earlier, path } = await opened(t, { part: 'x'.repeat(19), journal: commits });
  t.deepEqual(numbersIn(earlier?.rows ?? t.fail(), 9), [1, 2]);
  t.is((await stat(`${path}.part`)).size, 10);
});

/** Nothing can be resumed and nothing is worth keeping, so the run starts anew without a notice. */
const startsAnew = test.macro({
  exec: async (t, left: Left) => {
    const { output, earlier, notices, names, path } = await opened(t, left);
    t.is(earlier, null);
    t.is(output?.safeRows(), 0);
    t.deepEqual(notices, []);
    t.deepEqual(names, [...(left.file === undefined ? [] : ['out.csv']), ...both]);
    t.is(await readFile(`${path}.part`, 'utf8'), '');
    if (left.file !== undefined) t.is(await readFile(path, 'utf8'), left.file);
  },
  title: (what) => `${what}: starts anew`,
});

test('nothing there', startsAnew, {});
test('a finished FILE', startsAnew, { file: 'old\n' });
test('a journal without its part', startsAnew, { journal: commits, file: 'old\n' });
test('a part before its first commit', startsAnew, { part: 'id,url\n1,a', journal: [] });
test('a part with a header and no rows', startsAnew, { part: 'id,url\n', journal: [[7, []]] });
test('an empty part without a journal', startsAnew, { part: '' });
test('an empty part with an empty journal', startsAnew, { part: '', text: '' });
test('a journal that says that all is there, and FILE is another', startsAnew, {
  journal: commits,
  whole: 20,
  file: 'old\n',
});
test('a journal that says that all is there, and FILE is another of the same size', startsAnew, {
  journal: commits,
  whole: 20,
  file: 'x'.repeat(20),
  isOther: true,
});

const isDone = test.macro({
  exec: async (t, left: Left) => {
    const { output, earlier, names, path, notices } = await opened(t, {
      ...left,
      journal: commits,
      whole: 20,
    });
    t.is(output, null);
    t.is(earlier?.rows.size, 3);
    t.deepEqual(names, ['out.csv']);
    t.deepEqual(notices, []);
    t.is(await readFile(path, 'utf8'), 'x'.repeat(20));
    // The lock is free again.
    const again = await openOutput(path, { job: someJob, resume: true, notice: () => {} });
    await again.output?.abandon();
  },
  title: (what) => `killed ${what}: the rest is done`,
});

test('before the part was renamed', isDone, { part: 'x'.repeat(20), file: 'old\n' });
test('before the part was renamed, and there was no FILE', isDone, { part: 'x'.repeat(20) });
test('before the journal was removed', isDone, { file: 'x'.repeat(20) });

test('a whole part that has become longer is cut and finished by the run', async (t) => {
  const { output, earlier, path } = await opened(t, { part: 'x'.repeat(25), journal: commits, whole: 20 });
  t.is(earlier?.rows.size, 3);
  t.is(output?.safeRows(), 3);
  t.is((await stat(`${path}.part`)).size, 20);
});

test('without --resume a whole part is set aside, not put in place', async (t) => {
  const left = { part: 'x'.repeat(20), journal: commits, whole: 20, file: 'old\n' };
  const { path, notices } = await opened(t, left, { resume: false });
  t.is(await readFile(path, 'utf8'), 'old\n');
  t.is(notices.length, 1);
});

test('a second run into the same file finds it taken, and touches nothing', async (t) => {
  const { path } = await opened(t, { part: 'x'.repeat(33), journal: commits });
  const again = openOutput(path, { job: otherJob, resume: true, notice: () => t.fail() });
  await t.throwsAsync(again, { instanceOf: BusyError, message: new RegExp(`process ${process.pid}\\)`) });
  t.deepEqual((await readdir(join(path, '..'))).toSorted(), both);
});

test('a directory and a device cannot be gone on with', async (t) => {
  const options = { job: someJob, resume: true, notice: () => t.fail() };
  await t.throwsAsync(openOutput(await temporaryFolder(t), options), { instanceOf: OutputError });
  await t.throwsAsync(openOutput('/dev/null', options), { instanceOf: UsageError, message: /^--resume: / });
});

test('a journal that cannot be read ends the run, and the file can be opened later', async (t) => {
  const folder = await temporaryFolder(t, { 'out.csv.journal/a': '', 'out.csv.part': 'x' });
  const path = join(folder, 'out.csv');
  for (let i = 0; i < 2; i++) {
    await t.throwsAsync(openOutput(path, { job: someJob, resume: true, notice: () => {} }), {
      instanceOf: OutputError,
      message: /is a directory/,
    });
  }
  t.is(await readFile(`${path}.part`, 'utf8'), 'x');
});
