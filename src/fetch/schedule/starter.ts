import { UsageError } from '../../shared/errors.ts';
import { IdleSlots } from './idle-slots.ts';
import type { Outage } from './outage.ts';
import { Pace } from './pace.ts';
import type { Share } from './slot-turns.ts';
import type { Task } from './task.ts';
import type { WaitingRows } from './waiting-rows.ts';

export interface StarterOptions {
  /** Requests in flight. */
  readonly concurrency: number;
  /** Milliseconds between two starts; 0: no limit. */
  readonly interval: number;
  /** Milliseconds after which the run ends when the system opens no connection at all. */
  readonly maxWait: number;
  /** This pipeline's part in limits that several pipelines share; null: its limits are its own. */
  readonly share: Share | null;
  readonly rows: WaitingRows;
  readonly outage: Outage;
  /** Starts the next request of a task now, under this id. */
  readonly start: (task: Task, id: number) => void;
  /** Called when slots have been free for 100 ms although rows wait in memory. */
  readonly onIdle: () => void;
  /** Tells the user something about the whole run. */
  readonly notice: (text: string) => void;
  /** Ends the run. */
  readonly onFail: (error: Error) => void;
}

/**
 * Most requests started in one turn of the event loop: the first ones go out before the last ones are made.
 */
const mostAtOnce = 64;

/** With several hosts, rows are read until this many wait for each slot, and at least `leastAhead` in all. */
const readAhead = 10;
const leastAhead = 1000;

/** After a want of sockets, this many answers win back one slot. */
const answersPerSlot = 100;

/** Decides when a waiting row starts: as soon as a slot is free, the rate allows it and it is the turn of its host. */
export class Starter {
  /** Requests in flight. */
  active = 0;
  readonly #options: StarterOptions;
  readonly #pace: Pace;
  #paceTimer: NodeJS.Timeout | null = null;
  readonly #idleSlots: IdleSlots;
  /** Tasks in flight by request id; ids of ended ones are used again. */
  readonly #inFlight: (Task | null)[] = [];
  readonly #freeIds: number[] = [];
  /** Tasks whose slots are free while their pages are processed, for requests of pages (`page.fetch`). */
  #lent = 0;
  /** Requests that may be in flight: fewer than `concurrency` after the system had no more sockets. */
  #slots: number;
  /** Answers since the system had no more sockets. */
  #answers = 0;
  #saidStarved = false;
  /** When the system began to give no socket at all (`performance.now()`); 0: it gives some. */
  #starvedSince = 0;
  #paused = false;
  #filling = false;
  /** Requests started in this turn of the event loop. */
  #burst = 0;

  constructor(options: StarterOptions) {
    this.#options = options;
    this.#slots = options.concurrency;
    this.#pace = new Pace(options.interval);
    this.#idleSlots = new IdleSlots(options.onIdle);
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  /** Whether slots are free but no row in memory may start now. */
  get isStuck(): boolean {
    return this.active < this.#slots && !this.#options.rows.queues.hasNext;
  }

  /** Whether slots have been free for 100 ms although rows wait in memory. */
  get isIdle(): boolean {
    return this.#idleSlots.isLong(performance.now());
  }

  /**
   * Whether another row should be read now. For a single host no more than would fill the slots once more:
   * rows read before they are needed only grow old in memory, which costs more than reading. For several
   * hosts somewhat more. If one of them has many rows, as many as there is room for: its last row ends the
   * run, so that host must never run out of rows.
   */
  get wantsMore(): boolean {
    const { concurrency, rows, outage } = this.#options;
    const { queues, resting } = rows;
    const waiting = queues.size;
    if (outage.holding) return waiting === 0 && this.active === 0 && resting === 0;
    if (waiting < concurrency || this.isStuck) return true;
    return (
      queues.hostCount > 1 && (queues.isSkewed || waiting < Math.max(leastAhead, readAhead * concurrency))
    );
  }

  /** Starts what may run: one row of each host in turn. */
  fill(): void {
    const { rows, outage, share } = this.#options;
    // `start` may reply at once, and the reply asks to fill again.
    if (this.#filling) return;
    this.#filling = true;
    share?.begin();
    while (!this.#paused && !outage.holding && this.active < this.#slots && this.#burst < mostAtOnce) {
      const now = performance.now();
      if (this.#pace.next > now) {
        this.#wakeIn(this.#pace.next - now);
        break;
      }
      if (share !== null && !share.mayStart()) break;
      // Keeps the pages in memory to at most twice the slots.
      const onlyUrgent = this.#lent >= this.#options.concurrency;
      const task = rows.take(now, this.#isScarce(now), onlyUrgent);
      if (task === null) break;
      if (this.#burst++ === 0) setImmediate(this.#endBurst);
      this.#start(task, now);
    }
    this.#filling = false;
    this.#idleSlots.note(this.isStuck && rows.held > this.active && !this.#paused && !outage.holding);
    share?.settle();
  }

  /** Starts up to `count` waiting tasks within the limits, of different hosts if it can, while an outage holds all others. */
  probe(count: number): void {
    const { rows, share } = this.#options;
    for (let i = 0; i < count && this.active < this.#slots; i++) {
      const now = performance.now();
      if (this.#pace.next > now || share?.mayStart() === false) break;
      const task = rows.take(now, true);
      if (task === null) break;
      this.#start(task, now);
    }
    share?.rest();
  }

  /** The task of a request in flight. */
  task(id: number): Task {
    const task = this.#inFlight[id];
    if (task === null || task === undefined) throw new TypeError(`a reply without its request: ${id}`);
    return task;
  }

  /** Ends a request, frees its slot and returns its task. */
  ended(id: number): Task {
    const task = this.task(id);
    this.#inFlight[id] = null;
    this.#freeIds.push(id);
    if (task.isLent) this.#lent--;
    else this.#freeSlot();
    return task;
  }

  /** Frees the slot of a task while its page is still processed. Returns false if it was free already. */
  lend(task: Task): boolean {
    if (task.isLent) return false;
    task.isLent = true;
    this.#freeSlot();
    this.#lent++;
    return true;
  }

  /** The system had no socket for a request: fewer run at a time from now on. */
  starve(): void {
    const { notice, onFail, maxWait } = this.#options;
    this.#slots = Math.max(1, this.active);
    this.#answers = 0;
    if (!this.#saidStarved) {
      this.#saidStarved = true;
      notice(
        `the system gives no more than ${this.#slots} connections at once (open files: ulimit -n); going on with these`,
      );
    }
    const now = performance.now();
    if (this.active > 0 || this.#starvedSince === 0) this.#starvedSince = now;
    if (now - this.#starvedSince > maxWait) {
      onFail(new UsageError('the system opens no connection at all (open files: ulimit -n)'));
    }
  }

  /** The system had a socket for a request. */
  hadSocket(): void {
    this.#starvedSince = 0;
  }

  /** A host has answered. */
  answered(): void {
    if (this.#slots < this.#options.concurrency && ++this.#answers % answersPerSlot === 0) this.#slots++;
  }

  /** Starts nothing until `resume`. */
  pause(): void {
    this.#paused = true;
    this.#options.share?.rest();
  }

  resume(): void {
    this.#paused = false;
    this.fill();
  }

  /** Ends all timers. */
  close(): void {
    if (this.#paceTimer !== null) clearTimeout(this.#paceTimer);
    this.#idleSlots.close();
    this.#options.share?.rest();
  }

  /** Starts nothing any more, and gives its slots to the pipelines that share them. */
  leave(): void {
    this.#paused = true;
    this.#options.share?.leave();
  }

  #freeSlot(): void {
    this.active--;
    this.#options.share?.ended();
  }

  #start(task: Task, now: number): void {
    this.#pace.started(now);
    this.active++;
    this.#options.share?.started();
    const id = this.#freeIds.pop() ?? this.#inFlight.length;
    this.#inFlight[id] = task;
    this.#options.start(task, id);
  }

  /**
   * Whether the free slots are kept for hosts that answer: half of all slots are taken, there are other
   * hosts, and slots have not been free for long.
   */
  #isScarce(now: number): boolean {
    const { rows, share } = this.#options;
    const active = share === null ? this.active : share.turns.active;
    return 2 * active >= this.#slots && rows.queues.hostCount > 1 && !this.#idleSlots.isLong(now);
  }

  readonly #endBurst = (): void => {
    const wasFull = this.#burst >= mostAtOnce;
    this.#burst = 0;
    if (wasFull) this.fill();
  };

  #wakeIn(milliseconds: number): void {
    this.#paceTimer ??= setTimeout(() => {
      this.#paceTimer = null;
      this.fill();
    }, Math.ceil(milliseconds));
  }
}
