import { writeFile as writeOpen } from 'node:fs';
import type { Stats } from 'node:fs';
import { access, constants, lstat, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';

import { behindLinks } from '../shared/output-target.ts';
import { tryToMake, writeWhole } from '../shared/whole-file.ts';
import { found, modeOf, naming, refuseFolder } from './figure-file.ts';
import type { Summary } from './summary.ts';

const flag = '--summary';
const standardError = 2;
const writeDescriptor = promisify(writeOpen);

/**
 * Checks before the run that the summary can be written, without changing an existing file.
 *
 * @throws OutputError when it cannot be written
 */
export async function checkSummaryFile(path: string): Promise<void> {
  await naming(flag, path, async () => {
    if (typeof (await summaryTarget(path)) === 'number') return;
    await refuseFolder(flag, path);
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
  await naming(flag, path, async () => {
    const target = await summaryTarget(path);
    if (target === standardError) return tell(summary);
    if (typeof target === 'number') return writeDescriptor(target, text);
    const there = await found(lstat(path));
    // The new file gets the permissions of the one that it replaces.
    if (isReplaced(there)) await writeWhole(path, text, modeOf(there));
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
