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
 * Keeps the locks of all lanes that a worker holds, and knows until when they hold: from before the call that took or renewed
 * them, by this machine's clock. A tenth of the lock time is left for what is in flight to end everywhere.
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

  /** @returns whether the lane may be worked on: the queue's answer may have come late */
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
      // Whoever has the connection tells why, and the time goes on.
      .catch(() => {})
      .finally(() => (this.#isRenewing = false));
  }

  end(): void {
    clearInterval(this.#renewing);
    this.#held.clear();
    this.#hold();
  }

  #renewed(lanes: readonly Held[], { since, lost }: { since: Moment; lost: readonly TakenLane[] }): void {
    // One that was done meanwhile has no lock either.
    const gone = lanes.filter((lane) => this.#held.has(lane) && lost.includes(lane.taken));
    for (const lane of lanes) if (!lost.includes(lane.taken)) lane.since = since;
    if (gone.length > 0) this.#options.onLost(`the queue has no locks of ${gone.length} lanes any more`);
    else this.#hold();
  }

  /** Requests may be sent until the first lock may have run out. */
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
