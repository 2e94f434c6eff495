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
  /** Milliseconds for which the system may open no connection at all. */
  readonly maxWait: number;
  /** The part in limits that other pipelines share; null: there are none. */
  readonly share: Share | null;
  readonly rows: WaitingRows;
  readonly outage: Outage;
  /** Starts the next request of a task now, under this id. */
  readonly start: (task: Task, id: number) => void;
  /** Called when slots have been free for long though rows wait in memory. */
  readonly onIdle: () => void;
  /** Says to people what concerns the whole run. */
  readonly notice: (text: string) => void;
  /** Ends the run. */
  readonly onFail: (error: Error) => void;
}

/**
 * Requests that are started in one turn of the event loop: what the first ones bring about is not to wait until the
 * last one is under way.
 */
const mostAtOnce = 64;

/** How many times the slots could be filled by the rows that are read ahead, when they are of several hosts; and at least. */
const readAhead = 10;
const leastAhead = 1000;

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
  /** Tasks whose pages are being processed and have given their slots to what they ask for. */
  #lent = 0;
  /** Requests that may be in flight: fewer than asked for while the system has no more sockets. */
  #slots: number;
  #saidStarved = false;
  /** Since when the system gives no socket at all, on the clock of `performance.now()`; 0: it does. */
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

  /** Whether slots are free though rows wait in memory: all of them must wait for something. */
  get isStuck(): boolean {
    return this.active < this.#slots && !this.#options.rows.queues.hasNext;
  }

  /** Whether slots have been free for long. */
  get isIdle(): boolean {
    return this.#idleSlots.isLong(performance.now());
  }

  /**
   * Whether another row may be of use. Of one host alone no more than would fill the slots once more: rows that are
   * read before they are needed only grow old in memory, which costs more than reading. Of several hosts some more,
   * and where one has many, all that there is room for: the run ends with its last row, so it should never want any.
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
      // So that no more pages are in memory than twice the slots.
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

  /** Starts waiting tasks of several hosts while all others are held. */
  probe(count: number): void {
    const { rows, share } = this.#options;
    for (let i = 0; i < count; i++) {
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

  /** A request has ended: gives back its task. */
  ended(id: number): Task {
    const task = this.task(id);
    this.#inFlight[id] = null;
    this.#freeIds.push(id);
    if (task.isLent) this.#lent--;
    else this.#freeSlot();
    return task;
  }

  /** The slot of a task is free, though its page is still processed; says whether it was not yet. */
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

  /** A host has answered. A hundred answers win back one slot. */
  answered(): void {
    if (this.#slots < this.#options.concurrency) this.#slots += 0.01;
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
   * Whether slots are kept for hosts that answer: half of them are taken, and there are other hosts or may soon be.
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
