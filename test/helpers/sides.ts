import type { ExecutionContext } from 'ava';

import { LaneQueue } from '../../src/scale/queue/lane-queue.ts';
import { loadPeers } from '../../src/scale/queue/peers.ts';
import { RedisLink } from '../../src/scale/queue/redis-link.ts';
import { RedisServer } from './redis.ts';

/** The lanes of a job named `job`. */
export const lanes = [
  { lane: 3, rows: 10 },
  { lane: 7, rows: 1000 },
  { lane: 9, rows: 100 },
];
/** Long enough that no lock expires within a test. */
const lockTime = 24 * 3_600_000;

/** A queue of lanes in a Redis of its own, as several workers see it. */
export class Sides {
  readonly redis: RedisServer;
  readonly #t: ExecutionContext;

  static async start(t: ExecutionContext): Promise<Sides> {
    const redis = await RedisServer.start();
    t.teardown(() => redis.remove());
    return new Sides(t, redis);
  }

  private constructor(t: ExecutionContext, redis: RedisServer) {
    this.#t = t;
    this.redis = redis;
  }

  /** Opens the queue as one worker does. `back` waits until the link is ready again after a reconnection. */
  async open(hasBegun: boolean): Promise<{ queue: LaneQueue; back: () => Promise<void> }> {
    const peers = await loadPeers();
    let ready = 0;
    let onReady: () => void = ignore;
    const address = { url: this.redis.url, shown: 'redis' };
    const link = new RedisLink(peers, address, {
      wait: lockTime,
      notice: () => {},
      onReady: () => {
        ready++;
        onReady();
      },
      onLost: (error) => this.#t.fail(error.message),
    });
    const queue = new LaneQueue(peers, link, {
      id: 'job',
      lockTime,
      hasBegun: async () => hasBegun,
      notice: () => {},
    });
    this.#t.teardown(() => queue.close());
    await queue.open();
    await queue.addMissing(lanes);
    const back = async (): Promise<void> =>
      new Promise((resolve) => {
        onReady = resolve;
        if (ready > 1) resolve();
      });
    return { queue, back };
  }
}

function ignore(): void {}
