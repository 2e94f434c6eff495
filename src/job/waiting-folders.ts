import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';

/**
 * Folders for rows that wait on disk. The output's comes first, as the system's temporary folder is often in memory.
 *
 * @param output what the output leads to (`outputTarget`)
 */
export async function waitingFolders(output: string | number): Promise<string[]> {
  if (typeof output === 'number') return [tmpdir()];
  const there = await stat(output).catch(() => null);
  // The folder of a device holds devices.
  return there === null || there.isFile() ? [dirname(resolve(output)), tmpdir()] : [tmpdir()];
}
