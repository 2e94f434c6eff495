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
  /** The path that its row wanted, where another row had that. */
  readonly wanted?: string;
  /** Bytes; null while its content changes. */
  readonly size: number | null;
  readonly sha256: string;
  /** Names the row (`Row.owner`). */
  readonly owner: string;
  /** What its row tells of the response. */
  readonly url: string;
  readonly status: number;
  readonly type: string;
  /** When it was saved, in milliseconds since 1970 UTC. */
  readonly at: number;
}

/** The manifest of a folder. No file of a row has a name that begins with a dot. */
export const manifestName = '.urlmill-saved.jsonl';

const firstLine = { urlmill: 'saved files', format: 1 };

/** For names and owners of files: about a million of them; more are on disk. */
const indexMemory = 128 * 1024 * 1024;

/** In the place of a line: somebody else's file has that name. */
const foreign = 0;

interface WaitingLine {
  readonly line: Buffer;
  /** Called when it is on disk, or cannot be brought there. */
  readonly done: (error: OutputError | null) => void;
}

/**
 * Tells which files of a folder are whole, and whose they are: JSON Lines to which lines are added, of which the last one of
 * a file counts. A line is on disk before its file gets its name. Then a file that is named here and has that size is
 * complete, however a run has ended, and no other row can get its name.
 */
export class Manifest {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #index: PagedMap;
  /** Where the next line goes. */
  #end = 0;
  readonly #waiting: WaitingLine[] = [];
  /** Files whose lines are not written yet, by where those go. */
  readonly #pending = new Map<number, SavedFile>();
  #writing: Promise<void> | null = null;
  #written = 0;
  /** After a failed write nobody knows what the disk holds. */
  #failure: OutputError | null = null;

  /** @param directories for what of its index does not fit into memory @throws OutputError */
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

  /** Where the lines of this run begin. */
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
    // Rows share a file whose name is of its content.
    return named.owner === owner || found.file.includes(found.sha256) ? found : null;
  }

  /** Whose file has this name, or one that is the same on some system. */
  async named(file: string): Promise<SavedFile | null> {
    return this.#at(this.#index.get(nameKey(file)));
  }

  /** Where the line of this name is; null when the name is free. */
  place(file: string): number | null {
    return this.#index.get(nameKey(file));
  }

  /** Notes that somebody else's file has this name. */
  setForeign(file: string): void {
    this.#index.set(nameKey(file), foreign);
  }

  /** Adds a line at once. @returns resolves when it is on disk; rejects with an OutputError */
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

  /** Writes what waits, and then what has come meanwhile. */
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

  /** What a power cut has torn is passed over. */
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

/** Null for a line that is none, or that names what no row can have: the folder may have come from somebody else. */
function parsed(line: string): SavedFile | null {
  try {
    const value = JSON.parse(line) as SavedFile | null;
    if (typeof value?.file !== 'string' || typeof value.owner !== 'string') return null;
    return isBelow(value.file) ? value : null;
  } catch {
    return null;
  }
}
