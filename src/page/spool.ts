import { closeSync, ftruncateSync } from 'node:fs';

import { OutputError, errorCode, systemReason } from '../shared/errors.ts';
import { writeAllSync } from '../shared/files.ts';
import { openNamelessIn, readWhole } from '../shared/nameless-file.ts';

/** Bytes that can be read from any position: a buffer's or a file's. */
export interface Bytes {
  readonly length: number;
  /** Reads `length` bytes from `at` on; fewer at the end. @throws OutputError when they cannot be read */
  readonly read: (at: number, length: number) => Promise<Buffer>;
}

export function bytesIn(buffer: Buffer): Bytes {
  return { length: buffer.length, read: async (at, length) => buffer.subarray(at, at + length) };
}

/** A body that still has content codings, in a file without a name. Written synchronously, like `LargeBodyFile`. */
export class Spool implements Bytes {
  length = 0;
  readonly #descriptor: number;
  readonly #directory: string;

  /**
   * @param directories the first that takes the file is used
   * @returns null while no more files can be opened (EMFILE, ENFILE)
   * @throws OutputError when the file cannot be made
   */
  static open(directories: readonly string[]): Spool | null {
    try {
      const { descriptor, directory } = openNamelessIn(directories);
      return new Spool(descriptor, directory);
    } catch (error) {
      if (/^E[MN]FILE$/.test(errorCode(error))) return null;
      throw failed(directories.at(-1) ?? '', error);
    }
  }

  private constructor(descriptor: number, directory: string) {
    this.#descriptor = descriptor;
    this.#directory = directory;
  }

  /** @throws OutputError when it cannot be written */
  write(chunk: Buffer): void {
    try {
      writeAllSync(this.#descriptor, chunk, this.length);
    } catch (error) {
      throw failed(this.#directory, error);
    }
    this.length += chunk.length;
  }

  readonly read = async (at: number, length: number): Promise<Buffer> => {
    try {
      return await readWhole(this.#descriptor, at, Math.min(length, this.length - at));
    } catch (error) {
      throw failed(this.#directory, error);
    }
  };

  /** @returns a function that cuts the file back to its present length */
  mark(): () => void {
    const { length } = this;
    return () => {
      ftruncateSync(this.#descriptor, length);
      this.length = length;
    };
  }

  /** No read may be pending. */
  close(): void {
    closeSync(this.#descriptor);
  }
}

function failed(directory: string, error: unknown): OutputError {
  return new OutputError(`temporary file in ${directory}: ${systemReason(error)}`, { cause: error });
}
