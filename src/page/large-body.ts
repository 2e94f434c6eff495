import { createHash, randomUUID } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

import { errorCode } from '../shared/errors.ts';
import { unwritable, writeAllSync } from '../shared/files.ts';

/** A body that was not kept in memory. Plain data, so that it can be sent to another thread. */
export interface LargeBody {
  readonly size: number;
  readonly sha256: string;
  /** The file that holds it, under a temporary name; null when it is not to be saved. */
  readonly path: string | null;
}

/** Where large bodies are written until they get their names. */
export interface LargeFolder {
  readonly directory: string;
  /** Prefix of their names, unique to the run, by which leftover files are found and removed. */
  readonly mark: string;
}

/** Removes the file of a body that is not wanted. A file that cannot be removed is left. */
export function removeLarge({ path }: LargeBody): void {
  try {
    if (path !== null) unlinkSync(path);
  } catch {
    // A leftover file does no harm: no row refers to its temporary name.
  }
}

/** From which size on bodies are not kept in memory, and where they are written if they are saved. */
export interface LargeBodies {
  /** A body with more bytes on the wire than this leaves memory. */
  readonly from: number;
  /** So does a body with a content coding that has more bytes than this when decoded. */
  readonly decoded: number;
  /**
   * Folders for bodies whose content coding is not removed yet; the first in which a file can be made is used. Null: such
   * bodies stay in memory, as a WARC file stores them with their coding.
   */
  readonly spools: readonly string[] | null;
  readonly folder: LargeFolder | null;
}

/**
 * Takes a large body as it comes: hashes it, and writes it to a file if it is to be saved.
 *
 * It writes synchronously. Connections are never paused (docs/architecture.md), so whatever is not written at once
 * would pile up in memory; and the system only copies the bytes.
 */
export class LargeBodyFile {
  #hash = createHash('sha256');
  readonly #path: string | null;
  #descriptor: number | null;
  #size = 0;

  /**
   * @returns null while no more files can be opened (EMFILE, ENFILE): the body stays in memory until one can
   * @throws OutputError when the file cannot be made
   */
  static open(folder: LargeFolder | null): LargeBodyFile | null {
    if (folder === null) return new LargeBodyFile(null, null);
    const path = join(folder.directory, `${folder.mark}${randomUUID()}`);
    try {
      // "x" creates the file and so never follows a link.
      return new LargeBodyFile(path, openSync(path, 'wx', 0o600));
    } catch (error) {
      if (/^E[MN]FILE$/.test(errorCode(error))) return null;
      throw unwritable(path, error);
    }
  }

  private constructor(path: string | null, descriptor: number | null) {
    this.#path = path;
    this.#descriptor = descriptor;
  }

  /** @throws OutputError when it cannot be written */
  write(chunk: Buffer): void {
    this.#hash.update(chunk);
    const { length } = chunk;
    this.#attempt(() => writeAllSync(this.#descriptor ?? -1, chunk, this.#size));
    this.#size += length;
  }

  /** @returns a function that takes file and hash back to their state at this call */
  mark(): () => void {
    const [size, hash] = [this.#size, this.#hash.copy()];
    return () => {
      this.#attempt(() => ftruncateSync(this.#descriptor ?? -1, size));
      this.#size = size;
      this.#hash = hash;
    };
  }

  /** The whole body has come. @throws OutputError when the file cannot be closed */
  end(): LargeBody {
    this.#attempt(() => this.#close());
    return { size: this.#size, sha256: this.#hash.digest('hex'), path: this.#path };
  }

  /** The body is not wanted: it was cut, or the run ends. */
  abandon(): void {
    try {
      this.#close();
      if (this.#path !== null) unlinkSync(this.#path);
    } catch {
      // A leftover file does no harm: no row refers to its temporary name.
    }
  }

  #close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = null;
    if (descriptor !== null) closeSync(descriptor);
  }

  #attempt(act: () => unknown): void {
    if (this.#path === null) return;
    try {
      act();
    } catch (error) {
      // Clean up here: the error ends the run, so nobody may call abandon() afterwards.
      this.abandon();
      throw unwritable(this.#path, error);
    }
  }
}
