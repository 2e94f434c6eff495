import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';

/**
 * Folders for rows that wait on disk. The output's comes first, as the system's temporary folder is often in memory.
 *
 * @param output the path behind all links, or a descriptor of this process (`outputTarget`)
 */
export async function waitingFolders(output: string | number): Promise<string[]> {
  if (typeof output === 'number') return [tmpdir()];
  const there = await stat(output).catch(() => null);
  // The output may be a device: its folder, such as /dev, is no place for files.
  return there === null || there.isFile() ? [dirname(resolve(output)), tmpdir()] : [tmpdir()];
}
