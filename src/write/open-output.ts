import { open, rename, stat, unlink } from 'node:fs/promises';

import { OutputError, UsageError, errorCode } from '../errors.ts';
import { FileOutput, journalOf, partOf, putInPlace, removeJournal, syncDirectory } from './file-output.ts';
import { difference } from './job-identity.ts';
import type { JobIdentity } from './job-identity.ts';
import { Journal, readJournal } from './journal.ts';
import type { JournalContent } from './journal.ts';
import { lockOutput } from './lock.ts';
import type { Lock } from './lock.ts';
import { deviceOutput } from './output.ts';
import type { Output } from './output.ts';
import { attempt } from './sink.ts';

export interface OpenOptions {
  readonly job: JobIdentity;
  /** Whether to go on with what an earlier run of the same job has left. */
  readonly resume: boolean;
  readonly notice: (text: string) => void;
}

/** What earlier runs of the job have done. */
export type Earlier = Pick<JournalContent, 'rows' | 'figures' | 'end'>;

export interface OpenedOutput {
  /** Null when an earlier run has done all but the renaming, and FILE now is whole. */
  readonly output: Output | null;
  readonly earlier: Earlier | null;
}

/**
 * Opens the output FILE for this run alone. What an earlier run has left is gone on with, or set aside.
 *
 * @throws OutputError when it cannot be created; BusyError when another run writes it; UsageError when it cannot be
 * resumed
 */
export async function openOutput(path: string, options: OpenOptions): Promise<OpenedOutput> {
  const there = await stat(path).catch(() => null);
  if (there?.isDirectory()) throw new OutputError(`${path}: is a directory; name a file`);
  // A pipe or a device cannot be replaced.
  if (there !== null && !there.isFile()) {
    if (options.resume) throw new UsageError(`--resume: ${path} is no file, so nothing of it is left`);
    return { output: await deviceOutput(path), earlier: null };
  }
  const lock = await lockOutput(path);
  try {
    return await attempt(path, () => openFile(path, options, lock, there?.mode ?? null));
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function openFile(
  path: string,
  options: OpenOptions,
  lock: Lock,
  mode: number | null,
): Promise<OpenedOutput> {
  const size = await sizeOf(partOf(path));
  const left = await readJournal(journalOf(path), size ?? Infinity);
  // Commits that are damaged, or that the part is too short for: what it holds is not known.
  const isUnknown = left?.rows.size === 0 && ((await sizeOf(journalOf(path))) ?? 0) > left.journalEnd;
  const obstacle = isUnknown ? 'its journal is damaged' : obstacleTo(left, options);
  if (left !== null && obstacle === null) {
    if (left.whole !== null && (await isFinished(path, left.whole, size))) {
      lock.release();
      return { output: null, earlier: left };
    }
    if (size !== null && left.rows.size > 0) return { output: await goOn(path, left, lock), earlier: left };
  } else if (size !== null && size > 0 && (isUnknown || left?.rows.size !== 0)) {
    const aside = await setAside(path);
    options.notice(`${partOf(path)} was left by another run (${obstacle}); it is kept as ${aside}`);
  }
  return { output: await begin(path, options.job, lock, mode), earlier: null };
}

/** Why this run does not go on with what is there; null when it may. */
function obstacleTo(left: JournalContent | null, { job, resume }: OpenOptions): string | null {
  if (left === null) return 'it has no journal that can be read';
  return difference(left.job, job) ?? (resume ? null : '--resume would have gone on with it');
}

/** Whether all of the output was there and only its renaming was left to do; does what is left of that. */
async function isFinished(path: string, whole: number, size: number | null): Promise<boolean> {
  if (size === whole) await putInPlace(path);
  else if (size !== null || (await sizeOf(path)) !== whole) return false;
  await removeJournal(path);
  return true;
}

async function sizeOf(path: string): Promise<number | null> {
  return (await stat(path).catch(() => null))?.size ?? null;
}

/** Cuts off what is not committed. */
async function goOn(path: string, left: JournalContent, lock: Lock): Promise<Output> {
  const part = await open(partOf(path), 'r+');
  const log = await open(journalOf(path), 'r+');
  await part.truncate(left.end);
  await log.truncate(left.journalEnd);
  return new FileOutput({
    path,
    part,
    lock,
    journal: new Journal(log, left.journalEnd),
    end: left.end,
    rows: left.rows.size,
  });
}

/** @param mode of the file that will be replaced: who may not read that may not read the new one either */
async function begin(path: string, job: JobIdentity, lock: Lock, mode: number | null): Promise<Output> {
  // The journal of another part must never stand beside this one.
  await unlink(journalOf(path)).catch(() => {});
  const part = await open(partOf(path), 'w');
  try {
    if (mode !== null) await part.chmod(mode & 0o777);
    const journal = new Journal(await open(journalOf(path), 'w'), 0);
    await journal.begin(job);
    await syncDirectory(path);
    return new FileOutput({ path, part, lock, journal, end: 0, rows: 0 });
  } catch (error) {
    await part.close();
    throw error;
  }
}

/**
 * Gives what an earlier run has left a dated name, under which it could be gone on with: `out.csv.gz.part` becomes
 * `out.2026-11-22T20-15-00Z.csv.gz.part`.
 *
 * @returns the new name of FILE.part
 */
async function setAside(path: string): Promise<string> {
  const date = new Date().toISOString().replace(/\.\d+/, '').replaceAll(':', '-');
  for (let n = 1; ; n++) {
    const stamp = n === 1 ? date : `${date}-${n}`;
    const other = path.replace(/((?:\.[a-z]+)?(?:\.gz)?)$/i, (extensions) => `.${stamp}${extensions}`);
    if ((await sizeOf(partOf(other))) !== null || (await sizeOf(journalOf(other))) !== null) continue;
    // First, since the journal of a part that is gone is overwritten by the next run.
    await rename(journalOf(path), journalOf(other)).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') throw error;
    });
    await rename(partOf(path), partOf(other));
    return partOf(other);
  }
}
