import type { Exchanged } from '../shared/records.ts';
import { sizeOf } from './gzip-member.ts';
import { attempt, syncFolderOf, unwritable, writeAll } from '../shared/files.ts';
import { beginWarcFile, goOnWithWarcFile } from './warc-file.ts';
import type { WarcFile, WarcPosition } from './warc-file.ts';
import { packExchange } from './warc.ts';
import type { PackedExchange } from './warc.ts';

export type { WarcPosition };

/** Bytes above which no more exchanges are written in one call. */
const writtenAtOnce = 1024 * 1024;

/** An exchange on its way to the file. */
interface Entry {
  /** Null until it is packed. */
  packed: PackedExchange | null;
  readonly done: (place: string) => void;
  readonly fail: (error: Error) => void;
}

type PackedEntry = Entry & { readonly packed: PackedExchange };

/**
 * A WARC file that exchanges are appended to, in the order in which they were added. It can be used while it grows: each
 * record is whole when its place is known. What is behind a committed position is cut off by the run that goes on.
 *
 * The first failure is the last: what the file holds behind the last good record is not known then, so all that comes
 * after fails in the same way.
 */
export class WarcOutput {
  readonly #file: WarcFile;
  /** Where the last whole record ends. */
  #end: number;
  /** Whether there may be a part of a record behind that. */
  #isTorn = false;
  /** In the order in which they were added. */
  readonly #entries: Entry[] = [];
  #isWriting = false;
  #writing: Promise<void> = Promise.resolve();
  /** What was added last; it is written last as well. */
  #last: Promise<unknown> = Promise.resolve();
  #failure: Error | null = null;

  private constructor(file: WarcFile) {
    this.#file = file;
    this.#end = file.end;
  }

  /**
   * Begins a new file in the directory, which is made where it is missing (what it stands in must be there). Or goes on
   * with the file of an earlier run.
   *
   * @param resumeAt where that one has committed: what is behind it is cut off
   * @throws OutputError
   */
  static async open(directory: string, resumeAt: WarcPosition | null): Promise<WarcOutput> {
    return new WarcOutput(
      resumeAt === null ? await beginWarcFile(directory) : await goOnWithWarcFile(directory, resumeAt),
    );
  }

  /**
   * Appends a response and its request.
   *
   * @returns where the response's record is, `NAME#OFFSET`, once both are written: not synced
   * @throws OutputError
   */
  async add(exchanged: Exchanged): Promise<string> {
    if (this.#failure !== null) throw this.#failure;
    const added = new Promise<string>((done, fail) => {
      const entry: Entry = { packed: null, done, fail };
      this.#entries.push(entry);
      void this.#pack(entry, exchanged);
    });
    this.#last = added.catch(ignore);
    return added;
  }

  /**
   * Brings all that was added so far to disk, and the name of the file.
   *
   * @throws OutputError; a second try would not be told of what the first one has lost
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
   * Where the last record ends that is written: all whose place is known are before that. To be taken before the
   * `sync()` that brings them to disk, as more may be written meanwhile.
   */
  position(): WarcPosition {
    return { name: this.#file.name, end: this.#end };
  }

  /** Waits for what is being written, without bringing it to disk. @throws OutputError */
  async close(): Promise<void> {
    await this.#last;
    await this.#writing;
    const { handle, path } = this.#file;
    // What a full disk took of a record would make the file one that readers call damaged.
    if (this.#isTorn) await handle.truncate(this.#end).catch(ignore);
    if (this.#failure === null) await attempt(path, () => handle.close());
    else await handle.close().catch(ignore);
  }

  async #pack(entry: Entry, exchanged: Exchanged): Promise<void> {
    try {
      entry.packed = await packExchange(exchanged);
    } catch (error) {
      this.#fail(error as Error);
    }
    if (!this.#isWriting) this.#writing = this.#writePacked();
  }

  /** Writes what is packed, in order, until the next one is not. */
  async #writePacked(): Promise<void> {
    const { handle, path, name } = this.#file;
    this.#isWriting = true;
    for (let group = this.#takePacked(); group.length > 0; group = this.#takePacked()) {
      const buffers = group.flatMap(({ packed }) => [...packed.response, ...packed.request]);
      try {
        await writeAll(handle, buffers, this.#end);
      } catch (error) {
        this.#isTorn = true;
        const failure = this.#fail(unwritable(path, error));
        for (const { fail } of group) fail(failure);
        break;
      }
      for (const { packed, done } of group) {
        done(`${name}#${this.#end}`);
        this.#end += sizeOf(packed.response) + sizeOf(packed.request);
      }
    }
    this.#isWriting = false;
  }

  /** The first entries, as far as they are packed and worth one call. */
  #takePacked(): PackedEntry[] {
    const taken: PackedEntry[] = [];
    let size = 0;
    for (const entry of this.#entries) {
      if (!isPacked(entry) || size > writtenAtOnce) break;
      taken.push(entry);
      size += sizeOf(entry.packed.response) + sizeOf(entry.packed.request);
    }
    this.#entries.splice(0, taken.length);
    return taken;
  }

  /** @returns the first failure, with which all end that are not written */
  #fail(error: Error): Error {
    this.#failure ??= error;
    for (const { fail } of this.#entries.splice(0)) fail(this.#failure);
    return this.#failure;
  }
}

function isPacked(entry: Entry): entry is PackedEntry {
  return entry.packed !== null;
}

function ignore(): void {}
