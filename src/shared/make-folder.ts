import { mkdir } from 'node:fs/promises';

import { errorCode } from './errors.ts';

/** Makes a folder for its owner alone; what it stands in must be there. @returns whether it was missing */
export async function makeFolder(path: string): Promise<boolean> {
  try {
    await mkdir(path, 0o700);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}
