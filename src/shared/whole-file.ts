import { randomUUID } from 'node:crypto';
import { open, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes a file whole: under a temporary name beside its place, forced to disk, and then under its own name. Whatever has
 * that name is whole, and what was there before stays until then.
 *
 * @param mode permissions of the file, before the umask of the process
 * @throws the system's error
 */
export async function writeWhole(path: string, content: Buffer | string, mode: number): Promise<void> {
  const temporary = temporaryFor(path);
  try {
    // "x": it is made here, so it is no link.
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(ignore);
    throw error;
  }
}

/** Looks whether `writeWhole` could make a file there, and leaves nothing behind. @throws the system's error */
export async function tryToMake(path: string): Promise<void> {
  const temporary = temporaryFor(path);
  const handle = await open(temporary, 'wx', 0o600);
  await handle.close();
  await unlink(temporary);
}

/** In the same folder: a rename into another one costs more, and that could be on another file system. */
function temporaryFor(path: string): string {
  return join(dirname(path), `.tmp-${randomUUID()}`);
}

function ignore(): void {}
