import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

import { OutputError, PipeClosedError, errorCode, systemReason } from './errors.ts';

/** What `action` gives; an error of the system becomes one about the output `name`. @throws OutputError */
export async function attempt<T>(name: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw unwritable(name, error);
  }
}

/** The error that says of an output that it cannot be written, and why. */
export function unwritable(name: string, error: unknown): OutputError {
  if (error instanceof OutputError) return error;
  if (errorCode(error) === 'EPIPE') return new PipeClosedError(`${name}: the reader has gone`);
  return new OutputError(`${name}: cannot be written: ${systemReason(error)}`);
}

/** Forces to disk which files a folder holds. @throws the system's error */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The same for the folder of a file. */
export async function syncFolderOf(path: string): Promise<void> {
  await syncFolder(dirname(resolve(path)));
}

/** Writes all of the buffers to this place of a file, however little the system takes at a time. */
export async function writeAll(
  handle: FileHandle,
  buffers: readonly Buffer[],
  position: number,
): Promise<void> {
  let at = position;
  for (let left = buffers; left.length > 0;) {
    const { bytesWritten } = await handle.writev(left, at);
    at += bytesWritten;
    left = behind(left, bytesWritten);
  }
}

/** What is left of the buffers behind so many bytes. */
function behind(buffers: readonly Buffer[], bytes: number): Buffer[] {
  let left = bytes;
  const next = buffers.findIndex(({ length }) => {
    if (length > left) return true;
    left -= length;
    return false;
  });
  if (next === -1) return [];
  return buffers.slice(next).with(0, (buffers[next] as Buffer).subarray(left));
}
