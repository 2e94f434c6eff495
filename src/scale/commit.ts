import { link, readFile, rename, stat, unlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { OutputError, errorCode } from '../shared/errors.ts';
import { attempt, syncFolder } from '../shared/files.ts';

/**
 * Gives a finished file its final name, unless another file already has that name: of several attempts one wins, and
 * what is done never changes. The file must be closed and synced before. Afterwards its old name is gone.
 *
 * @param from in a folder of the same file system
 * @returns whether it won; null when the file is gone, as somebody has removed it
 * @throws OutputError
 */
export async function commitFile(from: string, to: string): Promise<boolean | null> {
  return attempt(to, async () => {
    let won: boolean;
    try {
      won = (await byLink(from, to)) ?? (await byMarker(from, to));
    } catch (error) {
      if (isGone(error) && !(await exists(from))) return null;
      throw error;
    }
    if (won) await syncNames(dirname(to));
    await unlink(from).catch(ignore);
    return won;
  });
}

/** NFS says ESTALE of a file that another machine has removed. */
function isGone(error: unknown): boolean {
  return errorCode(error) === 'ENOENT' || errorCode(error) === 'ESTALE';
}

/** Error codes of file systems that have no hard links. */
const without = new Set(['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EINVAL', 'EXDEV']);

/** @returns null where the file system has no hard links */
async function byLink(from: string, to: string): Promise<boolean | null> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    const code = errorCode(error);
    // NFS also says so when its first answer was lost: then the link is ours.
    if (code === 'EEXIST') return isSameFile(from, to);
    if (without.has(code)) return null;
    throw error;
  }
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  const [one, other] = await Promise.all([stat(a, { bigint: true }), stat(b, { bigint: true })]);
  return one.dev === other.dev && one.ino === other.ino;
}

/**
 * The same without links: the attempt that makes the marker `TO.won` has won, and renames its file. The marker names
 * that file, which is whole: if the winner ends before the rename, the next attempt does it. If the file is gone too,
 * the marker is removed; only then could two attempts that come at the same moment both win. The part is whole in any
 * case.
 */
export async function byMarker(from: string, to: string): Promise<boolean> {
  const marker = `${to}.won`;
  for (let tries = 0; tries < 3; tries++) {
    if (await exists(to)) return false;
    if (await makeMarker(marker, basename(from))) {
      // Since the first look, another winner may have finished and removed its marker. Or another attempt has read
      // our marker and renamed our file for us: then it is gone from its old name.
      const isMine = (await exists(to)) ? !(await exists(from)) : await renamed(from, to);
      await unlink(marker).catch(ignore);
      return isMine;
    }
    const winner = (await readFile(marker, 'utf8').catch(ignore)) ?? '';
    if (winner !== '') await rename(join(dirname(from), basename(winner)), to).catch(ignore);
    if (!(await exists(to))) await setTimeout(claimTime);
    await unlink(marker).catch(ignore);
  }
  throw new OutputError(`${to}: others claim it and do not write it`);
}

/** Renames the file, unless another attempt has done so meanwhile. @returns true @throws the system's error */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT' || !(await exists(to))) throw error;
  }
  return true;
}

/** Milliseconds that a winner has for its rename before others remove its marker. */
const claimTime = 1000;

async function makeMarker(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx', flush: true });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/**
 * Syncs a folder, if it can be: mounted object stores cannot, and keep names in other ways.
 *
 * @throws the system's error
 */
export async function syncNames(folder: string): Promise<void> {
  try {
    await syncFolder(folder);
  } catch (error) {
    if (!without.has(errorCode(error)) && errorCode(error) !== 'EISDIR') throw error;
  }
}

function ignore(): void {}
