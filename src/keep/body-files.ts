import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, lstat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { OutputError, errorCode } from '../shared/errors.ts';
import { attempt, syncFolder, unwritable } from '../shared/files.ts';
import { makeFolder } from '../shared/make-folder.ts';
import type { Page, Processor, Value } from '../shared/records.ts';
import { Turns } from '../shared/turns.ts';
import { writeWhole } from '../shared/whole-file.ts';

type Values = Readonly<Record<string, Value>>;

/** Bodies that are written at once. Each has a file open; Node's four threads are busy with fewer. */
const mostAtOnce = 16;

/** What is known of a folder. */
const unknown = 0;
const checked = 1;
/** A name in it is not known to outlast a power cut. */
const changed = 2;

/**
 * Saves each body as the file `ab/cd/SHA256` below a folder; its column holds that path. Nothing in the name comes
 * from the network, and a body that comes more than once is one file.
 *
 * A file is written whole under a temporary name beside its place and forced to disk before it gets its own name, so
 * whatever has a hash for a name is whole: after a crash, and while other runs write into the same folder. What is
 * made here is for its owner alone: files have mode 0600, folders 0700.
 *
 * What cannot be written ends the run with an OutputError.
 */
export class SaveBodies implements Processor {
  readonly columns: readonly string[];
  /** A slow disk must hold up the run, not fail its rows. */
  readonly untimed = true;
  readonly #column: string;
  readonly #directory: string;
  #isNew = false;
  /** The folders of the first and second level by number, the first byte of the hash and the first two. */
  readonly #outer = new Uint8Array(256);
  readonly #folders = new Uint8Array(256 * 256);
  readonly #unfinished = new Set<Promise<void>>();
  readonly #turns = new Turns(mostAtOnce);

  constructor(directory: string, column: string) {
    this.#directory = directory;
    this.#column = column;
    this.columns = [column];
  }

  /**
   * Makes the folder where it is missing (what it stands in must be there), and looks whether it can be written to.
   *
   * @throws OutputError when it cannot
   */
  async open(): Promise<void> {
    const path = this.#directory;
    try {
      this.#isNew = await makeFolder(path);
      // The user may name a link. With a slash behind it, what is no folder is refused.
      await access(join(path, '/'), constants.W_OK | constants.X_OK);
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  /** @throws OutputError when the body cannot be written */
  process({ body }: Pick<Page, 'body'>): Values | Promise<Values> {
    if (body.length === 0) return {};
    return this.#save(body);
  }

  /**
   * Waits for what is being written, then makes the names of all bodies outlast a power cut.
   *
   * @throws OutputError when the system cannot promise that
   */
  async sync(): Promise<void> {
    await Promise.allSettled(this.#unfinished);
    const folders = this.#changedFolders();
    const worker = async (): Promise<void> => {
      for (let path = folders.pop(); path !== undefined; path = folders.pop())
        await attempt(path, () => syncFolder(path));
    };
    await Promise.all(Array.from({ length: mostAtOnce }, worker));
  }

  async #save(body: Buffer): Promise<Values> {
    const hash = createHash('sha256').update(body).digest('hex');
    const place = [hash.slice(0, 2), hash.slice(2, 4), hash] as const;
    const written = this.#turns.take(async () => this.#write(body, place));
    this.#unfinished.add(written);
    try {
      await written;
    } finally {
      this.#unfinished.delete(written);
    }
    return { [this.#column]: place.join('/') };
  }

  async #write(body: Buffer, [outer, inner, hash]: readonly [string, string, string]): Promise<void> {
    const folder = join(this.#directory, outer, inner);
    const path = join(folder, hash);
    const number = Number.parseInt(outer + inner, 16);
    try {
      if (this.#folders[number] === unknown) {
        await ownFolder(dirname(folder), this.#outer, number >> 8);
        await ownFolder(folder, this.#folders, number);
      }
      if (!(await isThere(path, body.length))) await writeWhole(path, body, 0o600);
      // Another run may have put it there just now.
      this.#folders[number] = changed;
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  /** All folders with names that may be new, which are known to outlast a power cut from now on. */
  #changedFolders(): string[] {
    const folders = new Set<string>();
    for (const [number, state] of this.#folders.entries()) {
      if (state !== changed) continue;
      this.#folders[number] = checked;
      const hex = number.toString(16).padStart(4, '0');
      const outer = join(this.#directory, hex.slice(0, 2));
      folders.add(join(outer, hex.slice(2))).add(outer);
    }
    if (folders.size > 0) folders.add(this.#directory);
    if (folders.size > 0 && this.#isNew) folders.add(dirname(resolve(this.#directory)));
    return [...folders];
  }
}

/** A folder below the user's: it must be one, as a link could lead anywhere. */
async function ownFolder(path: string, known: Uint8Array, number: number): Promise<void> {
  if (known[number] !== unknown) return;
  const isOwn = (await makeFolder(path)) || (await lstat(path)).isDirectory();
  if (!isOwn) throw new OutputError(`${path}: is no folder; remove it`);
  // Not over what another body has noted meanwhile.
  if (known[number] === unknown) known[number] = checked;
}

async function isThere(path: string, size: number): Promise<boolean> {
  try {
    const found = await lstat(path);
    return found.isFile() && found.size === size;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
