import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';

import { Lease } from '../../shared/lease.ts';
import type { Result } from '../../shared/records.ts';
import type { Load } from '../../watch/metrics.ts';
import type { FetchUrls } from '../../fetch/fetch-urls.ts';
import type { Saving } from '../../keep/keeping.ts';
import type { TakenLane } from '../queue/lane-queue.ts';
import { workerName } from '../queue/lane-queue.ts';
import { Change } from './change.ts';
import { HeldLane, leftOf } from './held-lane.ts';
import type { LeftPiece } from './held-lane.ts';
import { OpenPiece, TakenOverError } from './open-piece.ts';
import type { StintEnd, StintOptions } from './stint-options.ts';
import { Tenure, lateRenewal } from './tenure.ts';
import { unfinishedLanes } from './unfinished-lanes.ts';
import { unlessOver } from '../queue/unless-over.ts';

/** Milliseconds after which results are written at the latest. */
const saveInterval = 1000;

/** Milliseconds for which slots may be free before another lane is taken. */
const idleTime = 100;

/**
 * Fetches rows of all lanes that it can get, by one fetcher, until there are none left or a lane is lost. Whenever the fetcher
 * has room, it is given the next piece of a lane that runs low, or another lane is taken.
 *
 * When a lane is lost, all are given back and everything in flight ends: a lock is lost when this process was stopped or Redis
 * was away or has forgotten it, and then the others are mostly lost too. So the fetcher need not know which row is of
 * which lane.
 */
export class Stint {
  readonly #options: StintOptions;
  readonly #lease = new Lease();
  readonly #tenure: Tenure;
  readonly #lanes = new Set<HeldLane>();
  /** The lanes and pieces of rows that have no result yet, by the numbers of the rows. */
  readonly #rows = new Map<number, { readonly lane: HeldLane; readonly piece: OpenPiece }>();
  readonly #commits = new Set<Promise<void>>();
  /** Tells that a lane runs low or is done, or that Redis is back. */
  readonly #change = new Change();
  /** Aborted when the fetcher is to get no more rows. */
  readonly #over = new AbortController();
  #fetcher: FetchUrls | null = null;
  #saving: Saving | null = null;
  #end: StintEnd = 'done';
  /** Whether all that was under way has been ended. */
  #isCut = false;
  /** The first error, which `run()` throws. */
  #failure: unknown = null;

  constructor(options: StintOptions) {
    this.#options = options;
    const { queue, lockTime } = options;
    this.#tenure = new Tenure({
      lease: this.#lease,
      lockTime,
      queue,
      onLost: (reason) => this.#lose(reason),
    });
  }

  /** @returns why it has ended, when all lanes are given back @throws OutputError, InputError, UsageError */
  async run(): Promise<StintEnd> {
    const { fetcher, saving, close } = await this.#options.stages(this.#lease.memory);
    this.#fetcher = fetcher;
    this.#saving = saving;
    const timer = setInterval(() => void this.#save(saveInterval), saveInterval);
    try {
      await saving?.open(null);
      if (this.#over.signal.aborted) return this.#end;
      fetcher.on('stop', () => this.#stop('network-wait', 0));
      const feeding = this.#feed(fetcher).catch((error: unknown) => this.#cannotWrite(error));
      await pipeline(fetcher, async (results: AsyncIterable<Result>) => {
        for await (const result of results) {
          const writing = this.#take(result);
          if (writing !== null) await writing;
        }
      }).catch((error: unknown) => {
        if (!this.#isCut) this.#failure ??= error;
      });
      this.#over.abort();
      await feeding;
      await Promise.all(this.#commits);
      if (this.#failure !== null) throw this.#failure;
      return this.#end;
    } finally {
      this.#over.abort();
      clearInterval(timer);
      close();
      await this.#save(0);
      await this.#leave();
      await saving?.close().catch(ignore);
    }
  }

  /** Ends it early: requests in flight get this many milliseconds. */
  stop(grace: number): void {
    this.#stop('stopped', grace);
  }

  load(): Load | null {
    return this.#fetcher?.load() ?? null;
  }

  /** To be called when Redis is there again. */
  renew(): void {
    this.#tenure.renew();
    this.#change.come();
  }

  #stop(reason: StintEnd, grace: number): void {
    if (this.#over.signal.aborted) return;
    this.#end = reason;
    this.#over.abort();
    this.#fetcher?.stop(grace);
    this.#fetcher?.end();
  }

  /** Ends at once all that is under way. @param notice why, for people; may be empty */
  cut(notice: string): void {
    if (this.#isCut) return;
    this.#isCut = true;
    this.#lease.end();
    // Otherwise the stint is about to end anyway, for another reason.
    if (this.#end === 'done') {
      this.#end = 'lost';
      if (notice !== '') this.#options.notice(notice);
    }
    this.#over.abort();
    this.#fetcher?.destroy();
  }

  #fail(error: unknown): void {
    this.#isCut = true;
    this.#failure ??= error;
    this.#over.abort();
    this.#fetcher?.destroy();
  }

  /** Gives rows to the fetcher as long as there are some. */
  async #feed(fetcher: FetchUrls): Promise<void> {
    const { signal } = this.#over;
    const longest = Math.min(2000, this.#options.lockTime / 8);
    while (!signal.aborted) {
      const lookedAt = performance.now();
      const next = await this.#next();
      if (signal.aborted) return;
      if (next !== null) await this.#read(fetcher, next.lane, next.left);
      else if (this.#lanes.size === 0 && (await this.#isJobDone())) break;
      else if (!this.#wantsLane) await this.#change.wait(idleTime, signal);
      // Looks again soon, as nobody tells when others leave or end the job; less often if the folder is slow or large.
      else await this.#change.wait(Math.min(longest, 250 + 20 * (performance.now() - lookedAt)), signal);
    }
    if (!signal.aborted) fetcher.end();
  }

  /** The piece to be read next; null when there is none for now. */
  async #next(): Promise<{ lane: HeldLane; left: LeftPiece } | null> {
    const { low } = this.#options;
    const [lowest] = [...this.#lanes]
      .filter(({ hasMore, pending }) => hasMore && pending <= low)
      .toSorted((a, b) => a.pending - b.pending);
    const lane = lowest ?? (this.#wantsLane ? await this.#takeLane() : null);
    const left = lane?.next() ?? null;
    return lane === null || left === null ? null : { lane, left };
  }

  /** Whether another lane is of use. If not, it is better left to other workers, which may have nothing to do. */
  get #wantsLane(): boolean {
    const { low, maxLanes } = this.#options;
    if (this.#lanes.size >= maxLanes) return false;
    return this.#rows.size < 2 * low || (this.load()?.inFlight ?? 0) < low;
  }

  async #takeLane(): Promise<HeldLane | null> {
    const { queue, folder } = this.#options;
    for (;;) {
      const taken = await unlessOver(this.#over.signal, queue.take(), (late) => late && queue.giveBack(late));
      if (taken === null) return null;
      // What an earlier holder has committed, and what it has left, is known only now that the lane is ours.
      const lane = new HeldLane(taken, await leftOf(folder, taken.lane));
      if (this.#over.signal.aborted) await queue.giveBack(taken);
      else if (lane.isDone) await this.#finish(taken);
      else if (this.#tenure.add(lane)) {
        this.#lanes.add(lane);
        const pauses = await unlessOver(this.#over.signal, queue.pausesOf(taken.lane), ignore);
        for (const pause of pauses ?? []) this.#fetcher?.pauses.obey(pause);
        return lane;
      } else await queue.giveBack(taken);
      if (this.#over.signal.aborted) return null;
    }
  }

  async #read(fetcher: FetchUrls, lane: HeldLane, { piece, attempts }: LeftPiece): Promise<void> {
    const { signal } = this.#over;
    const sync = async (): Promise<void> => this.#saving?.sync();
    const open = await OpenPiece.open(this.#options.folder, piece, randomUUID(), sync);
    lane.open.add(open);
    const has = await open.takeOver(attempts);
    for await (const rows of this.#options.folder.rows(piece)) {
      for (const row of rows) {
        if (signal.aborted) return;
        if (has.has(row.number)) {
          open.pass();
          if (open.left === 0) this.#commit(lane, open);
          continue;
        }
        this.#rows.set(row.number, { lane, piece: open });
        lane.pending++;
        if (!fetcher.write(row)) await once(fetcher, 'drain', { signal }).catch(ignore);
      }
    }
  }

  /** @returns a promise to wait for before more results are taken; null: nothing to wait for */
  #take(result: Result): Promise<void> | null {
    const { low, statistics } = this.#options;
    const at = this.#rows.get(result.row.number);
    if (at === undefined) throw new TypeError(`row ${result.row.number} has a second result`);
    this.#rows.delete(result.row.number);
    at.lane.pending--;
    // So its piece is never complete, and not committed.
    if (result.error === 'cancelled') return null;
    statistics.add(result);
    const writing = at.piece.add(result);
    if (at.piece.left === 0) this.#commit(at.lane, at.piece);
    else if (at.lane.pending === low || this.#rows.size === 2 * low) this.#change.come();
    return writing?.catch((error: unknown) => this.#cannotWrite(error)) ?? null;
  }

  #commit(lane: HeldLane, piece: OpenPiece): void {
    const committing = async (): Promise<void> => {
      if (!(await piece.commit(workerName(), () => !this.#lease.isOver))) return this.#lose(lateRenewal);
      lane.open.delete(piece);
      if (lane.isDone) {
        this.#lanes.delete(lane);
        this.#tenure.remove(lane);
        await this.#finish(lane.taken);
      }
      return this.#change.come();
    };
    const commit = committing()
      .catch((error: unknown) => this.#cannotWrite(error))
      .finally(() => this.#commits.delete(commit));
    this.#commits.add(commit);
  }

  /** Gives up a lane whose pieces are all done. */
  async #finish(taken: TakenLane): Promise<void> {
    await this.#options.folder.sweep(taken.lane);
    await this.#options.queue.finish(taken);
  }

  /** Handles an error of writing. If the lane is another worker's by now, nothing had to be written. */
  #cannotWrite(error: unknown): void {
    // Without lanes the lease is always over, and another stint would fail in the same way, again and again.
    if (this.#lanes.size > 0 && this.#lease.isOver) this.#lose(lateRenewal);
    else if (error instanceof TakenOverError) this.#lose(error.message);
    else this.#fail(error);
  }

  #lose(reason: string): void {
    this.cut(`${reason}: rows without a result are fetched again`);
  }

  /** Writes what is there, and tells of pauses, so that little is lost when this process is killed. */
  async #save(shortestPause: number): Promise<void> {
    await Promise.all([...this.#lanes].map(async (lane) => lane.flush()));
    await this.#options.pauses.tell(this.#fetcher?.pauses.list(shortestPause) ?? []);
  }

  /** Whether the folder has all results. If not, adds the lanes that are missing in the queue. */
  async #isJobDone(): Promise<boolean> {
    const { queue, folder } = this.#options;
    const lanes = await unfinishedLanes(folder);
    if (lanes.length > 0) await unlessOver(this.#over.signal, queue.addMissing(lanes), ignore);
    return lanes.length === 0;
  }

  /** Gives back all lanes, with what there is of their pieces. */
  async #leave(): Promise<void> {
    const lanes = [...this.#lanes];
    await Promise.all(this.#commits);
    await Promise.all(lanes.flatMap(({ open }) => [...open].map(async (piece) => piece.leave())));
    this.#tenure.end();
    await Promise.all(lanes.map(async ({ taken }) => this.#options.queue.giveBack(taken)));
  }
}

function ignore(): void {}
