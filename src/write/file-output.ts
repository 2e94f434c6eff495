import type { Stats } from 'node:fs';
import { rename, stat, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

import { OutputError, errorCode } from '../shared/errors.ts';
import { BatchQueue, joined } from './batch.ts';
import type { Batch } from './batch.ts';
import type { Journal } from './journal.ts';
import type { Lock } from '../shared/lock.ts';
import type { Output } from './output.ts';
import { attempt, syncFolderOf, unwritable } from '../shared/files.ts';
import { Sink, toDescriptor } from './sink.ts';

/** A commit begins after this many rows or milliseconds, whichever comes first. */
const commitRows = 1000;
const commitDelay = 1000;

/** With this many rows written and not committed, the run waits for the commit in progress. */
const mostUncommitted = 4 * commitRows;

/** Milliseconds between two checks that FILE.part was not moved or removed. */
const lookInterval = 1000;

/** The path of the output until it is complete. */
export function partOf(path: string): string {
  return `${path}.part`;
}

/** The path of the journal, which records the rows that FILE.part holds. */
export function journalOf(path: string): string {
  return `${path}.journal`;
}

export interface FileOutputParts {
  readonly path: string;
  readonly part: FileHandle;
  readonly journal: Journal;
  readonly lock: Lock;
  /** Bytes and rows that earlier runs have committed. */
  readonly end: number;
  readonly rows: number;
  /** Syncs saved bodies, which must be on disk before the rows that name them are committed. */
  readonly beforeCommit?: (() => Promise<void>) | undefined;
}

/**
 * A file that gets its name when it is complete. Until then it is FILE.part, and FILE.journal records how much of it is
 * committed; a resumed run truncates it to that. A commit first syncs the data, then writes and syncs its record.
 */
export class FileOutput implements Output {
  readonly stream: Sink;
  readonly resumable = true;
  readonly #parts: FileOutputParts;
  readonly #name: string;
  /** The present path of the file. */
  #place: string;
  readonly #batches = new BatchQueue();
  /** The batches that are written and not committed, joined. */
  #written: Batch | null = null;
  #safeEnd: number;
  #safeRows: number;
  #timer: NodeJS.Timeout | null = null;
  #commit: Promise<void> | null = null;
  /** Asks for the next chunk; called at the end of the commit. */
  #onCommitted: (() => void) | null = null;
  /** Why a commit failed. No other commit follows, as what the disk holds is unknown then. */
  #failure: OutputError | null = null;
  #lookedAt = performance.now();
  /** Whether the journal records that only the rename is left to do. */
  #isSealed = false;

  constructor(parts: FileOutputParts) {
    const { path, part, end, rows } = parts;
    this.#parts = parts;
    this.#name = partOf(path);
    this.#place = this.#name;
    this.#safeEnd = end;
    this.#safeRows = rows;
    this.stream = new Sink({
      name: this.#name,
      writeSome: toDescriptor(part.fd, true),
      start: end,
      onTaken: (callback) => this.#onTaken(callback),
    });
  }

  readonly add = (batch: Batch): void => {
    this.#batches.push(batch);
    // Rows without output: no write will follow that commits them.
    if (batch.end <= this.stream.taken) this.#take();
  };

  readonly safeRows = (): number => this.#safeRows;

  readonly finish = async (): Promise<void> => {
    const { path, part, journal, lock } = this.#parts;
    await this.#commitAll();
    await attempt(path, async () => {
      const inode = await this.#look();
      this.#isSealed = true;
      await journal.finish({ size: this.#safeEnd, inode });
      await part.close();
      await rename(this.#name, path);
      this.#place = path;
      await syncFolderOf(path);
      await journal.close();
      await removeJournal(path);
    });
    lock.release();
  };

  readonly abandon = async (): Promise<string | null> => {
    const { path, part, journal, lock } = this.#parts;
    await this.stream.idle();
    // Errors are ignored: the disk may be full or gone.
    await this.#commitAll().catch(ignore);
    if (this.#failure === null) await part.truncate(this.#safeEnd).catch(ignore);
    const isGone = !this.#isSealed && (await this.#placeOfPart().catch(ignore)) === null;
    if (isGone) this.#safeRows = 0;
    await part.close().catch(ignore);
    await journal.close().catch(ignore);
    const isEmpty = this.#safeRows === 0;
    if (isEmpty && !isGone)
      for (const file of [partOf(path), journalOf(path)]) await unlink(file).catch(ignore);
    lock.release();
    return isEmpty ? null : this.#place;
  };

  #onTaken(callback: () => void): void {
    this.#take();
    if (this.#commit !== null && (this.#written?.rows.length ?? 0) >= mostUncommitted) {
      this.#onCommitted = callback;
    } else callback();
  }

  /** Moves the batches that the system has taken to those that wait for a commit. */
  #take(): void {
    const batch = this.#batches.take(this.stream.taken);
    if (batch !== null) this.#written = joined(this.#written, batch);
    this.#planCommit();
  }

  /** Begins a commit, or sets the timer for one. */
  #planCommit(): void {
    const rows = this.#written?.rows.length ?? 0;
    if (rows >= commitRows) this.#beginCommit();
    else if (rows > 0) this.#timer ??= setTimeout(() => this.#beginCommit(), commitDelay);
  }

  /** Does nothing during a commit, whose end plans the next one. */
  #beginCommit(): void {
    this.#clearTimer();
    if (this.#commit !== null || this.#written === null || this.#failure !== null) return;
    const batch = this.#written;
    this.#written = null;
    this.#commit = this.#commitBatch(batch);
  }

  async #commitBatch(batch: Batch): Promise<void> {
    try {
      await this.#save(batch);
    } catch (error) {
      this.stream.destroy(error as OutputError);
      return;
    }
    this.#commit = null;
    this.#planCommit();
    const goOn = this.#onCommitted;
    this.#onCommitted = null;
    goOn?.();
  }

  /** @throws OutputError */
  async #save(batch: Batch): Promise<void> {
    const { part, journal, beforeCommit } = this.#parts;
    try {
      if (performance.now() - this.#lookedAt >= lookInterval) await this.#look();
      await beforeCommit?.();
      await part.datasync();
      await journal.commit(batch);
    } catch (error) {
      this.#failure = unwritable(this.#name, error);
      throw this.#failure;
    }
    this.#safeEnd = batch.end;
    this.#safeRows += batch.rows.length;
  }

  /** Commits everything that is written. @throws OutputError when that fails */
  async #commitAll(): Promise<void> {
    while (this.#commit !== null && this.#failure === null) await this.#commit;
    this.#clearTimer();
    if (this.#failure !== null) throw this.#failure;
    const batch = this.#written;
    this.#written = null;
    if (batch !== null) await this.#save(batch);
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  /** @returns the inode of FILE.part @throws OutputError when it was removed or replaced */
  async #look(): Promise<number> {
    this.#lookedAt = performance.now();
    const inode = await this.#placeOfPart();
    if (inode !== null) return inode;
    throw new OutputError(`${this.#name}: was removed or replaced by somebody else while it was written`);
  }

  /** The inode of FILE.part; null when the path no longer leads to the open file, so that all later rows would be lost. */
  async #placeOfPart(): Promise<number | null> {
    const [there, ours] = await Promise.all([statOf(this.#name), this.#parts.part.stat()]);
    return there?.ino === ours.ino && there.dev === ours.dev ? ours.ino : null;
  }
}

function ignore(): void {}

/** The status of a file; null when it does not exist. @throws the system's error when that cannot be known */
export async function statOf(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Renames FILE.part to FILE and syncs the directory; without that, a power cut could undo the rename. */
export async function putInPlace(path: string): Promise<void> {
  await rename(partOf(path), path);
  await syncFolderOf(path);
}

/**
 * Removes FILE.journal and syncs the directory: a journal that came back after a power cut would tell the next run that all
 * is done. A failed sync is ignored, as FILE itself is complete and in its place.
 */
export async function removeJournal(path: string): Promise<void> {
  await unlink(journalOf(path)).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
  await syncFolderOf(path).catch(ignore);
}
