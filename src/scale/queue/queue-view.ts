import type { RunError } from '../../shared/errors.ts';
import type { QueueAddress } from './address.ts';
import { laneOfId, queueName } from './lane-queue.ts';
import type { Peers } from './peers.ts';
import { QueueLostError, RedisLink } from './redis-link.ts';
import { unlessOver } from './unless-over.ts';

/** Who works on what, as the queue knows it. */
export interface QueueFigures {
  /** Names of the workers that are connected. */
  readonly workers: readonly string[];
  /** Lanes that a worker holds. */
  readonly activeLanes: readonly number[];
  /** How many lanes wait for a worker. */
  readonly waitingLanes: number;
}

/** Milliseconds for which the queue may be away: somebody waits for the status. */
const patience = 10_000;

/** Looks at the queue of a job, and changes nothing in it. */
export class QueueView {
  readonly #queue: InstanceType<Peers['bullmq']['Queue']>;
  readonly #link: RedisLink;
  #lost: RunError | null = null;

  /**
   * @param id of the job
   * @param wait milliseconds for which the queue may be away
   */
  constructor(peers: Peers, address: QueueAddress, id: string, wait = patience) {
    this.#link = new RedisLink(peers, address, {
      wait,
      notice: ignore,
      onReady: ignore,
      onLost: (error) => void (this.#lost = error),
    });
    this.#queue = new peers.bullmq.Queue(queueName(id), {
      connection: this.#link.redis,
      skipVersionCheck: true,
      skipMetasUpdate: true,
    });
    this.#queue.on('error', this.#link.take);
  }

  /** @throws QueueLostError when the queue cannot be reached; UsageError when it refuses the login */
  async read(): Promise<QueueFigures> {
    try {
      const answer = await unlessOver(this.#link.closed, this.#ask(), ignore);
      if (answer === null) throw this.#lost ?? new QueueLostError('the queue is not asked any more');
      const [[active, waiting], workers] = answer;
      return {
        workers: workers.map(({ rawname = '' }) => ownName(rawname)).toSorted(),
        activeLanes: active.map(laneOfId).toSorted((a, b) => a - b),
        waitingLanes: waiting,
      };
    } catch (error) {
      // Commands fail when the connection is given up.
      throw this.#lost ?? this.#link.refusal(error) ?? error;
    }
  }

  async #ask() {
    const keys = ['active', 'wait', 'paused', 'prioritized', 'delayed'].map((type) =>
      this.#queue.toKey(type),
    );
    const lanes = this.#link.redis.eval(lanesScript, keys.length, ...keys) as Promise<[string[], number]>;
    return Promise.all([lanes, this.#queue.getWorkers()]);
  }

  close(): void {
    void this.#queue.close().catch(ignore);
    this.#link.close();
  }
}

/**
 * Reads all lists at one moment: a lane that is taken between two commands would be counted in none of the answers,
 * or in both. BullMQ has no call for that.
 *
 * @returns the ids of jobs that are active, and how many others there are
 */
const lanesScript = `
local waiting = redis.call('LLEN', KEYS[2]) + redis.call('LLEN', KEYS[3])
return { redis.call('LRANGE', KEYS[1], 0, -1), waiting + redis.call('ZCARD', KEYS[4]) + redis.call('ZCARD', KEYS[5]) }
`;

/** BullMQ calls a connection `bull:QUEUE:w:NAME`, the queue in Base64. */
function ownName(connection: string): string {
  return connection.replace(/^[^:]*:[^:]*:w:/s, '');
}

function ignore(): void {}
