import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import type { Ended } from '../helpers/cli.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const execute = promisify(execFile);

/** A file system that is soon full. */
export interface SmallDisk {
  readonly folder: string;
  readonly run: (args: readonly string[]) => Promise<Ended>;
  readonly makeRoom: () => Promise<void>;
}

/**
 * A tmpfs of this many kilobytes. Without permission to mount, an ordinary folder in which no file may grow
 * beyond half of that, as only one file of a run grows much.
 */
export async function smallDisk(t: ExecutionContext, kilobytes: number): Promise<SmallDisk> {
  const folder = join(await temporaryFolder(t), 'disk');
  await mkdir(folder);
  if (await mounts(t, folder, `size=${kilobytes}k`)) {
    return {
      folder,
      run: (args) => urlmill(args, { cwd: folder }),
      makeRoom: async () => {
        await execute('mount', ['-o', 'remount,size=50m', folder]);
      },
    };
  }
  // In blocks of 512 bytes.
  let limit = `ulimit -f ${kilobytes}; `;
  return {
    folder,
    run: (args) => shell(`${limit}exec "$@"`, args, { cwd: folder }),
    makeRoom: async () => void (limit = ''),
  };
}

/** Mounts a tmpfs on the folder. @returns whether that is permitted here */
export async function mounts(t: ExecutionContext, folder: string, options: string): Promise<boolean> {
  try {
    await execute('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  } catch {
    return false;
  }
  t.teardown(() => execute('umount', ['-l', folder]));
  return true;
}
