import { write } from 'node:fs';
import { open, rename, stat, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Writable } from 'node:stream';

import { OutputError, PipeClosedError, errorCode, systemReason } from '../errors.ts';

/** Where the bytes of a run go. */
export interface Output {
  readonly stream: Writable;
  /** Bytes that the system has taken. */
  readonly written: () => number;
  /** Makes a whole output final. @throws OutputError */
  readonly commit: () => Promise<void>;
  /** Leaves an output that is not whole, cut back to so many bytes; says where it is, if it is anywhere. */
  readonly abandon: (safeBytes: number) => Promise<string | null>;
}

type WriteSome = (data: Buffer, callback: (error: Error | null, written: number) => void) => void;

/** Writes all of each chunk, however little the system takes at a time, and counts what it took. */
class Sink extends Writable {
  taken = 0;
  readonly #name: string;
  readonly #writeSome: WriteSome;

  constructor(name: string, writeSome: WriteSome) {
    super({ highWaterMark: 256 * 1024 });
    this.#name = name;
    this.#writeSome = writeSome;
  }

  override _write(chunk: Buffer, _encoding: string, callback: (error?: Error | null) => void): void {
    this.#writeSome(chunk, (error, written) => {
      if (error !== null) return callback(unwritable(this.#name, error));
      this.taken += written;
      if (written < chunk.length) return this._write(chunk.subarray(written), _encoding, callback);
      return callback();
    });
  }
}

function toDescriptor(descriptor: number): WriteSome {
  return (data, callback) => {
    write(descriptor, data, 0, data.length, null, (error, written) => {
      if (errorCode(error) === 'EAGAIN') setTimeout(() => callback(null, 0), 10);
      else callback(error, written);
    });
  };
}

/** @param descriptor standard output's, when it is a file or a device: Node writes to those without waiting */
export function standardOutput(stream: Writable, descriptor: number | null): Output {
  const toStream: WriteSome = (data, callback) => {
    stream.write(data, (error) => callback(error ?? null, data.length));
  };
  // The callback of the write gets the same error.
  stream.on('error', ignore);
  const sink = new Sink('standard output', descriptor === null ? toStream : toDescriptor(descriptor));
  const release = (): void => void stream.off('error', ignore);
  return {
    stream: sink,
    written: () => sink.taken,
    commit: async () => release(),
    abandon: async () => {
      // The error of a write that failed comes after its callback.
      setImmediate(release);
      return null;
    },
  };
}

function ignore(): void {}

/** Where the output is until it is whole. */
export function partOf(path: string): string {
  return `${path}.part`;
}

async function deviceOutput(path: string): Promise<Output> {
  const handle = await attempt(path, () => open(path, 'w'));
  const sink = new Sink(path, toDescriptor(handle.fd));
  return {
    stream: sink,
    written: () => sink.taken,
    commit: () => attempt(path, () => handle.close()),
    abandon: () =>
      handle.close().then(
        () => null,
        () => null,
      ),
  };
}

/**
 * A file that appears under its name when it is whole; until then it is FILE.part.
 *
 * @throws OutputError when it cannot be created
 */
export async function fileOutput(path: string): Promise<Output> {
  const there = await stat(path).catch(() => null);
  if (there?.isDirectory()) throw new OutputError(`${path}: is a directory; name a file`);
  // A pipe or a device cannot be replaced.
  if (there !== null && !there.isFile()) return deviceOutput(path);
  const part = partOf(path);
  const handle = await attempt(path, () => open(part, 'w'));
  const sink = new Sink(part, toDescriptor(handle.fd));
  return {
    stream: sink,
    written: () => sink.taken,
    commit: () =>
      attempt(path, async () => {
        await syncAndClose(handle);
        await rename(part, path);
        const directory = await open(dirname(resolve(path)), 'r');
        await syncAndClose(directory);
      }),
    abandon: async (safeBytes) => {
      // The disk may be full or gone: what could be saved has been.
      await handle.truncate(safeBytes).catch(() => {});
      await syncAndClose(handle).catch(() => {});
      if (safeBytes > 0) return part;
      await unlink(part).catch(() => {});
      return null;
    },
  };
}

async function syncAndClose(handle: FileHandle): Promise<void> {
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw unwritable(path, error);
  }
}

function unwritable(name: string, error: unknown): OutputError {
  if (error instanceof OutputError) return error;
  if (errorCode(error) === 'EPIPE') return new PipeClosedError(`${name}: the reader has gone`);
  return new OutputError(`${name}: cannot be written: ${systemReason(error)}`);
}
