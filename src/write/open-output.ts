import type { Stats } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

import { OutputError, UsageError, errorCode } from '../shared/errors.ts';
import { FileOutput, journalOf, partOf, putInPlace, removeJournal, statOf } from './file-output.ts';
import { difference } from './job-identity.ts';
import type { JobIdentity } from './job-identity.ts';
import { Journal, readJournal } from './journal.ts';
import type { JournalContent, Whole } from './journal.ts';
import { lockOutput } from '../shared/lock.ts';
import type { Lock } from '../shared/lock.ts';
import { deviceOutput } from './output.ts';
import type { Output } from './output.ts';
import { attempt, syncFolderOf } from '../shared/files.ts';

export interface OpenOptions {
  readonly job: JobIdentity;
  /** The flag of an option whose file is the output itself (`--since`), so that the run replaces its content at the end. */
  readonly replaced?: string | null;
  /** Whether to resume an earlier run of the same job. */
  readonly resume: boolean;
  readonly notice: (text: string) => void;
  /** Syncs saved bodies, which must be on disk before the rows that name them are committed. */
  readonly beforeCommit?: (() => Promise<void>) | undefined;
}

/** What earlier runs of the job have committed. */
export type Earlier = Pick<JournalContent, 'rows' | 'figures' | 'end'>;

export interface OpenedOutput {
  /** Null when an earlier run had only the rename left to do, which is done now: FILE is complete. */
  readonly output: Output | null;
  readonly earlier: Earlier | null;
}

/**
 * Locks and opens the output FILE, which is no symbolic link (`outputTarget`). The leftovers of an earlier run are resumed
 * or set aside under another name.
 *
 * @throws OutputError when it cannot be created; BusyError when another run writes it; UsageError when `resume` is asked for
 * a pipe or device
 */
export async function openOutput(path: string, options: OpenOptions): Promise<OpenedOutput> {
  const there = await attempt(path, () => statOf(path));
  if (there?.isDirectory()) throw new OutputError(`${path}: is a directory; name a file`);
  // Pipes and devices are written directly, as they cannot be replaced by a rename.
  if (there !== null && !there.isFile()) {
    if (options.resume) throw new UsageError(`--resume: ${path} is no file, so nothing of it is left`);
    return { output: await deviceOutput(path), earlier: null };
  }
  const lock = await lockOutput(path);
  try {
    return await attempt(path, () => openFile(path, options, lock));
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openFile(path: string, options: OpenOptions, lock: Lock): Promise<OpenedOutput> {
  const [part, journal] = [await statOf(partOf(path)), await statOf(journalOf(path))];
  for (const [name, there] of [
    [partOf(path), part],
    [journalOf(path), journal],
  ] as const) {
    if (there?.isDirectory() === true) {
      throw new OutputError(`${name}: is a directory; the output needs that name until it is whole`);
    }
  }
  const size = part?.size ?? null;
  const journalSize = journal?.size ?? 0;
  const left = await readJournal(journalOf(path), size ?? Infinity);
  // All commits are damaged or beyond the end of FILE.part, so its content is unknown.
  const isUnknown = left?.rows.size === 0 && journalSize > left.journalEnd;
  // Without FILE.part the rename is done: the output, and so the file of that option, has its new content.
  const replaced = size === null && left?.whole ? (options.replaced ?? null) : null;
  const obstacle = isUnknown ? 'its journal is damaged' : obstacleTo(left, options, replaced);
  if (left !== null && obstacle === null) {
    if (left.whole !== null && (await isFinished(path, left.whole, size))) {
      lock.release();
      return { output: null, earlier: left };
    }
    if (size !== null && left.rows.size > 0)
      return { output: await goOn(path, left, options, lock), earlier: left };
  } else if (
    left === null ? (size ?? 0) + journalSize > 0 : (size ?? 0) > 0 && (isUnknown || left.rows.size > 0)
  ) {
    const aside = await setAside(path);
    options.notice(`${partOf(path)} was left by another run (${obstacle}); it is kept as ${aside}`);
  }
  return { output: await begin(path, options, lock), earlier: null };
}

/** Why this run does not resume the leftovers, in words; null when it may. */
function obstacleTo(
  left: JournalContent | null,
  { job, resume }: OpenOptions,
  replaced: string | null,
): string | null {
  if (left === null) return 'it has no journal that can be read';
  return difference(left.job, job, replaced) ?? (resume ? null : '--resume would have gone on with it');
}

/** Whether the output was complete. If so, completes its rename. */
async function isFinished(path: string, whole: Whole, size: number | null): Promise<boolean> {
  if (size === whole.size) await putInPlace(path);
  else {
    const there = await statOf(path);
    if (size !== null || there?.size !== whole.size || there.ino !== whole.inode) return false;
  }
  await removeJournal(path);
  return true;
}

/** Resumes: truncates FILE.part and the journal to what is committed. */
async function goOn(
  path: string,
  { end, rows, journalEnd }: JournalContent,
  { beforeCommit }: OpenOptions,
  lock: Lock,
): Promise<Output> {
  return withFiles(path, 'r+', async (part, log) => {
    await part.truncate(end);
    await log.truncate(journalEnd);
    const journal = new Journal(log, journalEnd);
    return new FileOutput({ path, part, lock, journal, end, rows: rows.size, beforeCommit });
  });
}

async function begin(path: string, { job, beforeCommit }: OpenOptions, lock: Lock): Promise<Output> {
  // Removed first, so that a crash cannot leave this FILE.part beside the journal of another one.
  await unlink(journalOf(path)).catch(() => {});
  const replaced = await statOf(path);
  return withFiles(path, 'w', async (part, log) => {
    if (replaced !== null) await makeAlike(part, replaced);
    const journal = new Journal(log, 0);
    await journal.begin(job);
    await syncFolderOf(path);
    return new FileOutput({ path, part, lock, journal, end: 0, rows: 0, beforeCommit });
  });
}

/** Gives the new file the permissions of the one that it replaces, and the owner and group where the system lets us. */
async function makeAlike(part: FileHandle, { uid, gid, mode }: Stats): Promise<void> {
  const own = await part.stat();
  // Only root may give a file away. A group may be given by its members.
  if (own.uid !== uid || own.gid !== gid) {
    await part.chown(uid, gid).catch(() => part.chown(own.uid, gid).catch(() => {}));
  }
  await part.chmod(mode & 0o777);
}

/** Opens FILE.part and FILE.journal for `make`, and closes them when it fails. */
async function withFiles(
  path: string,
  flags: string,
  make: (part: FileHandle, log: FileHandle) => Promise<Output>,
): Promise<Output> {
  const opened: FileHandle[] = [];
  try {
    const part = await open(partOf(path), flags);
    opened.push(part);
    const log = await open(journalOf(path), flags);
    opened.push(log);
    return await make(part, log);
  } catch (error) {
    for (const handle of opened) await handle.close();
    // The files were just created and are empty.
    if (flags === 'w') for (const file of [partOf(path), journalOf(path)]) await unlink(file).catch(() => {});
    throw error;
  }
}

/**
 * Renames the leftovers of an earlier run to a dated name, under which it can still be resumed: `out.csv.gz.part` becomes
 * `out.2026-11-22T20-15-00Z.csv.gz.part`.
 *
 * @returns the new name of FILE.part
 */
async function setAside(path: string): Promise<string> {
  const date = new Date().toISOString().replace(/\.\d+/, '').replaceAll(':', '-');
  for (let n = 1; ; n++) {
    const stamp = n === 1 ? date : `${date}-${n}`;
    const other = path.replace(/((?:\.[a-z]+)?(?:\.gz)?)$/i, (extensions) => `.${stamp}${extensions}`);
    if ((await statOf(partOf(other))) !== null || (await statOf(journalOf(other))) !== null) continue;
    // The journal first: after a crash in between, the next run would overwrite a journal that has no FILE.part.
    await renameIfThere(journalOf(path), journalOf(other));
    try {
      await renameIfThere(partOf(path), partOf(other));
    } catch (error) {
      await rename(journalOf(other), journalOf(path)).catch(() => {});
      throw error;
    }
    return partOf(other);
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
}
