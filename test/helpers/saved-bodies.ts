import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** The path of a saved body below the folder of bodies. */
export function placeOf(body: Buffer | string): string {
  const hash = createHash('sha256').update(body).digest('hex');
  return `${hash.slice(0, 2)}/${hash.slice(2, 4)}/${hash}`;
}

/** The relative paths of all files below a folder, in order. */
export async function filesIn(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => !entry.isDirectory());
  return files.map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1)).toSorted();
}
