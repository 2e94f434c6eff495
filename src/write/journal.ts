import { createReadStream } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';

import { errorCode } from '../shared/errors.ts';
import { writeAll } from '../shared/files.ts';
import type { Batch } from './batch.ts';
import type { JobIdentity } from './job-identity.ts';
import { RowSet } from '../shared/row-set.ts';

/*
 * FILE.journal records which rows are in FILE.part. It is text with a record per line: the CRC-32 of the JSON in eight
 * hexadecimal digits, a space, the JSON. The first record identifies the job. Each commit adds a record, once the data is on
 * disk: the output is valid up to the byte `end`, and `rows` are those that it holds since the last commit. The last record,
 * `whole`, says that the output is complete and only the rename is left to do.
 */

/** The version of the format. A journal of another version is ignored. */
const format = 1;

/** Identifies a complete output under its final name. */
export interface Whole {
  readonly size: number;
  readonly inode: number;
}

/** Writes a journal. */
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

  /** Records that the output is on disk up to the end of this batch. */
  async commit({ end, rows, figures }: Batch): Promise<void> {
    await this.#append({ end, rows: packRows(rows), figures });
  }

  /** Records that the output is complete. */
  async finish(whole: Whole): Promise<void> {
    await this.#append({ whole });
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  /** Writes a record and syncs it. A failed write is not tried again, as what the disk holds is unknown then. */
  async #append(record: object): Promise<void> {
    const json = JSON.stringify(record);
    const line = Buffer.from(`${checksum(json)} ${json}\n`);
    await writeAll(this.#handle, [line], this.#end);
    await this.#handle.datasync();
    this.#end += line.length;
  }
}

/** The content of a journal. */
export interface JournalContent {
  readonly job: JobIdentity;
  /** Bytes of the output at the last commit, and the figures of the run then. */
  readonly end: number;
  readonly figures: unknown;
  /** All rows that are committed. */
  readonly rows: RowSet;
  /** The complete output, when only the rename was left to do. */
  readonly whole: Whole | null;
  /** Where the last valid record of the journal ends. */
  readonly journalEnd: number;
}

/**
 * Reads a journal up to the first record that is truncated or damaged; the rest is ignored.
 *
 * @param size of the output in bytes: the first commit beyond it and all later ones are ignored
 * @returns null when there is no journal, or none of this format
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
 * Encodes sorted numbers as differences, and a run of consecutive ones as minus its length: `[7, 8, 9, 12]` is
 * `[7, -2, 3]`. That is two or three bytes per row when rows end in random order, and next to nothing in input order.
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
