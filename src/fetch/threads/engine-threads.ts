import { availableParallelism } from 'node:os';

import { socketBudget, socketShares } from '../connect/open-files.ts';

/** Files that a thread opens for itself: its event loop, and sockets for names. */
const filesOfThread = 48;

/**
 * Idle connections that an engine may keep: `leastIdle`, or `idlePerSlot` for each request that may run, if that
 * is more. A list of a few hundred hosts comes back to each when all others had their turn: with fewer
 * connections every one would be closed just before it is needed again.
 */
const leastIdle = 400;
const idlePerSlot = 4;

export interface EngineThreads {
  readonly most: number;
  readonly isAuto: boolean;
  /** How many requests may run at once. */
  readonly slots: number;
  /** How many idle connections an engine may keep. */
  readonly idleConnections: number;
}

/**
 * How many threads may fetch under a limit of open files. Threads that nobody has asked for take nothing from requests.
 *
 * @param limit of open files; null: none
 */
export function engineThreads(
  threads: number | 'auto',
  concurrency: number,
  limit: number | null,
  cores = availableParallelism(),
): EngineThreads {
  const isAuto = threads === 'auto';
  const left = (count: number): number | null => (limit === null ? null : limit - count * filesOfThread);
  const slotsWith = (count: number): number => socketShares(concurrency, left(count)).slots;
  const slotsAlone = slotsWith(0);
  let most = isAuto ? cores : threads;
  if (most === 1) most = 0;
  most = Math.min(most, concurrency);
  if (isAuto) while (most > 0 && slotsWith(most) < slotsAlone) most--;
  const slots = slotsWith(most);
  const engines = isAuto ? most + 1 : Math.max(1, most);
  const spare = (socketBudget(left(most)) - slots) / engines;
  const idleConnections = Math.max(
    1,
    Math.min(Math.max(leastIdle, idlePerSlot * concurrency), Math.floor(spare)),
  );
  return { most, isAuto, slots, idleConnections };
}
