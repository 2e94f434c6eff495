import { appendFile, open, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

import test from 'ava';

import { Journal, packRows, readJournal } from '../../src/write/journal.ts';
import type { Whole } from '../../src/write/journal.ts';
import { RowSet } from '../../src/shared/row-set.ts';
import { numbersIn, someJob, writeJournal } from '../helpers/journals.ts';
import { randomNumbers } from '../helpers/random.ts';
import { sameMany } from '../helpers/same.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const commits = [
  [100, [1, 2, 3, 7]],
  [250, [4, 5, 9]],
  [260, [6]],
] as const;

/** What is read from the journal, with the rows as numbers; null if not even the job's record is good. */
async function contentOf(path: string, size = Infinity): Promise<object | null> {
  const content = await readJournal(path, size);
  return content === null ? null : { ...content, rows: numbersIn(content.rows, 20) };
}

/** What is read if only the first `records` of the journal are good: none, the job's, and so on. */
function expected(records: number, lines: readonly string[], whole: Whole | null = null): object | null {
  if (records === 0) return null;
  const done = commits.slice(0, records - 1);
  const end = done.at(-1)?.[0] ?? 0;
  return {
    job: { format: 1, ...someJob },
    end,
    figures: end === 0 ? null : { rows: end },
    rows: done.flatMap(([, rows]) => rows).toSorted((a, b) => a - b),
    whole,
    journalEnd: lines.slice(0, records).reduce((sum, line) => sum + line.length + 1, 0),
  };
}

async function journalIn(
  t: Parameters<typeof temporaryFolder>[0],
  whole: Whole | null = null,
): Promise<{ path: string; bytes: Buffer; lines: string[] }> {
  const path = join(await temporaryFolder(t), 'out.csv.journal');
  await writeJournal(path, commits, { whole });
  const bytes = await readFile(path);
  return { path, bytes, lines: bytes.toString('latin1').trimEnd().split('\n') };
}

test('a journal says what was committed, and where it ends', async (t) => {
  const { path, bytes, lines } = await journalIn(t);
  t.deepEqual(await contentOf(path), expected(4, lines));
  t.is((await readJournal(path, Infinity))?.journalEnd, bytes.length);
});

test('a journal says that the output is whole', async (t) => {
  const { path, bytes, lines } = await journalIn(t, { size: 260, inode: 7 });
  const journalEnd = bytes.length;
  t.deepEqual(await contentOf(path), { ...expected(4, lines), whole: { size: 260, inode: 7 }, journalEnd });
});

test('each record is a line: the CRC-32 of its JSON, and that', async (t) => {
  const { lines } = await journalIn(t, { size: 260, inode: 7 });
  t.is(lines.length, 5);
  for (const line of lines) {
    t.is(line.slice(0, 9), `${crc32(line.slice(9)).toString(16).padStart(8, '0')} `);
    t.notThrows(() => JSON.parse(line.slice(9)) as unknown);
  }
  t.regex(lines[1] ?? '', / \{"end":100,"rows":\[1,-2,4\],"figures":\{"rows":100\}\}$/);
});

test('a journal that is cut anywhere counts up to its last whole record', async (t) => {
  const { path, bytes, lines } = await journalIn(t, { size: 260, inode: 7 });
  for (let length = 0; length < bytes.length; length++) {
    await writeFile(path, bytes.subarray(0, length));
    const records = bytes.subarray(0, length).filter((byte) => byte === 10).length;
    t.deepEqual(await contentOf(path), expected(records, lines), `cut at ${length}`);
  }
});

test('a tail of zeros, as a power cut can leave it, does not count', async (t) => {
  const { path, bytes, lines } = await journalIn(t);
  for (const zeros of [1, 50, 5000]) {
    await writeFile(path, Buffer.concat([bytes, Buffer.alloc(zeros)]));
    t.deepEqual(await contentOf(path), expected(4, lines));
    await appendFile(path, '\n');
    t.deepEqual(await contentOf(path), expected(4, lines));
  }
});

test('of a journal with a flipped bit what is before its record counts, and nothing after it', async (t) => {
  const { path, bytes, lines } = await journalIn(t);
  for (const [at, good] of bytes.entries()) {
    const damaged = Buffer.from(bytes);
    damaged[at] = good ^ (1 << (at % 8));
    await writeFile(path, damaged);
    const before = bytes.subarray(0, at).filter((byte) => byte === 10).length;
    t.deepEqual(await contentOf(path), expected(before, lines), `byte ${at}`);
  }
});

test('commits beyond the size of the output do not count, nor what follows them', async (t) => {
  const { path, lines } = await journalIn(t, { size: 260, inode: 7 });
  t.deepEqual(await contentOf(path, 259), expected(3, lines));
  t.deepEqual(await contentOf(path, 249), expected(2, lines));
  t.deepEqual(await contentOf(path, 100), expected(2, lines));
  t.deepEqual(await contentOf(path, 99), expected(1, lines));
  t.deepEqual(await contentOf(path, 0), expected(1, lines));
});

const notUnderstood = test.macro({
  exec: async (t, content: string | Buffer | null) => {
    const path = join(await temporaryFolder(t), 'out.csv.journal');
    if (content !== null) await writeFile(path, content);
    t.is(await readJournal(path, Infinity), null);
  },
  title: (what) => `${what} is no journal`,
});

function record(json: string): string {
  return `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
}

test('no file', notUnderstood, null);
test('an empty file', notUnderstood, '');
test('a text of somebody else', notUnderstood, 'account,amount\nfood,12\n');
test('another format', notUnderstood, record('{"format":2,"version":"9.0.0"}'));
test('a journal without its first record', notUnderstood, record('{"end":10,"rows":[1],"figures":null}'));
test('bytes without a line', notUnderstood, Buffer.alloc(200_000, 0xff));

test('a journal that cannot be read fails', async (t) => {
  await t.throwsAsync(readJournal(await temporaryFolder(t), 0), { code: 'EISDIR' });
});

test('names and figures in any script come back as they were', async (t) => {
  const path = join(await temporaryFolder(t), 'out.csv.journal');
  const job = { ...someJob, inputs: [{ name: '/data/Größe 表\n.csv', size: 1, mtime: 0.1, head: '' }] };
  await writeJournal(path, [[5, [1]]], { job });
  const content = await readJournal(path, Infinity);
  t.deepEqual(content?.job as object, { format: 1, ...job });
  t.is(content?.journalEnd, (await stat(path)).size);
});

test('a journal goes on where its last good record ends', async (t) => {
  const { path, bytes, lines } = await journalIn(t);
  const start = lines.slice(0, 3).join('\n').length + 1;
  await writeFile(path, bytes.subarray(0, start));
  const journal = new Journal(await open(path, 'r+'), start);
  await journal.commit({ end: 260, rows: [6], figures: { rows: 260 } });
  await journal.close();
  t.deepEqual(await readFile(path), bytes);
});

test('a record is written whole however little the system takes at a time, and is on disk when it is said', async (t) => {
  const path = join(await temporaryFolder(t), 'out.csv.journal');
  const handle = await open(path, 'w');
  const write = handle.write.bind(handle) as (
    data: Buffer,
    from: number,
    length: number,
    position: number,
  ) => Promise<{ bytesWritten: number; buffer: Buffer }>;
  let onDisk = 0;
  Object.assign(handle, {
    write: (data: Buffer, from: number, length: number, position: number) =>
      write(data, from, Math.min(length, 7), position),
    datasync: async () => void (onDisk = (await handle.stat()).size),
  });
  const journal = new Journal(handle, 0);
  await journal.begin(someJob);
  t.is(onDisk, (await readFile(path)).length);
  await journal.commit({ end: 100, rows: [1, 2], figures: null });
  t.is(onDisk, (await readFile(path)).length);
  await journal.close();
  t.is((await readJournal(path, Infinity))?.rows.size, 2);
});

test('rows are packed as steps and runs', (t) => {
  t.deepEqual(packRows([]), []);
  t.deepEqual(packRows([7, 8, 9, 12]), [7, -2, 3]);
  t.deepEqual(packRows([12, 9, 8, 7]), [7, -2, 3]);
  t.deepEqual(packRows([1]), [1]);
  t.deepEqual(packRows([1, 2]), [1, -1]);
  t.deepEqual(packRows([5, 6, 8, 9, 10]), [5, -1, 2, -2]);
});

test('rows of any kind come back from a journal', async (t) => {
  const below = randomNumbers(5);
  const path = join(await temporaryFolder(t), 'out.csv.journal');
  for (let round = 0; round < 30; round++) {
    const largest = [20, 300, 70_000][round % 3] ?? 1;
    const density = 1 + below(6);
    const all = Array.from({ length: largest }, (_, i) => i + 1).filter(() => below(density) === 0);
    const mixed = all
      .map((row) => [below(1_000_000), row] as const)
      .toSorted(([a], [b]) => a - b)
      .map(([, row]) => row);
    const half = below(mixed.length + 1);
    await writeJournal(path, [
      [1, mixed.slice(0, half)],
      [2, mixed.slice(half)],
    ]);
    const rows = (await readJournal(path, Infinity))?.rows ?? new RowSet();
    t.is(rows.size, all.length);
    sameMany(t, numbersIn(rows, largest + 1), all, `round ${round}`);
  }
});
