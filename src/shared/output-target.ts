import { readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute } from 'node:path';

import { OutputError, UsageError, errorCode } from './errors.ts';
import { attempt } from './files.ts';

/** The descriptor of standard output. */
export const standardDescriptor = 1;

/** More links than Linux follows. */
const mostLinks = 41;

/**
 * The path or descriptor that the name of the output leads to: `behindLinks`, or standard output.
 *
 * @param name undefined or `-` for standard output
 * @throws UsageError for an empty name, as by `-o "$FILE"` where FILE is not set
 * @throws OutputError when the links cannot be followed
 */
export async function outputTarget(name: string | undefined): Promise<string | number> {
  if (name === '') throw new UsageError('--output: name a file, or "-" for standard output');
  return name === undefined || name === '-' ? standardDescriptor : attempt(name, () => behindLinks(name));
}

/**
 * The path behind all symbolic links, whether there is a file or not; or a descriptor of this process that is open, as for
 * /dev/stdout and /dev/fd/3, which must not be opened anew: a file would be emptied.
 *
 * @throws the system's error when the links lead round in a circle, or it does not let them be followed
 */
export async function behindLinks(name: string): Promise<string | number> {
  // The system refuses circles, and links that another user has left in a folder like /tmp: readlink() alone would not.
  await orNull(stat(name));
  let path = name;
  for (let links = 0; links < mostLinks; links++) {
    const folder = await orNull(realpath(dirname(path)));
    if (folder === null) return path;
    const descriptor = descriptorAt(folder, basename(path));
    if (descriptor !== null) return descriptor;
    const next = await orNull(readlink(path));
    if (next === null) return path;
    path = isAbsolute(next) ? next : `${folder}/${next}`;
  }
  throw new OutputError(`${name}: too many symbolic links`);
}

function descriptorAt(folder: string, name: string): number | null {
  const isOurs =
    folder === '/dev/fd' || /^\/proc\/(\d+)(?:\/task\/\d+)?\/fd$/.exec(folder)?.[1] === String(process.pid);
  return isOurs && /^\d+$/.test(name) ? Number(name) : null;
}

/** Null for a path that leads nowhere, or is no link. */
async function orNull<T>(looking: Promise<T>): Promise<T | null> {
  try {
    return await looking;
  } catch (error) {
    if (['ENOENT', 'EINVAL', 'UNKNOWN'].includes(errorCode(error))) return null;
    throw error;
  }
}
