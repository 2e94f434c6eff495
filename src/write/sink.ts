import { write } from 'node:fs';
import { Writable } from 'node:stream';

import { errorCode } from '../shared/errors.ts';
import { unwritable } from '../shared/files.ts';

/** Writes as much as the system takes. */
export type WriteSome = (
  data: Buffer,
  position: number,
  callback: (error: Error | null, written: number) => void,
) => void;

export interface SinkOptions {
  /** As messages call it. */
  readonly name: string;
  readonly writeSome: WriteSome;
  /** Bytes that are there already. Default: none. */
  readonly start?: number;
  /** Called when a chunk is written; calls back when the next one may come. */
  readonly onTaken: (callback: () => void) => void;
}

/** Writes all of each chunk, however little the system takes at a time, and counts what it took. */
export class Sink extends Writable {
  /** Where the output ends. */
  taken: number;
  readonly #options: SinkOptions;
  #isWriting = false;
  #onIdle: (() => void) | null = null;

  constructor(options: SinkOptions) {
    super({ highWaterMark: 256 * 1024 });
    this.#options = options;
    this.taken = options.start ?? 0;
  }

  /** Waits for the system to be done with what it was given: until then its descriptor must stay open. */
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

/** @param descriptor of a file that is written where it says, or of one that knows no places: a pipe, a device */
export function toDescriptor(descriptor: number, hasPlaces: boolean): WriteSome {
  return (data, position, callback) => {
    write(descriptor, data, 0, data.length, hasPlaces ? position : null, (error, written) => {
      if (errorCode(error) === 'EAGAIN') setTimeout(() => callback(null, 0), 10);
      else callback(error, written ?? 0);
    });
  };
}
