import { createCipheriv } from 'node:crypto';
import { readdir, readlink } from 'node:fs/promises';
import { join, sep } from 'node:path';

import type { ExecutionContext } from 'ava';

import { SpillFile } from '../../../src/fetch/schedule/spill-file.ts';
import type { Chain, SpillFileOptions } from '../../../src/fetch/schedule/spill-file.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

/** More than is ever kept in memory before anything is written. */
export const muchToWrite = 1024 * 1024;

/** A file in a folder of its own; `written()` waits until all is on disk that will be. */
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

/** Bytes to cut blocks from, the same ones in every run. */
export function noise(length: number, seed = 1): Buffer {
  const start = Buffer.alloc(16);
  start.writeUInt32BE(seed);
  // A cipher makes it in a sixth of the time that numbers one by one take.
  return createCipheriv('aes-128-ctr', Buffer.alloc(16), start).update(Buffer.alloc(length));
}

/** The descriptors that a process has of files in the folder, those without a name too, as paths under /proc. */
export async function descriptorsIn(folder: string, pid: number | 'self' = 'self'): Promise<string[]> {
  const descriptors = `/proc/${pid}/fd`;
  const found: string[] = [];
  for (const name of await readdir(descriptors)) {
    // The one that the list was read by has gone.
    const target = await readlink(join(descriptors, name)).catch(() => '');
    if (target.startsWith(folder + sep)) found.push(join(descriptors, name));
  }
  return found;
}

function ignore(): void {}
