import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';

import { OutputError, errorCode, systemReason } from '../shared/errors.ts';

/** Puts the option and its file before the reason why it cannot be written. @throws OutputError */
export async function naming(flag: string, path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof OutputError) throw error;
    throw new OutputError(`${flag}: ${path} cannot be written: ${systemReason(error)}`);
  }
}

/** @throws OutputError for a directory, or a name that can only be one */
export async function refuseFolder(flag: string, path: string): Promise<void> {
  const isFolder = (await found(stat(path)))?.isDirectory() ?? /^$|\/$/.test(path);
  if (isFolder) throw new OutputError(`${flag}: ${path} is a directory; name a file`);
}

/** What there is; null when there is nothing. @throws the system's error */
export async function found(looking: Promise<Stats>): Promise<Stats | null> {
  try {
    return await looking;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Permissions of a file that is replaced; those of a new one when there is none. */
export function modeOf(there: Stats | null): number {
  return there === null ? 0o666 : there.mode & 0o777;
}
