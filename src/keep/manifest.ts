import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

import type { OutputError } from '../shared/errors.ts';
import { attempt, unwritable, writeAll } from '../shared/files.ts';
import { PagedMap } from '../shared/paged-map.ts';
import { folded } from './file-names.ts';

/** A file that has been saved, or is about to be. */
export interface SavedFile {
  /** Its path below the folder, with `/`. */
  readonly file: string;
  /** The path that its row wanted, if another row already had that path. */
  readonly wanted?: string;
  /** Bytes; null while its content is replaced, and once the body of its row has become empty. */
  readonly size: number | null;
  readonly sha256: string;
  /** Identifies the row (`Row.owner`). */
  readonly owner: string;
  /** As in the result of the row. */
  readonly url: string;
  readonly status: number;
  readonly type: string;
  /** When it was saved, in milliseconds since 1970 UTC. */
  readonly at: number;
}

/** The manifest's name in its folder. No row can get it, as the name of a row's file never begins with a dot. */
export const manifestName = '.urlmill-saved.jsonl';

const firstLine = { urlmill: 'saved files', format: 1 };

/** Bytes of memory for the index of names and owners, enough for about a million; the rest of it is on disk. */
const indexMemory = 128 * 1024 * 1024;

/** Stands in the index for the place of a line: a file that no row saved has that name. No file's line is at 0. */
const foreign = 0;

interface WaitingLine {
  readonly line: Buffer;
  /** Called when the line is on disk, or could not be written. */
  readonly done: (error: OutputError | null) => void;
}

/**
 * Tells which files of a folder are whole, and to which rows they belong. It is a JSON Lines file that is only appended to;
 * of several lines about a file the last one counts. A line is on disk before its file gets its name. So a file that is
 * listed here and has the listed size is complete, however its run ended, and no other row can get its name.
 */
export class Manifest {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #index: PagedMap;
  /** Byte at which the next line will begin. */
  #end = 0;
  /** Keys of names that no row can have. */
  readonly #reserved = new Set<string>();
  readonly #waiting: WaitingLine[] = [];
  /** Files whose lines are not written yet, by the bytes at which these lines will begin. */
  readonly #pending = new Map<number, SavedFile>();
  #writing: Promise<void> | null = null;
  #written = 0;
  /** After a failed write nobody knows what the disk holds. */
  #failure: OutputError | null = null;

  /** @param directories for the part of its index that does not fit into memory @throws OutputError */
  static async open(path: string, directories?: readonly string[]): Promise<Manifest> {
    const handle = await attempt(path, async () => open(path, 'a+', 0o600));
    const manifest = new Manifest(path, handle, directories);
    try {
      await attempt(path, async () => manifest.#read());
    } catch (error) {
      await manifest.close();
      throw error;
    }
    return manifest;
  }

  private constructor(path: string, handle: FileHandle, directories?: readonly string[]) {
    this.#path = path;
    this.#handle = handle;
    this.#index = new PagedMap(indexMemory, directories);
  }

  /** Byte at which the next line will begin: right after `open()`, where the lines of this run begin. */
  get end(): number {
    return this.#end;
  }

  /** The file of this row, as it was saved last; null when there is none. */
  async ofOwner(owner: string): Promise<SavedFile | null> {
    const found = await this.#at(this.#index.get(ownerKey(owner)));
    if (found?.owner !== owner) return null;
    // Its name may have been given to another row since.
    const named = await this.named(found.file);
    if (named?.sha256 !== found.sha256 || named.size !== found.size) return null;
    // Rows may share a file whose name contains its hash.
    return named.owner === owner || found.file.includes(found.sha256) ? found : null;
  }

  /** The file that has this name, or a name that is the same on some system. */
  async named(file: string): Promise<SavedFile | null> {
    const key = nameKey(file);
    return this.#reserved.has(key) ? null : this.#at(this.#index.get(key));
  }

  /** Byte at which the line of this name begins; null when the name is free, Infinity when no row can have it. */
  place(file: string): number | null {
    const key = nameKey(file);
    return this.#reserved.has(key) ? Infinity : this.#index.get(key);
  }

  /** Takes a name from all rows, also from the one that has it. */
  reserve(file: string): void {
    this.#reserved.add(nameKey(file));
  }

  /** Notes that somebody else's file has this name. */
  setForeign(file: string): void {
    this.#index.set(nameKey(file), foreign);
  }

  /** Adds a line, which look-ups see at once. @returns resolves when it is on disk; rejects with an OutputError */
  async add(saved: SavedFile): Promise<void> {
    this.#index.set(nameKey(saved.file), this.#end);
    this.#index.set(ownerKey(saved.owner), this.#end);
    this.#pending.set(this.#end, saved);
    return this.#append(saved);
  }

  /** Brings all lines to disk. @throws OutputError */
  async sync(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
    if (this.#failure !== null) throw this.#failure;
  }

  async close(): Promise<void> {
    await this.sync().catch(() => {});
    this.#index.close();
    await this.#handle.close();
  }

  async #append(value: object): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(value)}\n`);
    this.#end += line.length;
    const written = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ line, done: (error) => (error === null ? resolve() : reject(error)) });
    });
    this.#write();
    return written;
  }

  #write(): void {
    if (this.#writing === null && this.#waiting.length > 0) this.#writing = this.#writeWaiting();
  }

  /** Writes the waiting lines, then those that were added meanwhile. */
  async #writeWaiting(): Promise<void> {
    await this.#writeBatch(this.#waiting.splice(0));
    this.#writing = null;
    this.#write();
  }

  /** Lines that wait together share a sync. */
  async #writeBatch(batch: readonly WaitingLine[]): Promise<void> {
    const lines = batch.map(({ line }) => line);
    try {
      if (this.#failure !== null) throw this.#failure;
      await writeAll(this.#handle, lines, this.#written);
      await this.#handle.datasync();
      for (const { length } of lines) {
        this.#pending.delete(this.#written);
        this.#written += length;
      }
    } catch (error) {
      this.#failure = unwritable(this.#path, error);
    }
    for (const { done } of batch) done(this.#failure);
  }

  async #at(place: number | null): Promise<SavedFile | null> {
    if (place === null || place === foreign) return null;
    const pending = this.#pending.get(place);
    if (pending !== undefined) return pending;
    return attempt(this.#path, async () => parsed(await this.#lineAt(place)));
  }

  async #lineAt(place: number): Promise<string> {
    let line = Buffer.alloc(0);
    for (;;) {
      const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(2048), 0, 2048, place + line.length);
      line = Buffer.concat([line, buffer.subarray(0, bytesRead)]);
      const end = line.indexOf(0x0a);
      if (end !== -1 || bytesRead === 0) return line.toString('utf8', 0, end === -1 ? line.length : end);
    }
  }

  /** Fills the index from the file. Lines that a power cut has torn are skipped. */
  async #read(): Promise<void> {
    let rest = Buffer.alloc(0);
    for (let at = 0; ;) {
      const { buffer, bytesRead } = await this.#handle.read(
        Buffer.alloc(65_536),
        0,
        65_536,
        at + rest.length,
      );
      rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
      let start = 0;
      for (let end = rest.indexOf(0x0a); end !== -1; end = rest.indexOf(0x0a, start)) {
        const saved = parsed(rest.toString('utf8', start, end));
        if (saved !== null) {
          this.#index.set(nameKey(saved.file), at + start);
          this.#index.set(ownerKey(saved.owner), at + start);
        }
        start = end + 1;
      }
      at += start;
      rest = rest.subarray(start);
      if (bytesRead > 0) continue;
      this.#end = at + rest.length;
      this.#written = this.#end;
      break;
    }
    if (this.#end === 0) await this.#append(firstLine);
    else if (rest.length > 0) await this.#append({});
  }
}

/** No component of a name that a row can have is empty or begins with a dot. */
function isBelow(file: string): boolean {
  return file.split('/').every((component) => /^[^.\\\0]/.test(component));
}

const nameKey = (file: string): string => `name ${folded(file)}`;
const ownerKey = (owner: string): string => `owner ${owner}`;

/** Null for an invalid line, or one with a path that no row can have: the folder may have come from somebody else. */
function parsed(line: string): SavedFile | null {
  try {
    const value = JSON.parse(line) as SavedFile | null;
    if (typeof value?.file !== 'string' || typeof value.owner !== 'string') return null;
    return isBelow(value.file) ? value : null;
  } catch {
    return null;
  }
}
