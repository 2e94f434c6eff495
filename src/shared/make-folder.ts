import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { errorCode } from './errors.ts';

/** Makes a folder that only its owner can read. Its parent must exist. @returns whether it was missing */
export async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path, 0o700);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/**
 * The same for a folder that the user names, which may be a link to one.
 *
 * @returns whether it was missing
 * @throws the system's error when it is not a folder, or files cannot be created in it
 */
export async function makeWritableFolder(path: string): Promise<boolean> {
  const wasMissing = await makeFolder(path);
  // The slash makes this fail for a file.
  await access(join(path, '/'), constants.W_OK | constants.X_OK);
  return wasMissing;
}
