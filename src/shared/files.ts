import { writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

import { OutputError, PipeClosedError, errorCode, systemReason } from './errors.ts';

/** Runs `action`. @throws OutputError naming the output, when it fails */
export async function attempt<T>(name: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw unwritable(name, error);
  }
}

/** Makes an OutputError of a failed write, with the name of the output and the system's reason. */
export function unwritable(name: string, error: unknown): OutputError {
  if (error instanceof OutputError) return error;
  if (errorCode(error) === 'EPIPE') return new PipeClosedError(`${name}: the reader has gone`);
  return new OutputError(`${name}: cannot be written: ${systemReason(error)}`);
}

/** Syncs a folder, so that new, renamed and removed names in it survive a power cut. @throws the system's error */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Syncs the folder that holds this file. @throws the system's error */
export async function syncFolderOf(path: string): Promise<void> {
  await syncFolder(dirname(path));
}

/** Writes all buffers at this position of a file, in several calls if need be. @throws the system's error */
export async function writeAll(
  handle: FileHandle,
  buffers: readonly Buffer[],
  position: number,
): Promise<void> {
  let at = position;
  for (let left = buffers; left.length > 0;) {
    const { bytesWritten } = await handle.writev(left, at);
    at += bytesWritten;
    left = withoutFirst(left, bytesWritten);
  }
}

/** The same for one buffer, synchronously. @throws the system's error */
export function writeAllSync(descriptor: number, buffer: Buffer, position: number): void {
  for (let done = 0; done < buffer.length;) {
    done += writeSync(descriptor, buffer, done, buffer.length - done, position + done);
  }
}

/** The buffers without their first `bytes` bytes. */
function withoutFirst(buffers: readonly Buffer[], bytes: number): Buffer[] {
  let left = bytes;
  const next = buffers.findIndex(({ length }) => {
    if (length > left) return true;
    left -= length;
    return false;
  });
  if (next === -1) return [];
  return buffers.slice(next).with(0, (buffers[next] as Buffer).subarray(left));
}
