import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ExecutionContext } from 'ava';

import { openOutput } from '../../src/write/open-output.ts';
import type { OpenedOutput } from '../../src/write/open-output.ts';
import { someJob, writeJournal } from '../helpers/journals.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

export const otherJob = { ...someJob, options: { ...someJob.options, method: 'x' } };

/** Two commits with three rows. */
export const commits = [
  [10, [1, 2]],
  [20, [5]],
] as const;

export interface Opened extends OpenedOutput {
  readonly path: string;
  readonly notices: readonly string[];
  /** Names of the files in the folder afterwards. */
  readonly names: readonly string[];
}

export interface Left {
  readonly part?: string;
  readonly journal?: Parameters<typeof writeJournal>[1];
  readonly whole?: number;
  /** Whether the inode in the journal is of another file than the output. */
  readonly isOther?: boolean;
  readonly text?: string;
  readonly file?: string;
  readonly others?: Readonly<Record<string, string>>;
  readonly job?: typeof someJob;
}

/** Opens an output in a folder with these files of an earlier run. */
export async function opened(
  t: ExecutionContext,
  { part, journal, whole, isOther = false, text, file, others = {}, job = someJob }: Left,
  { name = 'out.csv', resume = true } = {},
): Promise<Opened> {
  const folder = await temporaryFolder(t, others);
  const path = join(folder, name);
  if (part !== undefined) await writeFile(`${path}.part`, part);
  if (text !== undefined) await writeFile(`${path}.journal`, text);
  if (file !== undefined) await writeFile(path, file);
  const there = (await stat(`${path}.part`).catch(() => null)) ?? (await stat(path).catch(() => null));
  const inode = isOther ? 0 : (there?.ino ?? 0);
  const end = whole === undefined ? null : { size: whole, inode };
  if (journal !== undefined) await writeJournal(`${path}.journal`, journal, { job, whole: end });
  const notices: string[] = [];
  const notice = (said: string): void => void notices.push(said.replaceAll(`${folder}/`, ''));
  const result = await openOutput(path, { job: someJob, resume, notice });
  const names = (await readdir(folder)).toSorted();
  t.teardown(async () => result.output?.abandon());
  return { ...result, path, notices, names };
}
