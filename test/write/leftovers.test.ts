import { open, readFile, readdir, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { OutputError } from '../../src/shared/errors.ts';
import { journalOf, partOf } from '../../src/write/file-output.ts';
import type { JobIdentity } from '../../src/write/job-identity.ts';
import { Journal } from '../../src/write/journal.ts';
import { openOutput } from '../../src/write/open-output.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const job: JobIdentity = { version: '1.2.3', inputs: [], options: {} };
const other: JobIdentity = { ...job, options: { prefix: 'another' } };

/** Makes the files of a run that was killed after committing one row. */
async function leftover(path: string): Promise<Buffer> {
  const part = await open(partOf(path), 'w');
  await part.write('url\nx\n');
  await part.close();
  const journal = new Journal(await open(journalOf(path), 'w'), 0);
  await journal.begin(job);
  await journal.commit({ end: 6, rows: [1], figures: null });
  await journal.close();
  return readFile(journalOf(path));
}

test('a FILE.part that is not to be seen is not one that is not there', async (t) => {
  const path = join(await temporaryFolder(t), 'out.csv');
  const journal = await leftover(path);
  await unlink(partOf(path));
  await symlink(partOf(path), partOf(path));
  await t.throwsAsync(openOutput(path, { job, resume: true, notice: t.fail }), {
    instanceOf: OutputError,
    message: /out\.csv: cannot be written: too many symbolic links/,
  });
  t.deepEqual(await readFile(journalOf(path)), journal);
});

test('a FILE that is not to be seen ends the run before anything is touched', async (t) => {
  const path = join(await temporaryFolder(t), 'out.csv');
  const journal = await leftover(path);
  await symlink(path, path);
  await t.throwsAsync(openOutput(path, { job: other, resume: false, notice: t.fail }), {
    instanceOf: OutputError,
    message: /out\.csv: cannot be written: too many symbolic links/,
  });
  t.deepEqual(await readFile(journalOf(path)), journal);
});

test('what another job has left stays as it is when its journal cannot be set aside', async (t) => {
  const folder = await temporaryFolder(t);
  // With a date added, the name of FILE.part is still short enough for the system, but that of FILE.journal
  // is too long.
  const path = join(folder, `${'x'.repeat(224)}.csv`);
  const journal = await leftover(path);
  await t.throwsAsync(openOutput(path, { job: other, resume: false, notice: t.fail }), {
    instanceOf: OutputError,
    message: /cannot be written: name too long/,
  });
  t.deepEqual((await readdir(folder)).length, 2);
  t.deepEqual(await readFile(journalOf(path)), journal);
  t.is(await readFile(partOf(path), 'utf8'), 'url\nx\n');
});

test('what another job has left keeps its journal under the same date', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'out.csv');
  const journal = await leftover(path);
  const notices: string[] = [];
  const { output } = await openOutput(path, {
    job: other,
    resume: true,
    notice: (text) => notices.push(text),
  });
  const [, aside = ''] = /it is kept as (.+)\.part$/.exec(notices.join('\n')) ?? [];
  t.not(aside, path);
  t.is(await readFile(`${aside}.part`, 'utf8'), 'url\nx\n');
  t.deepEqual(await readFile(`${aside}.journal`), journal);
  await output?.abandon();
});
