import { readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';

import type { LargeFolder } from '../page/large-body.ts';

/** Removes leftover files of large bodies: those in flight when a thread was ended, or a run was killed. */
export async function removeLeft({ directory, mark }: LargeFolder): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  const left = names.filter((name) => name.startsWith(mark));
  await Promise.allSettled(left.map(async (name) => unlink(join(directory, name))));
}
