import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

import type { Job, Queue, Worker } from 'bullmq';

import { elapsed, moment } from '../../shared/lease.ts';
import type { Moment } from '../../shared/lease.ts';
import { LanePauses } from './lane-pauses.ts';
import type { LanePause } from './lane-pauses.ts';
import type { Peers } from './peers.ts';
import type { RedisLink } from './redis-link.ts';

/** A lane that this worker holds. */
export interface TakenLane {
  readonly lane: number;
  /** Right before it was asked for: its lock holds for one lock time from there on. */
  readonly since: Moment;
  readonly job: Job;
  /** No other taking has it, so that a command about an earlier taking does no harm if it comes late. */
  readonly token: string;
}

/** A lane that is not done. */
export interface WaitingLane {
  readonly lane: number;
  /** Rows that have no result yet. */
  readonly rows: number;
}

export interface LaneQueueOptions {
  /** The id of the job. */
  readonly id: string;
  /** Milliseconds for which a lock holds unless it is renewed. */
  readonly lockTime: number;
  /** Whether somebody may have held lanes of this job before: asked once, when Redis is there. */
  readonly hasBegun: () => Promise<boolean>;
  readonly notice: (text: string) => void;
}

/** The name of a job's queue. */
export function queueName(id: string): string {
  return `urlmill-${id}`;
}

/** Comes before the number of a lane in the id of its job. */
const idPrefix = 'lane-';

/** The lane of a job of BullMQ, by the job's id. */
export function laneOfId(id: string): number {
  return Number(id.slice(idPrefix.length));
}

/**
 * Decides which worker has which lane: there is a BullMQ job per lane, `lane-N`. Only the folder says what is done,
 * so whatever becomes of Redis, the worst is that nobody may take a lane for one lock time (`guardScript`).
 *
 * All calls wait while Redis is away, and may be answered late. Late answers do no harm, as all times count from
 * before a call.
 */
export class LaneQueue {
  readonly #queue: Queue;
  readonly #worker: Worker;
  readonly #link: RedisLink;
  readonly #options: LaneQueueOptions;
  readonly #pauses: LanePauses;
  /** When this worker found itself to be the first ever on the job; null for others, and once Redis was told. */
  #first: Moment | null = null;
  #isQuiet = false;

  constructor({ bullmq }: Peers, link: RedisLink, options: LaneQueueOptions) {
    const { id, lockTime } = options;
    this.#link = link;
    this.#options = options;
    const shared = { connection: link.redis, skipVersionCheck: true };
    this.#queue = new bullmq.Queue(queueName(id), {
      ...shared,
      // Nobody reads the events, which BullMQ keeps in a stream.
      streams: { events: { maxLen: 100 } },
    });
    this.#worker = new bullmq.Worker(queueName(id), null, {
      ...shared,
      autorun: false,
      name: workerName(),
      lockDuration: lockTime,
      // BullMQ needs two checks to find a lane whose lock has run out.
      stalledInterval: Math.ceil(lockTime / 4),
      maxStalledCount: Number.MAX_SAFE_INTEGER,
    });
    this.#pauses = new LanePauses(link.redis, (lane) => this.#queue.toKey(`pauses-${lane}`));
    this.#queue.on('error', link.take);
    this.#worker.on('error', link.take);
  }

  /** Waits for Redis, and begins to look for lanes whose workers are gone. */
  async open(): Promise<void> {
    await this.#link.redis.ping();
    if (!(await this.#options.hasBegun())) this.#first = moment();
    await this.#quiet();
    await this.#worker.startStalledCheckTimer();
  }

  /** Adds the lanes that are not in the queue. Several workers may do so, at any time. */
  async addMissing(lanes: readonly WaitingLane[]): Promise<void> {
    if (await this.#hasAll(lanes)) return;
    await this.#add(lanes);
    if (await this.#hasAll(lanes)) return;
    // A Redis that evicts keys may have lost a list and kept its lanes, which are then not added as they are there already.
    for (const { lane } of lanes) {
      const id = `${idPrefix}${lane}`;
      if ((await this.#queue.getJobState(id)) === 'unknown') await this.#queue.remove(id);
    }
    await this.#add(lanes);
  }

  async #hasAll({ length }: readonly WaitingLane[]): Promise<boolean> {
    const {
      waiting = 0,
      prioritized = 0,
      active = 0,
      delayed = 0,
    } = await this.#queue.getJobCounts('waiting', 'prioritized', 'active', 'delayed');
    return waiting + prioritized + active + delayed >= length;
  }

  async #add(lanes: readonly WaitingLane[]): Promise<void> {
    const largestFirst = lanes.toSorted((a, b) => b.rows - a.rows);
    await this.#queue.addBulk(
      largestFirst.map(({ lane, rows }, index) => ({
        name: 'lane',
        data: { lane, rows },
        opts: {
          jobId: `${idPrefix}${lane}`,
          priority: Math.min(index + 1, largestPriority),
          attempts: Number.MAX_SAFE_INTEGER,
          // The folder knows which lanes are done, and a lane whose results were removed must be added again.
          removeOnComplete: true,
        },
      })),
    );
  }

  /** Takes the largest lane that nobody holds; null when there is none, or none may be taken now. */
  async take(): Promise<TakenLane | null> {
    if (!this.#link.isReady || (await this.#quiet()) > 0) return null;
    const since = moment();
    const token = randomUUID();
    const job = (await this.#worker.getNextJob(token, { block: false })) as Job<{ lane: number }> | undefined;
    if (job === undefined) return null;
    const taken = { lane: job.data.lane, since, job, token };
    // Redis may have been emptied and filled again between the first check and the taking.
    if ((await this.#quiet()) === 0) return taken;
    await this.giveBack(taken);
    return null;
  }

  /** Renews locks. @returns since when they hold, and the lanes that are lost */
  async renew(lanes: readonly TakenLane[]): Promise<{ since: Moment; lost: TakenLane[] }> {
    const since = moment();
    const ids = lanes.map(({ job }) => job.id ?? '');
    const failed = await this.#worker.extendJobLocks(
      ids,
      lanes.map(({ token }) => token),
      this.#options.lockTime,
    );
    return { since, lost: lanes.filter(({ job }) => failed.includes(job.id ?? '')) };
  }

  /** Tells that all rows of a lane have results. If the lane is lost meanwhile, its next holder finds it done. */
  async finish({ job, token }: TakenLane): Promise<void> {
    await this.#said(() => job.moveToCompleted(null, token, false));
  }

  /** Lets others take a lane. A lane that is lost is theirs already. */
  async giveBack({ job, token }: TakenLane): Promise<void> {
    await this.#said(() => job.moveToWait(token));
  }

  /** Tells whoever has the lane next which of its hosts are to be left alone. */
  async tellPauses(lane: number, pauses: readonly LanePause[]): Promise<void> {
    await this.#said(() => this.#pauses.tell(lane, pauses));
  }

  /** The pauses that earlier holders of the lane have told. */
  async pausesOf(lane: number): Promise<LanePause[]> {
    return this.#pauses.of(lane);
  }

  close(): void {
    // Not awaited, as BullMQ waits here for connections that may never be made.
    void this.#worker.close(true).catch(ignore);
    void this.#queue.close().catch(ignore);
    this.#link.close();
  }

  /** Runs `guardScript`. @returns milliseconds for which no lane may be taken; 0: lanes may be taken */
  async #quiet(): Promise<number> {
    const { lockTime } = this.#options;
    // This early nobody else can hold a lane: all others have been told to wait for one lock time.
    const isFirst = this.#first !== null && elapsed(this.#first) < lockTime / 2;
    this.#first = null;
    const keys = [this.#queue.toKey('server'), this.#queue.toKey('quiet')];
    const left = await this.#link.redis.eval(guardScript, 2, ...keys, lockTime, isFirst ? 1 : 0);
    const quiet = Math.max(0, Number(left));
    if (quiet > 0 && !this.#isQuiet) {
      const seconds = Math.ceil(quiet / 1000);
      this.#options.notice(
        `Redis does not know who has had lanes before, as when it was emptied or started anew: none is taken for up to ${seconds} s, until all earlier locks have run out`,
      );
    }
    this.#isQuiet = quiet > 0;
    return quiet;
  }

  /** Sends a command that may as well be lost when Redis is away: the lock runs out by itself. */
  async #said(say: () => Promise<unknown>): Promise<void> {
    if (!this.#link.isReady) return;
    const patience = new AbortController();
    const { signal } = patience;
    // The connection may break before the answer, and a worker that ends must not wait for another one.
    await Promise.race([say(), delay(longestAnswer, null, { signal })]).catch(ignore);
    patience.abort();
  }
}

/** Milliseconds to wait for the answer to a command that may be lost. */
const longestAnswer = 2000;

/** The largest number that BullMQ takes as a priority. */
const largestPriority = 2_097_151;

/**
 * Keeps all workers from taking lanes for one lock time when Redis may have forgotten who holds them: it was emptied,
 * or it is another process than before (restarted, failed over), which may lack the last second of changes. By then,
 * any lock that was ever given has run out. Redis measures the time, so that no clocks of two machines are compared.
 * When several workers begin a new job at the same time, others may run this before the one that is the first; it
 * then ends the waiting.
 *
 * KEYS: one with the id of the Redis process that was seen last, one that exists while no lane may be taken. ARGV:
 * the lock time in milliseconds; 1 if nobody can have had a lane.
 */
const guardScript = `
local now = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') or '?'
local known = redis.call('GET', KEYS[1])
if known ~= now then redis.call('SET', KEYS[1], now) end
if ARGV[2] == '1' then redis.call('DEL', KEYS[2])
elseif known ~= now then redis.call('SET', KEYS[2], '1', 'PX', ARGV[1]) end
return redis.call('PTTL', KEYS[2])
`;

/** This worker, as shown to people: `HOST:PID`. */
export function workerName(): string {
  return `${hostname()}:${process.pid}`;
}

function ignore(): void {}
