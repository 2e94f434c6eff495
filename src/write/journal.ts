import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

import { errorCode } from '../shared/errors.ts';
import { writeAll } from '../shared/files.ts';
import type { Batch } from './batch.ts';
import type { JobIdentity } from './job-identity.ts';
import { RowSet } from './row-set.ts';

/*
 * FILE.journal says which rows are in FILE.part. It is text, a record a line: the CRC-32 of the JSON behind it in
 * eight hexadecimal digits, a space, the JSON. The first record names the job, each further one a commit: the output
 * is good up to the byte `end`, and holds these rows too. A record is written after the data that it speaks of is on
 * disk. A last one, `whole`, says that every row is in the output, and only its renaming is left to do.
 */

/** The version of the format; a journal of another one is not understood. */
const format = 1;

/** A whole output, to be known again under its final name. */
export interface Whole {
  readonly size: number;
  readonly inode: number;
}

/** The records of a journal that is being written. */
export class Journal {
  readonly #handle: FileHandle;
  #end: number;

  /** @param end where the next record goes */
  constructor(handle: FileHandle, end: number) {
    this.#handle = handle;
    this.#end = end;
  }

  /** Begins a new journal. */
  async begin(job: JobIdentity): Promise<void> {
    await this.#append({ format, ...job });
  }

  /** Says that all up to the end of this batch is in the output, and on disk. */
  async commit({ end, rows, figures }: Batch): Promise<void> {
    await this.#append({ end, rows: packRows(rows), figures });
  }

  /** Says that the output is whole. */
  async finish(whole: Whole): Promise<void> {
    await this.#append({ whole });
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** The record is on disk when this ends. A failed one is not tried again: what the disk holds is unknown then. */
  async #append(record: object): Promise<void> {
    const json = JSON.stringify(record);
    const line = Buffer.from(`${checksum(json)} ${json}\n`);
    await writeAll(this.#handle, [line], this.#end);
    await this.#handle.datasync();
    this.#end += line.length;
  }
}

/** What a journal says. */
export interface JournalContent {
  readonly job: JobIdentity;
  /** The last commit's. */
  readonly end: number;
  readonly figures: unknown;
  readonly rows: RowSet;
  /** The whole output, when only its renaming was left to do. */
  readonly whole: Whole | null;
  /** Where the last good record ends. */
  readonly journalEnd: number;
}

/**
 * Reads a journal up to its first record that is cut or damaged: what was written after that one is not known to be in
 * the output.
 *
 * @param size of the output: commits beyond it, and all that follows them, do not count
 * @returns null where there is no journal, or none that is understood
 */
export async function readJournal(path: string, size: number): Promise<JournalContent | null> {
  let job: JobIdentity | null = null;
  let end = 0;
  let figures: unknown = null;
  let whole: Whole | null = null;
  let journalEnd = 0;
  const rows = new RowSet();
  try {
    for await (const { record, length } of recordsOf(path)) {
      if (job === null) {
        if (!isJob(record)) return null;
        job = record;
      } else if ('whole' in record) {
        whole = (record as { whole: Whole }).whole;
      } else {
        const commit = record as Batch;
        if (commit.end > size) break;
        ({ end, figures } = commit);
        unpackRows(commit.rows, rows);
      }
      journalEnd += length;
    }
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
  return job === null ? null : { job, end, figures, rows, whole, journalEnd };
}

async function* recordsOf(path: string): AsyncGenerator<{ record: object; length: number }> {
  const stream = createReadStream(path, 'latin1');
  let pending = '';
  for await (const chunk of stream as AsyncIterable<string>) {
    const lines = (pending + chunk).split('\n');
    pending = lines.pop() ?? '';
    for (const line of lines) {
      const json = Buffer.from(line.slice(9), 'latin1').toString();
      if (line.slice(0, 9) !== `${checksum(json)} `) return;
      yield { record: JSON.parse(json) as object, length: line.length + 1 };
    }
  }
}

function isJob(record: object): record is JobIdentity {
  return 'format' in record && record.format === format;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}

/**
 * Numbers as steps from one to the next, and a run of rows as minus its length: `[7, 8, 9, 12]` is `[7, -2, 3]`. Two
 * or three bytes a row where they are done in no order, and next to none where they are.
 */
export function packRows(rows: readonly number[]): number[] {
  const packed: number[] = [];
  let last = 0;
  for (const row of rows.toSorted((a, b) => a - b)) {
    const run = packed.at(-1) ?? 0;
    if (row !== last + 1 || packed.length === 0) packed.push(row - last);
    else if (run < 0) packed[packed.length - 1] = run - 1;
    else packed.push(-1);
    last = row;
  }
  return packed;
}

function unpackRows(packed: readonly number[], rows: RowSet): void {
  let last = 0;
  for (const step of packed) {
    if (step >= 0) rows.add((last += step));
    else {
      rows.addRange(last + 1, last - step);
      last -= step;
    }
  }
}
