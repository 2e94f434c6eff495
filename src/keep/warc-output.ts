import type { Exchanged } from '../shared/records.ts';
import type { LargeBody } from '../page/large-body.ts';
import { sizeOf } from './gzip-member.ts';
import { attempt, syncFolderOf, unwritable } from '../shared/files.ts';
import { beginWarcFile, goOnWithWarcFile } from './warc-file.ts';
import type { WarcFile, WarcPosition } from './warc-file.ts';
import { writeParts } from './packed-file.ts';
import type { Part } from './packed-file.ts';
import { packExchanges } from './warc.ts';
import type { PackedExchange } from './warc.ts';

export type { WarcPosition };

/** Bytes from which no more exchanges are added to one write. */
const writtenAtOnce = 1024 * 1024;

/** The exchanges of a row that are not written yet. */
interface Entry {
  /** Null until they are packed. */
  packed: readonly PackedExchange[] | null;
  readonly done: (place: string) => void;
  readonly fail: (error: Error) => void;
}

type PackedEntry = Entry & { readonly packed: readonly PackedExchange[] };

/**
 * Appends exchanges to a WARC file, in the order in which they are added. The file can be read while it grows: a record is
 * complete by the time `add()` gives its place. A resumed run truncates the file to the last committed position.
 *
 * After a failed write the content behind the last good record is unknown, so all later calls fail with the same error.
 */
export class WarcOutput {
  readonly #file: WarcFile;
  /** Where the last complete record ends. */
  #end: number;
  /** Whether part of a record may stand behind `#end`, after a failed write. */
  #isTorn = false;
  /** In the order in which they were added. */
  readonly #entries: Entry[] = [];
  #isWriting = false;
  #writing: Promise<void> = Promise.resolve();
  /** Settles when the exchange that was added last is written or has failed. */
  #last: Promise<unknown> = Promise.resolve();
  #failure: Error | null = null;

  private constructor(file: WarcFile) {
    this.#file = file;
    this.#end = file.end;
  }

  /**
   * Begins a new file in the directory, which is made if it is missing (its parent must exist), or reopens the file of an
   * earlier run.
   *
   * @param resumeAt the committed position of that run, to which the file is truncated; null begins a new file
   * @throws OutputError when the file cannot be opened
   */
  static async open(directory: string, resumeAt: WarcPosition | null): Promise<WarcOutput> {
    return new WarcOutput(
      resumeAt === null ? await beginWarcFile(directory) : await goOnWithWarcFile(directory, resumeAt),
    );
  }

  /**
   * Appends the responses of a row and their requests, in order.
   *
   * @param large the body of the last response, if it was too large to be kept in memory; its file is removed
   * @returns the place of the last response's record, `NAME#OFFSET`, once all records are written; they are not synced yet
   * @throws OutputError when they cannot be written
   */
  async add(exchanges: readonly Exchanged[], large: LargeBody | null = null): Promise<string> {
    if (this.#failure !== null) throw this.#failure;
    const added = new Promise<string>((done, fail) => {
      const entry: Entry = { packed: null, done, fail };
      this.#entries.push(entry);
      void this.#pack(entry, exchanges, large);
    });
    this.#last = added.catch(ignore);
    return added;
  }

  /**
   * Syncs everything that was added so far, and the name of the file.
   *
   * @throws OutputError when that fails. It is not tried again, as the system reports lost data only once.
   */
  async sync(): Promise<void> {
    await this.#last;
    if (this.#failure !== null) throw this.#failure;
    const { handle, path, newNames } = this.#file;
    try {
      await handle.datasync();
      for (const name of newNames) await syncFolderOf(name);
      newNames.length = 0;
    } catch (error) {
      throw this.#fail(unwritable(path, error));
    }
  }

  /**
   * Where the last written record ends. All records whose place `add()` has given are before it. Call it before the
   * `sync()` that makes them durable, as more may be written meanwhile.
   */
  position(): WarcPosition {
    return { name: this.#file.name, end: this.#end };
  }

  /** Waits for pending writes and closes the file, without a sync. @throws OutputError when that fails */
  async close(): Promise<void> {
    await this.#last;
    await this.#writing;
    const { handle, path } = this.#file;
    // On a full disk a part of a record may be written; readers would call the file damaged.
    if (this.#isTorn) await handle.truncate(this.#end).catch(ignore);
    if (this.#failure === null) await attempt(path, () => handle.close());
    else await handle.close().catch(ignore);
  }

  async #pack(entry: Entry, exchanges: readonly Exchanged[], large: LargeBody | null): Promise<void> {
    try {
      entry.packed = await packExchanges(exchanges, large);
    } catch (error) {
      this.#fail(error as Error);
    }
    if (!this.#isWriting) this.#writing = this.#writePacked();
  }

  /** Writes entries in order, up to the first one that is not packed yet. */
  async #writePacked(): Promise<void> {
    const { handle, path, name } = this.#file;
    this.#isWriting = true;
    for (let group = this.#takePacked(); group.length > 0; group = this.#takePacked()) {
      const parts = group.flatMap(({ packed }) => partsOf(packed));
      try {
        await writeParts(handle, parts, this.#end);
      } catch (error) {
        this.#isTorn = true;
        const failure = this.#fail(unwritable(path, error));
        for (const { fail } of group) fail(failure);
        break;
      }
      for (const { packed, done } of group) {
        const last = packed.slice(-1);
        this.#end += sizeOf(partsOf(packed));
        done(`${name}#${this.#end - sizeOf(partsOf(last))}`);
      }
    }
    this.#isWriting = false;
  }

  /** Removes the first entries that are packed, as many as go into one write. */
  #takePacked(): PackedEntry[] {
    const taken: PackedEntry[] = [];
    let size = 0;
    for (const entry of this.#entries) {
      if (!isPacked(entry) || size > writtenAtOnce) break;
      taken.push(entry);
      size += sizeOf(partsOf(entry.packed));
    }
    this.#entries.splice(0, taken.length);
    return taken;
  }

  /** Fails all entries that are not written. @returns the first failure, which all later ones repeat */
  #fail(error: Error): Error {
    this.#failure ??= error;
    for (const { fail } of this.#entries.splice(0)) fail(this.#failure);
    return this.#failure;
  }
}

function isPacked(entry: Entry): entry is PackedEntry {
  return entry.packed !== null;
}

function partsOf(packed: readonly PackedExchange[]): Part[] {
  return packed.flatMap(({ response, request }) => [response, request]).flat();
}

function ignore(): void {}
