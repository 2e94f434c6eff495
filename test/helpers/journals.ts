import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

import { readJournal } from '../../src/write/journal.ts';
import type { JournalContent, Whole } from '../../src/write/journal.ts';
import { Journal } from '../../src/write/journal.ts';
import type { JobIdentity } from '../../src/write/job-identity.ts';
import type { RowSet } from '../../src/shared/row-set.ts';

/** A job identity for journals. */
export const someJob: JobIdentity = {
  version: '1.2.3',
  inputs: [{ name: '/data/in.csv', size: 10, mtime: 1.5, head: 'ab' }],
  options: { method: 'm', ordered: 'o' },
};

/**
 * Writes a journal with a job, these commits (output length and row numbers), and optionally the finished
 * output.
 */
export async function writeJournal(
  path: string,
  commits: readonly (readonly [end: number, rows: readonly number[]])[],
  { job = someJob, whole = null }: { readonly job?: JobIdentity; readonly whole?: Whole | null } = {},
): Promise<void> {
  const journal = new Journal(await open(path, 'w'), 0);
  await journal.begin(job);
  for (const [end, rows] of commits) await journal.commit({ end, rows, figures: { rows: end } });
  if (whole !== null) await journal.finish(whole);
  await journal.close();
}

/** The row numbers in a set, from 0 to `largest`. */
export function numbersIn(rows: RowSet, largest: number): number[] {
  return Array.from({ length: largest + 1 }, (_, row) => row).filter((row) => rows.has(row));
}

/** Waits until the journal of an output lists at least this many rows. */
export async function committed(output: string, rows: number): Promise<JournalContent> {
  for (;;) {
    const content = await readJournal(`${output}.journal`, Infinity);
    if (content !== null && content.rows.size >= rows) return content;
    await delay(20);
  }
}
