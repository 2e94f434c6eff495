import { writeFile as writeOpen } from 'node:fs';
import type { Stats } from 'node:fs';
import { access, constants, lstat, stat, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { OutputError, errorCode, systemReason } from '../shared/errors.ts';
import { behindLinks } from '../shared/output-target.ts';
import { tryToMake, writeWhole } from '../shared/whole-file.ts';
import type { Summary } from './summary.ts';

const standardError = 2;
const writeDescriptor = promisify(writeOpen);

/**
 * Checks before the run that the summary can be written, without changing an existing file.
 *
 * @throws OutputError when it cannot be written
 */
export async function checkSummaryFile(path: string): Promise<void> {
  await named(path, async () => {
    if (typeof (await summaryTarget(path)) === 'number') return;
    const isFolder = (await found(stat(path)))?.isDirectory() ?? /^$|\/$/.test(path);
    if (isFolder) throw new OutputError(`--summary: ${path} is a directory; name a file`);
    if (isReplaced(await found(lstat(path)))) await tryToMake(path);
    // Not opened, as opening a pipe waits for its reader.
    else await access(path, constants.W_OK);
  });
}

/** The figures as a file has them. */
export function summaryText(summary: Summary): string {
  return `${JSON.stringify(summary, null, 2)}\n`;
}

/**
 * @param tell tells of it on standard error, which `-` is
 * @throws OutputError when it cannot be written
 */
export async function writeSummaryFile(
  path: string,
  summary: Summary,
  tell: (summary: Summary) => void,
): Promise<void> {
  const text = summaryText(summary);
  await named(path, async () => {
    const target = await summaryTarget(path);
    if (target === standardError) return tell(summary);
    if (typeof target === 'number') return writeDescriptor(target, text);
    const there = await found(lstat(path));
    // The new file gets the permissions of the one that it replaces.
    if (isReplaced(there)) await writeWhole(path, text, there === null ? 0o666 : there.mode & 0o777);
    else await writeFile(path, text);
  });
}

/** A file, or an open descriptor of this process. Standard output may hold the rows, so `-` is standard error. */
async function summaryTarget(path: string): Promise<string | number> {
  return path === '-' ? standardError : behindLinks(path);
}

/** Whether a new file replaces the old one. Links, pipes and devices are written through instead. */
function isReplaced(there: Stats | null): boolean {
  return there === null || there.isFile();
}

async function found(looking: Promise<Stats>): Promise<Stats | null> {
  try {
    return await looking;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

async function named(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof OutputError) throw error;
    throw new OutputError(`--summary: ${path} cannot be written: ${systemReason(error)}`);
  }
}
