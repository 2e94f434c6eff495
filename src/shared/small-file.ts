import { writeFile as writeOpen } from 'node:fs';
import type { Stats } from 'node:fs';
import { access, constants, lstat, stat, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { OutputError, errorCode, systemReason } from './errors.ts';
import { behindLinks } from './output-target.ts';
import { tryToMake, writeWhole } from './whole-file.ts';

const writeDescriptor = promisify(writeOpen);

/**
 * Checks that a file can be written, without changing an existing one.
 *
 * @param flag the option that names it, for messages
 * @throws OutputError when it cannot be written
 */
export async function checkSmallFile(flag: string, path: string): Promise<void> {
  await naming(flag, path, async () => {
    if (typeof (await behindLinks(path)) === 'number') return;
    await refuseFolder(flag, path);
    if (isReplaced(await found(lstat(path)))) await tryToMake(path);
    // Not opened, as opening a pipe waits for its reader.
    else await access(path, constants.W_OK);
  });
}

/**
 * Writes a text as a whole file: an earlier one stays until then (`writeWhole`). Links, pipes, devices, and open descriptors
 * of this process such as /dev/stdout are written through.
 *
 * @param flag the option that names it, for messages
 * @throws OutputError when it cannot be written
 */
export async function writeSmallFile(flag: string, path: string, text: string): Promise<void> {
  await naming(flag, path, async () => {
    const target = await behindLinks(path);
    if (typeof target === 'number') return writeDescriptor(target, text);
    const there = await found(lstat(path));
    // The new file gets the permissions of the one that it replaces.
    if (isReplaced(there)) await writeWhole(path, text, modeOf(there));
    else await writeFile(path, text);
  });
}

/** Whether a new file replaces the old one. Links, pipes and devices are written through instead. */
function isReplaced(there: Stats | null): boolean {
  return there === null || there.isFile();
}

/** The status of a file; null when there is none. @throws the system's error */
export async function found(looking: Promise<Stats>): Promise<Stats | null> {
  try {
    return await looking;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** @throws OutputError for a directory, or a name that can only be one */
export async function refuseFolder(flag: string, path: string): Promise<void> {
  const isFolder = (await found(stat(path)))?.isDirectory() ?? /^$|\/$/.test(path);
  if (isFolder) throw new OutputError(`${flag}: ${path} is a directory; name a file`);
}

/** Permissions of a file that is replaced; those of a new one when there is none. */
export function modeOf(there: Stats | null): number {
  return there === null ? 0o666 : there.mode & 0o777;
}

/** Puts the option and its file before the reason why it cannot be written. @throws OutputError */
export async function naming(flag: string, path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof OutputError) throw error;
    throw new OutputError(`${flag}: ${path} cannot be written: ${systemReason(error)}`);
  }
}
