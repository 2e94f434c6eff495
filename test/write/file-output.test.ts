import { once } from 'node:events';
import { readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { OutputError } from '../../src/shared/errors.ts';
import { readJournal } from '../../src/write/journal.ts';
import { gate } from '../helpers/gate.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { fileOutput } from './file-outputs.ts';
import type { OpenFileOutput } from './file-outputs.ts';

/** Finishes an output, so that none of its timers is left. */
async function ended(t: ExecutionContext, { output, path }: OpenFileOutput): Promise<void> {
  output.stream.end();
  await once(output.stream, 'finish');
  await output.finish();
  t.deepEqual(await readdir(join(path, '..')), ['out.csv']);
}

test('a thousand rows are committed at once: the data is on disk before its record', async (t) => {
  const opened = await fileOutput(t);
  const { part, log, path, give } = opened;
  const events: string[] = [];
  const recorded = gate();
  part.before('datasync', async () => {
    events.push(`data of ${(await readFile(`${path}.part`)).length} bytes`);
  });
  log.before('writev', async () => void events.push('record'));
  log.after('datasync', async () => {
    events.push('record is safe');
    recorded.open();
  });
  await give(1000, 5000);
  await recorded.opened;
  t.deepEqual(events, ['data of 5000 bytes', 'record', 'record is safe']);
  const content = await readJournal(`${path}.journal`, 5000);
  t.like(content, { end: 5000, figures: { rows: 1000 } });
  t.is(content?.rows.size, 1000);
  await ended(t, opened);
});

test('fewer rows are committed after a second', async (t) => {
  const opened = await fileOutput(t);
  const recorded = gate();
  opened.log.after('datasync', async () => recorded.open());
  const start = performance.now();
  await opened.give(3, 30);
  t.is(opened.output.safeRows(), 0);
  await recorded.opened;
  t.true(performance.now() - start >= 990);
  t.is((await readJournal(`${opened.path}.journal`, 30))?.rows.size, 3);
  await ended(t, opened);
  t.is(opened.output.safeRows(), 3);
});

test('rows that come while a slow commit is under way are committed after it, though no others follow', async (t) => {
  const opened = await fileOutput(t);
  const slow = gate();
  opened.part.before('datasync', () => slow.opened);
  await opened.give(1000, 1000);
  await opened.give(5, 50);
  // Their second passes during the slow commit.
  await delay(1100);
  let records = 0;
  const second = gate();
  opened.log.after('datasync', async () => {
    if (++records === 2) second.open();
  });
  slow.open();
  await second.opened;
  t.is((await readJournal(`${opened.path}.journal`, 1050))?.rows.size, 1005);
  await ended(t, opened);
});

test('while the disk is slow, no more than four thousand rows are written beyond it', async (t) => {
  const opened = await fileOutput(t);
  const slow = gate();
  const begun = gate();
  opened.part.before('datasync', async () => {
    begun.open();
    await slow.opened;
  });
  await opened.give(1000, 1000);
  await begun.opened;
  for (let i = 0; i < 3; i++) await opened.give(1000, 1000);
  let went = false;
  const held = opened.give(1000, 1000).then(() => (went = true));
  await delay(100);
  t.false(went);
  t.is((await readFile(`${opened.path}.part`)).length, 5000);
  t.is(opened.output.safeRows(), 0);
  slow.open();
  await held;
  await ended(t, opened);
  t.is(opened.output.safeRows(), 5000);
});

const eio = Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });

test('a commit that fails ends the stream, is not tried again, and what was safe stays', async (t) => {
  const opened = await fileOutput(t);
  const { output, part, log, path, give } = opened;
  const safe = gate();
  log.after('datasync', async () => safe.open());
  await give(1000, 1000);
  await safe.opened;
  let tries = 0;
  let records = 0;
  part.before('datasync', async () => {
    tries++;
    throw eio;
  });
  log.before('writev', async () => void records++);
  const failed = once(output.stream, 'error') as Promise<[Error]>;
  await give(1000, 1000).catch(() => {});
  const [error] = await failed;
  t.true(error instanceof OutputError);
  t.is(error.message, `${path}.part: cannot be written: i/o error`);
  t.is(await output.abandon(), `${path}.part`);
  t.is(output.safeRows(), 1000);
  t.deepEqual({ tries, records }, { tries: 1, records: 0 });
  t.is((await readJournal(`${path}.journal`, 2000))?.rows.size, 1000);
  t.is((await readFile(`${path}.part`)).length, 2000);
});

test('the last commit that fails says why, and FILE is as it was', async (t) => {
  const opened = await fileOutput(t);
  await writeFile(opened.path, 'old\n');
  opened.part.before('datasync', async () => Promise.reject(eio));
  const { stream } = opened.output;
  // If the commit after a second comes first, that one fails and destroys the stream.
  stream.on('error', () => {});
  const closed = new Promise((resolve) => stream.once('close', resolve));
  await opened.give(5, 50);
  stream.end();
  await closed;
  await t.throwsAsync(opened.output.finish(), {
    instanceOf: OutputError,
    message: `${opened.path}.part: cannot be written: i/o error`,
  });
  await opened.output.abandon();
  t.is(await readFile(opened.path, 'utf8'), 'old\n');
});

test('a commit under way that fails when all is written says why', async (t) => {
  const opened = await fileOutput(t);
  const slow = gate();
  opened.part.before('datasync', async () => {
    await slow.opened;
    throw eio;
  });
  await opened.give(1000, 1000);
  opened.output.stream.end();
  await once(opened.output.stream, 'close');
  const finished = opened.output.finish();
  slow.open();
  await t.throwsAsync(finished, {
    instanceOf: OutputError,
    message: `${opened.path}.part: cannot be written: i/o error`,
  });
  await opened.output.abandon();
});

test('the journal says that the output is whole before it gets its name', async (t) => {
  const opened = await fileOutput(t);
  const { part, path } = opened;
  let before: unknown = null;
  part.before('close', async () => {
    const names = await readdir(join(path, '..'));
    before = { whole: (await readJournal(`${path}.journal`, 30))?.whole?.size, names: names.toSorted() };
  });
  await opened.give(3, 30);
  await ended(t, opened);
  t.deepEqual(before, { whole: 30, names: ['out.csv.journal', 'out.csv.part'] });
  t.true(opened.released());
});

test('an output that is left is cut behind its last safe row', async (t) => {
  const opened = await fileOutput(t);
  await opened.give(3, 30);
  // An incomplete row: the end of its batch is beyond what was written.
  opened.output.add({ end: 100, rows: [4], figures: null });
  await new Promise((resolve) => opened.output.stream.write(Buffer.alloc(10), resolve));
  t.is(await opened.output.abandon(), `${opened.path}.part`);
  t.is((await readFile(`${opened.path}.part`)).length, 30);
  t.is((await readJournal(`${opened.path}.journal`, 30))?.rows.size, 3);
  t.true(opened.released());
});

test('an output without a row is removed when it is left', async (t) => {
  const opened = await fileOutput(t);
  await opened.give(0, 12);
  t.is(await opened.output.abandon(), null);
  t.deepEqual(await readdir(join(opened.path, '..')), []);
  t.true(opened.released());
});

test('what earlier runs have done is gone on with', async (t) => {
  const opened = await fileOutput(t, { end: 20, rows: 2 });
  t.is(opened.output.safeRows(), 2);
  await opened.give(3, 30);
  await ended(t, opened);
  t.is(opened.output.safeRows(), 5);
  t.is((await readFile(opened.path)).length, 50);
});

test('a FILE.part that somebody replaces ends the run at its end at the latest', async (t) => {
  const opened = await fileOutput(t);
  await opened.give(3, 30);
  opened.output.stream.end();
  await once(opened.output.stream, 'finish');
  await rename(`${opened.path}.part`, `${opened.path}.moved`);
  await writeFile(`${opened.path}.part`, 'theirs');
  await t.throwsAsync(opened.output.finish(), { instanceOf: OutputError, message: /removed or replaced/ });
  await opened.output.abandon();
  t.is(await readFile(`${opened.path}.part`, 'utf8'), 'theirs');
});

test('a write that the system has not ended is waited for before the file is closed', async (t) => {
  const folder = await temporaryFolder(t);
  const opened = await fileOutput(t, { folder });
  opened.output.add({ end: 50_000_000, rows: [1], figures: null });
  opened.output.stream.write(Buffer.alloc(50_000_000, 'x'));
  opened.output.stream.destroy();
  t.is(await opened.output.abandon(), `${opened.path}.part`);
  t.is((await readFile(`${opened.path}.part`)).length, 50_000_000);
});
