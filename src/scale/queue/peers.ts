import { createRequire } from 'node:module';

import type { Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';

import { UsageError, errorCode } from '../../shared/errors.ts';

/** Packages that only users of `urlmill work` install: BullMQ, and ioredis, by which it talks to Redis. */
export interface Peers {
  readonly bullmq: { readonly Queue: typeof Queue; readonly Worker: typeof Worker };
  readonly ioredis: { readonly Redis: typeof Redis };
}

/** @throws UsageError that says how they are installed */
export async function loadPeers(load: () => Promise<Peers> | Peers = required): Promise<Peers> {
  try {
    return await load();
  } catch (error) {
    if (!errorCode(error).endsWith('MODULE_NOT_FOUND')) throw error;
    throw new UsageError(
      'many machines need the packages bullmq and ioredis, which are not installed with urlmill: npm install bullmq ioredis, with -g if urlmill was installed so',
    );
  }
}

/** Both are CommonJS: `import()` would read all their 250 files once more for the names that they export, in twice the time. */
function required(): Peers {
  const require = createRequire(import.meta.url);
  return { bullmq: require('bullmq') as Peers['bullmq'], ioredis: require('ioredis') as Peers['ioredis'] };
}
