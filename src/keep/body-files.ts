import { createHash, randomUUID } from 'node:crypto';
import { lstat, unlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

import { OutputError, errorCode } from '../shared/errors.ts';
import { attempt, syncFolder, unwritable } from '../shared/files.ts';
import { makeFolder, makeWritableFolder } from '../shared/make-folder.ts';
import type { Page, Processor, SavedBody, Value } from '../shared/records.ts';
import { Turns } from '../shared/turns.ts';
import { nameWhole, writeWhole } from '../shared/whole-file.ts';
import type { LargeBody, LargeFolder } from '../page/large-body.ts';
import { removeLeft } from './left-files.ts';

type Values = Readonly<Record<string, Value>>;

/** Bodies that are written at once. Each needs an open file, and fewer already keep Node's four threads busy. */
const mostAtOnce = 16;

/** States of a folder: not looked at yet; it exists; files were added that its next sync must make durable. */
const unknown = 0;
const checked = 1;
const changed = 2;

/**
 * Saves each body as the file `ab/cd/SHA256` below a folder; its column holds that path. Names come from hashes and not
 * from the network, and equal bodies share a file.
 *
 * A file is written under a temporary name in the same folder and synced before it gets its name. So a file whose name is
 * a hash is complete, after a crash and while other runs write to the same folder. Files have mode 0600 and folders 0700.
 *
 * A body that cannot be written ends the run with an OutputError.
 */
export class SaveBodies implements Processor {
  readonly columns: readonly string[];
  /** A slow disk delays the run and must not fail its rows. */
  readonly untimed = true;
  /** Where large bodies are written until they get their names. */
  readonly largeFolder: LargeFolder;
  readonly #column: string;
  readonly #directory: string;
  #isNew = false;
  /** States of the folders of the first and second level, by the first byte and the first two bytes of the hash. */
  readonly #outer = new Uint8Array(256);
  readonly #folders = new Uint8Array(256 * 256);
  readonly #unfinished = new Set<Promise<void>>();
  readonly #turns = new Turns(mostAtOnce);

  constructor(directory: string, column: string) {
    this.#directory = directory;
    this.largeFolder = { directory, mark: `.tmp-${randomUUID()}-` };
    this.#column = column;
    this.columns = [column];
  }

  /**
   * Makes the folder if it is missing (its parent must exist), and checks that files can be created in it.
   *
   * @throws OutputError when they cannot
   */
  async open(): Promise<void> {
    const path = this.#directory;
    try {
      this.#isNew = await makeWritableFolder(path);
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  /** @throws OutputError when the body cannot be written */
  process({ body }: Pick<Page, 'body'>): Values | Promise<Values> {
    if (body.length === 0) return {};
    return this.#save(body);
  }

  /** Whether the body is already saved: `file` is the path for its hash, and exists with its size, if known. */
  async holds(file: string, { sha256, bytes }: SavedBody): Promise<boolean> {
    return (
      file === placeOf(sha256).join('/') && isThere(join(this.#directory, file), bytes).catch(() => false)
    );
  }

  /**
   * Waits for bodies that are being written, then syncs the folders, so that all files survive a power cut.
   *
   * @throws OutputError when a folder cannot be synced
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

  /** Removes leftover files of large bodies: those in flight when a thread was ended. */
  async close(): Promise<void> {
    await removeLeft(this.largeFolder);
  }

  /** Moves the temporary file of a large body to its final name. @throws OutputError when that fails */
  async take({ sha256, size, path: temporary }: LargeBody): Promise<Values> {
    if (temporary === null) throw new TypeError('a body that is to be saved was not written');
    return this.#put(sha256, async (path) => {
      if (await isThere(path, size)) await unlink(temporary);
      else await nameWhole(temporary, path);
    });
  }

  async #save(body: Buffer): Promise<Values> {
    return this.#put(createHash('sha256').update(body).digest('hex'), async (path) => {
      if (!(await isThere(path, body.length))) await writeWhole(path, body, 0o600);
    });
  }

  /** @param write makes the file of that path */
  async #put(hash: string, write: (path: string) => Promise<void>): Promise<Values> {
    const place = placeOf(hash);
    const written = this.#turns.take(async () => this.#write(place, write));
    this.#unfinished.add(written);
    try {
      await written;
    } finally {
      this.#unfinished.delete(written);
    }
    return { [this.#column]: place.join('/') };
  }

  async #write(
    [outer, inner, hash]: readonly [string, string, string],
    write: (path: string) => Promise<void>,
  ): Promise<void> {
    const folder = join(this.#directory, outer, inner);
    const path = join(folder, hash);
    const number = Number.parseInt(outer + inner, 16);
    try {
      if (this.#folders[number] === unknown) {
        await ensureFolder(dirname(folder), this.#outer, number >> 8);
        await ensureFolder(folder, this.#folders, number);
      }
      await write(path);
      // Also if the file existed: another run may have just created it, without a sync of the folder yet.
      this.#folders[number] = changed;
    } catch (error) {
      throw unwritable(path, error);
    }
  }

  /** The folders that may hold new names. They count as synced from now on. */
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

function placeOf(hash: string): readonly [outer: string, inner: string, hash: string] {
  return [hash.slice(0, 2), hash.slice(2, 4), hash];
}

/** Makes a folder below the user's, or checks that it is one and not a link, which could lead anywhere. */
async function ensureFolder(path: string, known: Uint8Array, number: number): Promise<void> {
  if (known[number] !== unknown) return;
  const isOwn = (await makeFolder(path)) || (await lstat(path)).isDirectory();
  if (!isOwn) throw new OutputError(`${path}: is no folder; remove it`);
  // Another body may have set it to `changed` meanwhile.
  if (known[number] === unknown) known[number] = checked;
}

/** @param size null: any */
async function isThere(path: string, size: number | null): Promise<boolean> {
  try {
    const found = await lstat(path);
    return found.isFile() && (size === null || found.size === size);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
