import { createHash, randomUUID } from 'node:crypto';
import { closeSync, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

import { unwritable, writeAllSync } from '../shared/files.ts';

/** A body that was not kept in memory. Plain data, so that it can be sent to another thread. */
export interface LargeBody {
  readonly size: number;
  readonly sha256: string;
  /** The file that holds it, under a temporary name; null when it is not to be saved. */
  readonly path: string | null;
}

/** From which size on bodies are not kept in memory, and the folder that they are saved in; null: nowhere. */
export interface LargeBodies {
  readonly from: number;
  readonly directory: string | null;
}

/**
 * Takes a large body as it comes: hashes it, and writes it to a file if it is to be saved.
 *
 * It writes synchronously. A client of undici must not be paused (docs/architecture.md), so whatever is not written at once
 * would pile up in memory; and the system only copies the bytes.
 */
export class LargeBodyFile {
  readonly #hash = createHash('sha256');
  readonly #path: string | null;
  #descriptor: number | null = null;
  #size = 0;

  /** @throws OutputError when the file cannot be made */
  constructor(directory: string | null) {
    this.#path = directory === null ? null : join(directory, `.tmp-${randomUUID()}`);
    // "x" creates the file and so never follows a link.
    this.#attempt((path) => (this.#descriptor = openSync(path, 'wx', 0o600)));
  }

  /** @throws OutputError when it cannot be written */
  write(chunk: Buffer): void {
    this.#hash.update(chunk);
    const { length } = chunk;
    this.#attempt(() => writeAllSync(this.#descriptor ?? -1, chunk, this.#size));
    this.#size += length;
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
      // What is left has a name that no row tells.
    }
  }

  #close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = null;
    if (descriptor !== null) closeSync(descriptor);
  }

  #attempt(act: (path: string) => unknown): void {
    if (this.#path === null) return;
    try {
      act(this.#path);
    } catch (error) {
      // Nobody else may be left to do it: the error ends the run.
      this.abandon();
      throw unwritable(this.#path, error);
    }
  }
}
