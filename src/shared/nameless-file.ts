import { close, closeSync, ftruncate, openSync, read, unlinkSync, write } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const closeFile = promisify(close);
export const truncateFile = promisify(ftruncate);
const writeSome = promisify(write);
const readSome = promisify(read);

/**
 * Opens a new file to read and write that has no name, so the system frees it however the process ends.
 *
 * It is made and unlinked without a turn of the event loop in between: a process that is killed there would leave an
 * empty file behind.
 *
 * @returns the descriptor
 * @throws the system's error
 */
export function openNameless(directory: string): number {
  const path = join(directory, `urlmill-${crypto.randomUUID()}`);
  const descriptor = openSync(path, 'wx+', 0o600);
  try {
    unlinkSync(path);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return descriptor;
}

/**
 * Opens a nameless file in the first of these folders that takes it.
 *
 * @throws the system's error for the last folder
 */
export function openNamelessIn(directories: readonly string[]): { descriptor: number; directory: string } {
  let failure: unknown;
  for (const directory of directories) {
    try {
      return { descriptor: openNameless(directory), directory };
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

/** Writes all of it, however little the system takes at a time. */
export async function writeWhole(descriptor: number, data: Buffer, position: number): Promise<void> {
  for (let at = 0; at < data.length;) {
    const { bytesWritten } = await writeSome(descriptor, data, at, data.length - at, position + at);
    at += bytesWritten;
  }
}

/** @throws Error when the file ends before */
export async function readWhole(descriptor: number, position: number, length: number): Promise<Buffer> {
  const data = Buffer.allocUnsafe(length);
  for (let at = 0; at < length;) {
    const { bytesRead } = await readSome(descriptor, data, at, length - at, position + at);
    if (bytesRead === 0) throw new Error('it is shorter than what was written');
    at += bytesRead;
  }
  return data;
}
