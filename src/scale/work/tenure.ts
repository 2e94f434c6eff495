import type { Lease, Moment } from '../../shared/lease.ts';
import type { LaneQueue, TakenLane } from '../queue/lane-queue.ts';

export interface TenureOptions {
  readonly lease: Lease;
  /** Milliseconds for which a lock holds unless it is renewed. */
  readonly lockTime: number;
  readonly queue: Pick<LaneQueue, 'renew'>;
  /** Called, maybe more than once, when lanes are lost, or their time is over. */
  readonly onLost: (reason: string) => void;
}

export const lateRenewal = 'the locks of its lanes could not be renewed in time';

/** A lane whose lock holds for one lock time from `since` on. */
interface Held {
  readonly taken: TakenLane;
  since: Moment;
}

/**
 * Renews the locks of all lanes that a worker holds, and keeps the lease as long as they hold: one lock time from
 * before the call that took or renewed them, by this machine's clocks. The lease ends a tenth of the lock time
 * earlier, so that what is in flight can end in all threads.
 */
export class Tenure {
  readonly #options: TenureOptions;
  readonly #held = new Set<Held>();
  readonly #renewing: NodeJS.Timeout;
  #ending: NodeJS.Timeout | null = null;
  #isRenewing = false;

  constructor(options: TenureOptions) {
    this.#options = options;
    this.#renewing = setInterval(() => this.renew(), options.lockTime / 4);
  }

  /**
   * @returns whether the lane may be worked on: false if the queue has answered so late that the lock may have run
   * out
   */
  add(lane: Held): boolean {
    this.#held.add(lane);
    this.#hold();
    if (!this.#options.lease.isOver) return true;
    this.#held.delete(lane);
    this.#hold();
    return false;
  }

  remove(lane: Held): void {
    this.#held.delete(lane);
    this.#hold();
  }

  /** Renews all locks now. */
  renew(): void {
    const lanes = [...this.#held];
    if (lanes.length === 0 || this.#isRenewing) return;
    this.#isRenewing = true;
    this.#options.queue
      .renew(lanes.map(({ taken }) => taken))
      .then((renewed) => this.#renewed(lanes, renewed))
      // The connection reports the error itself (`RedisLink`), and without a renewal the lease ends.
      .catch(() => {})
      .finally(() => (this.#isRenewing = false));
  }

  end(): void {
    clearInterval(this.#renewing);
    this.#held.clear();
    this.#hold();
  }

  #renewed(lanes: readonly Held[], { since, lost }: { since: Moment; lost: readonly TakenLane[] }): void {
    // A lane that was done meanwhile has no lock either, and is not lost.
    const gone = lanes.filter((lane) => this.#held.has(lane) && lost.includes(lane.taken));
    for (const lane of lanes) if (!lost.includes(lane.taken)) lane.since = since;
    if (gone.length > 0) this.#options.onLost(`the queue has no locks of ${gone.length} lanes any more`);
    else this.#hold();
  }

  /** Sets the lease: requests may be sent until the first of the locks may run out. */
  #hold(): void {
    const { lease, lockTime } = this.#options;
    if (this.#ending !== null) clearTimeout(this.#ending);
    this.#ending = null;
    const [first, ...others] = this.#held;
    if (first === undefined) return lease.end();
    lease.set(others.map(({ since }) => since).reduce(earlier, first.since), lockTime * 0.9);
    this.#ending = setTimeout(() => this.#look(), lease.left);
    return undefined;
  }

  #look(): void {
    // Timers may be early by a little.
    if (!this.#options.lease.isOver) this.#hold();
    else this.#options.onLost(lateRenewal);
  }
}

/** The earlier one by each clock. */
function earlier(a: Moment, b: Moment): Moment {
  return { monotonic: a.monotonic < b.monotonic ? a.monotonic : b.monotonic, wall: Math.min(a.wall, b.wall) };
}
