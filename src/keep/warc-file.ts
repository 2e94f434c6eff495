import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { OutputError, errorCode } from '../shared/errors.ts';
import { attempt, writeAll } from '../shared/files.ts';
import { makeWritableFolder } from '../shared/make-folder.ts';
import { sizeOf } from './gzip-member.ts';
import { packWarcinfo } from './warc.ts';

/** A position in a WARC file. */
export interface WarcPosition {
  /** Name of the file in its directory. */
  readonly name: string;
  /** Bytes. */
  readonly end: number;
}

/** A WARC file that is open for appending. */
export interface WarcFile extends WarcPosition {
  readonly handle: FileHandle;
  /** Path for messages. */
  readonly path: string;
  /** Paths of the file and its directory, when their names in the parent directory are not synced yet. */
  readonly newNames: string[];
}

/** A name from a journal must match, so that it cannot lead out of the directory. */
const namePattern = /^urlmill-\d{8}T\d{6}Z-[0-9a-f]{8}\.warc\.gz$/;

/**
 * Creates a file with a unique name, and its directory if that is missing. Only their owner can read them.
 *
 * @throws OutputError when that fails
 */
export async function beginWarcFile(directory: string): Promise<WarcFile> {
  const isNew = await attempt(directory, () => makeWritableFolder(directory));
  const now = Date.now();
  const second = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const name = `urlmill-${second}-${randomBytes(4).toString('hex')}.warc.gz`;
  const path = join(directory, name);
  return attempt(path, async () => {
    // "x" creates the file and so never follows a link.
    const handle = await open(path, 'wx', 0o600);
    try {
      const first = await packWarcinfo(name, now);
      await writeAll(handle, first, 0);
      return { handle, path, name, end: sizeOf(first), newNames: isNew ? [path, directory] : [path] };
    } catch (error) {
      await handle.close().catch(ignore);
      await unlink(path).catch(ignore);
      throw error;
    }
  });
}

/**
 * Opens the file of the run that is resumed, and truncates it to what that run has committed.
 *
 * @throws OutputError when the file is missing or shorter than that
 */
export async function goOnWithWarcFile(directory: string, { name, end }: WarcPosition): Promise<WarcFile> {
  if (!namePattern.test(name) || !Number.isSafeInteger(end) || end <= 0) {
    const what = `${JSON.stringify(name)} with ${end} bytes`;
    throw new OutputError(`${directory}: holds no WARC file such as ${what}; begin anew without --resume`);
  }
  const path = join(directory, name);
  return attempt(path, async () => {
    const handle = await openAgain(path);
    try {
      const found = await handle.stat();
      const size = found.isFile() ? found.size : 0;
      if (size < end) {
        const lack = `has ${size} of the ${end} bytes that belong to rows of earlier runs`;
        throw new OutputError(`${path}: ${lack}; ${remedy}`);
      }
      await handle.truncate(end);
      return { handle, path, name, end, newNames: [] };
    } catch (error) {
      await handle.close().catch(ignore);
      throw error;
    }
  });
}

const remedy = 'put it back, or begin anew without --resume';

async function openAgain(path: string): Promise<FileHandle> {
  try {
    // The earlier run created a file, so a link was put there by somebody else.
    return await open(path, constants.O_RDWR | constants.O_NOFOLLOW);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw new OutputError(`${path}: is missing, and holds bodies of rows of earlier runs; ${remedy}`);
  }
}

function ignore(): void {}
