import { UsageError } from '../shared/errors.ts';
import { contentHash } from '../job/named-files.ts';
import { flagName, optionNames } from '../options/table.ts';
import type { JobFolder } from './job-folder.ts';

/**
 * Checks that the files which shape rows (`--module`, `--data-file`) are the same on this machine as when the job was
 * submitted, so that all workers give the same rows.
 *
 * @throws UsageError naming the file, and what to do
 */
export async function checkContents({ file, options }: JobFolder): Promise<void> {
  for (const [flag, submitted] of Object.entries(file.identity.contents ?? {})) {
    const name = optionNames.find((option) => flagName(option) === flag);
    const named = name === undefined ? undefined : options[name];
    // A pipe or the like could be read only once, so it has no hash.
    if (typeof named !== 'string' || submitted === null) continue;
    const here = await contentHash(named);
    if (here === submitted) continue;
    const what =
      here === null
        ? 'is no file that can be read on this machine'
        : `is not what was submitted: its SHA-256 is ${short(here)} on this machine, and was ${short(submitted)}`;
    throw new UsageError(
      `--${flag}: ${named} ${what}; put the submitted file there, with what it imports by relative paths, or submit the list to another folder`,
    );
  }
}

function short(hash: string): string {
  return `${hash.slice(0, 12)}…`;
}
