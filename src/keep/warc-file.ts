import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, open, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';

import { OutputError, errorCode } from '../shared/errors.ts';
import { attempt, writeAll } from '../shared/files.ts';
import { makeFolder } from '../shared/make-folder.ts';
import { sizeOf } from './gzip-member.ts';
import { packWarcinfo } from './warc.ts';

/** A place in a WARC file of the directory. */
export interface WarcPosition {
  readonly name: string;
  readonly end: number;
}

/** A file that records may be appended to. */
export interface WarcFile extends WarcPosition {
  readonly handle: FileHandle;
  /** As messages call it. */
  readonly path: string;
  /** Names that are not known to outlast a power cut: of the file, and of its directory. */
  readonly newNames: string[];
}

/** What comes from a journal and looks like this leads nowhere else. */
const namePattern = /^urlmill-\d{8}T\d{6}Z-[0-9a-f]{8}\.warc\.gz$/;

/**
 * Makes a file with a name that no other one has, and the directory where that is missing. Both are for their owner
 * alone.
 *
 * @throws OutputError
 */
export async function beginWarcFile(directory: string): Promise<WarcFile> {
  const isNew = await attempt(directory, async () => {
    const isMade = await makeFolder(directory);
    // The user may name a link. With a slash behind it, what is no folder is refused.
    await access(join(directory, '/'), constants.W_OK | constants.X_OK);
    return isMade;
  });
  const now = Date.now();
  const second = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const name = `urlmill-${second}-${randomBytes(4).toString('hex')}.warc.gz`;
  const path = join(directory, name);
  return attempt(path, async () => {
    // "x": it is made here, so it is no link.
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
 * Opens the file that an earlier run has written to, and cuts off what that has not committed.
 *
 * @throws OutputError when it is not what that run has left
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
    // It was made here, so a link is somebody else's.
    return await open(path, constants.O_RDWR | constants.O_NOFOLLOW);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw new OutputError(`${path}: is missing, and holds bodies of rows of earlier runs; ${remedy}`);
  }
}

function ignore(): void {}
