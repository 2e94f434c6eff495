import { createCipheriv } from 'node:crypto';
import { readdir, readlink } from 'node:fs/promises';
import { join, sep } from 'node:path';

import type { ExecutionContext } from 'ava';

import { SpillFile } from '../../../src/fetch/schedule/spill-file.ts';
import type { Chain, SpillFileOptions } from '../../../src/fetch/schedule/spill-file.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

/** More than is ever buffered before writing begins. */
export const muchToWrite = 1024 * 1024;

/**
 * A spill file in a folder of its own; `written()` waits until everything that will be written is on disk.
 */
export interface Spilling {
  readonly spill: SpillFile;
  readonly folder: string;
  readonly reasons: readonly string[];
  readonly written: () => Promise<void>;
}

export async function spillFile(t: ExecutionContext, options: SpillFileOptions = {}): Promise<Spilling> {
  const folder = await temporaryFolder(t);
  const spilling = spillIn({ directories: [folder], ...options });
  t.teardown(() => spilling.spill.close());
  return { ...spilling, folder };
}

export function spillIn(options: SpillFileOptions): Omit<Spilling, 'folder'> {
  const reasons: string[] = [];
  let wake = ignore;
  const spill = new SpillFile({
    ...options,
    onFull: (reason) => {
      reasons.push(reason);
      wake();
    },
    onWritten: () => wake(),
  });
  const written = async (): Promise<void> => {
    while (spill.pending >= 256 * 1024 && !spill.full) {
      await new Promise<void>((resolve) => (wake = resolve));
    }
  };
  return { spill, reasons, written };
}

/** Takes all blocks off the chain. */
export async function all(spill: SpillFile, chain: Chain): Promise<Buffer[]> {
  const blocks: Buffer[] = [];
  while (chain.blocks > 0) blocks.push(await spill.shift(chain));
  return blocks;
}

/** Random-looking bytes for blocks, the same in every run. */
export function noise(length: number, seed = 1): Buffer {
  const start = Buffer.alloc(16);
  start.writeUInt32BE(seed);
  // A cipher makes them in a sixth of the time that a generator of single numbers takes.
  return createCipheriv('aes-128-ctr', Buffer.alloc(16), start).update(Buffer.alloc(length));
}

/**
 * The file descriptors that a process has open in the folder, including deleted files, as paths below /proc.
 */
export async function descriptorsIn(folder: string, pid: number | 'self' = 'self'): Promise<string[]> {
  const descriptors = `/proc/${pid}/fd`;
  const found: string[] = [];
  for (const name of await readdir(descriptors)) {
    // The descriptor used to read the list is closed by now.
    const target = await readlink(join(descriptors, name)).catch(() => '');
    if (target.startsWith(folder + sep)) found.push(join(descriptors, name));
  }
  return found;
}

function ignore(): void {}
