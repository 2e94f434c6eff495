import { write } from 'node:fs';
import { Writable } from 'node:stream';

import { errorCode } from '../shared/errors.ts';
import { unwritable } from '../shared/files.ts';

/** Writes as many bytes as the system takes in one call, maybe fewer than `data` has. */
export type WriteSome = (
  data: Buffer,
  position: number,
  callback: (error: Error | null, written: number) => void,
) => void;

export interface SinkOptions {
  /** Name for messages. */
  readonly name: string;
  readonly writeSome: WriteSome;
  /** Bytes that the output has already. Default: none. */
  readonly start?: number;
  /** Called when a chunk is written. It must call `callback` to get the next one. */
  readonly onTaken: (callback: () => void) => void;
}

/** Writes all of each chunk, in several calls if need be, and counts the bytes. */
export class Sink extends Writable {
  /** Bytes that the system has taken, with those of `start`. */
  taken: number;
  readonly #options: SinkOptions;
  #isWriting = false;
  #onIdle: (() => void) | null = null;

  constructor(options: SinkOptions) {
    super({ highWaterMark: 256 * 1024 });
    this.#options = options;
    this.taken = options.start ?? 0;
  }

  /** Waits for the end of a write in progress. The descriptor must stay open until then. */
  async idle(): Promise<void> {
    if (this.#isWriting) await new Promise<void>((resolve) => (this.#onIdle = resolve));
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error | null) => void): void {
    const { name, writeSome, onTaken } = this.#options;
    this.#isWriting = true;
    writeSome(chunk, this.taken, (error, written) => {
      this.#isWriting = false;
      this.taken += written;
      if (error !== null) callback(unwritable(name, error));
      else if (written < chunk.length && !this.destroyed)
        return this._write(chunk.subarray(written), _encoding, callback);
      else onTaken(callback);
      return this.#onIdle?.();
    });
  }
}

/** @param isSeekable whether it is a file, so that each write gives its position; not for pipes and devices */
export function toDescriptor(descriptor: number, isSeekable: boolean): WriteSome {
  return (data, position, callback) => {
    write(descriptor, data, 0, data.length, isSeekable ? position : null, (error, written) => {
      if (errorCode(error) === 'EAGAIN') setTimeout(() => callback(null, 0), 10);
      else callback(error, written ?? 0);
    });
  };
}
