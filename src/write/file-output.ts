import type { Stats } from 'node:fs';
import { rename, stat, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

import { OutputError, errorCode } from '../shared/errors.ts';
import { BatchQueue, joined } from './batch.ts';
import type { Batch } from './batch.ts';
import type { Journal } from './journal.ts';
import type { Lock } from './lock.ts';
import type { Output } from './output.ts';
import { attempt, syncFolderOf, unwritable } from '../shared/files.ts';
import { Sink, toDescriptor } from './sink.ts';

/** Rows after which a commit begins, and milliseconds after which it does with fewer. */
const commitRows = 1000;
const commitDelay = 1000;

/** Rows that are written while a commit is under way, above which the run waits for it. */
const mostUncommitted = 4 * commitRows;

/** Milliseconds between two looks whether FILE.part is still where it was. */
const lookInterval = 1000;

/** Where the output is until it is whole. */
export function partOf(path: string): string {
  return `${path}.part`;
}

/** What says which rows are in it. */
export function journalOf(path: string): string {
  return `${path}.journal`;
}

export interface FileOutputParts {
  readonly path: string;
  readonly part: FileHandle;
  readonly journal: Journal;
  readonly lock: Lock;
  /** What earlier runs have committed. */
  readonly end: number;
  readonly rows: number;
  /** Brings to disk what rows speak of, before they are committed. */
  readonly beforeCommit?: (() => Promise<void>) | undefined;
}

/**
 * A file that appears under its name when it is whole. Until then it is FILE.part, of which FILE.journal says what is
 * good: what is behind that is cut off by the run that goes on. A commit puts the data on disk, then its record.
 */
export class FileOutput implements Output {
  readonly stream: Sink;
  readonly resumable = true;
  readonly #parts: FileOutputParts;
  readonly #name: string;
  /** Where what is written is. */
  #place: string;
  readonly #batches = new BatchQueue();
  /** What is written and not committed. */
  #written: Batch | null = null;
  #safeEnd: number;
  #safeRows: number;
  #timer: NodeJS.Timeout | null = null;
  #commit: Promise<void> | null = null;
  /** Lets the next chunk come when the commit has ended. */
  #onCommitted: (() => void) | null = null;
  /** Why a commit failed: what the disk holds is not known any more, so there is no other one. */
  #failure: OutputError | null = null;
  #lookedAt = performance.now();
  /** Whether all is written and only the renaming is left. */
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
    // Rows without output: there is nothing to be written that they could wait for.
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
    // The disk may be full or gone: what could be saved has been.
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

  /** What the system has is to be committed. */
  #take(): void {
    const batch = this.#batches.take(this.stream.taken);
    if (batch !== null) this.#written = joined(this.#written, batch);
    this.#planCommit();
  }

  /** Begins a commit, or sets the time for one. */
  #planCommit(): void {
    const rows = this.#written?.rows.length ?? 0;
    if (rows >= commitRows) this.#beginCommit();
    else if (rows > 0) this.#timer ??= setTimeout(() => this.#beginCommit(), commitDelay);
  }

  /** While one is under way the next one waits; it is planned at the end of that. */
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

  /** Commits what is written. @throws OutputError */
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

  /** @returns the inode of FILE.part @throws OutputError when that is another file by now */
  async #look(): Promise<number> {
    this.#lookedAt = performance.now();
    const inode = await this.#placeOfPart();
    if (inode !== null) return inode;
    throw new OutputError(`${this.#name}: was removed or replaced by somebody else while it was written`);
  }

  /** The inode of FILE.part if it is still the file that is written: all that followed would be lost with one that is not. */
  async #placeOfPart(): Promise<number | null> {
    const [there, ours] = await Promise.all([statOf(this.#name), this.#parts.part.stat()]);
    return there?.ino === ours.ino && there.dev === ours.dev ? ours.ino : null;
  }
}

function ignore(): void {}

/** What the system says of a file, null when there is none. @throws when it is not to be seen: it may be there */
export async function statOf(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Gives FILE.part its name, for good: a rename that is not in the directory on disk is lost with the power. */
export async function putInPlace(path: string): Promise<void> {
  await rename(partOf(path), path);
  await syncFolderOf(path);
}

/**
 * For good: one that came back after a power cut would tell the next run that all is done. That is no reason to call a
 * FILE that is whole and in its place a failure, so where the disk refuses, it stays with the attempt.
 */
export async function removeJournal(path: string): Promise<void> {
  await unlink(journalOf(path)).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
  await syncFolderOf(path).catch(ignore);
}
