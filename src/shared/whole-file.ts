import { randomUUID } from 'node:crypto';
import { open, rename, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes a file atomically: under a temporary name in the same folder, synced, then renamed. A file of this name is always
 * complete, and an old one stays until the rename.
 *
 * @param mode permissions of the file, before the umask of the process
 * @param ready what the name has to wait for; the file is removed when that fails
 * @throws the system's error
 */
export async function writeWhole(
  path: string,
  content: Buffer | string,
  mode: number,
  ready?: Promise<void>,
): Promise<void> {
  // "x" creates the file and so never follows a link.
  const temporary = temporaryFor(path);
  const opened = async (): Promise<FileHandle> => open(temporary, 'wx', mode);
  await renameSynced(temporary, path, opened, async (handle) => handle.writeFile(content), ready);
}

/** Syncs a file that was written before, and renames it. @throws the system's error; the file is removed then */
export async function nameWhole(temporary: string, path: string, ready?: Promise<void>): Promise<void> {
  await renameSynced(temporary, path, async () => open(temporary, 'r'), undefined, ready);
}

/** @param opened opens the file under its temporary name @param write writes what is not in it yet */
async function renameSynced(
  temporary: string,
  path: string,
  opened: () => Promise<FileHandle>,
  write: (handle: FileHandle) => Promise<void> = async () => {},
  ready?: Promise<void>,
): Promise<void> {
  // It is awaited below. If something else fails first, its own failure must not count as unhandled.
  ready?.catch(ignore);
  try {
    const handle = await opened();
    try {
      await write(handle);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await ready;
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(ignore);
    throw error;
  }
}

/** Checks that `writeWhole` could create a file there, and leaves nothing behind. @throws the system's error if not */
export async function tryToMake(path: string): Promise<void> {
  const temporary = temporaryFor(path);
  const handle = await open(temporary, 'wx', 0o600);
  await handle.close();
  await unlink(temporary);
}

/** In the same folder, as another one could be on another file system. */
function temporaryFor(path: string): string {
  return join(dirname(path), `.tmp-${randomUUID()}`);
}

function ignore(): void {}
