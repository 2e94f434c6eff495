/**
 * Until when requests may be sent. It is shared memory, so that all threads that fetch look at the same time, and each looks
 * right before it sends: a process that was stopped for a while may have a response, and the next request with it, at
 * hand before its timers tell it of the time.
 *
 * Two clocks are compared, each with itself: the monotonic one stands still while a machine sleeps, and the other one may
 * be set back. The lease is over when one of them says so.
 */
export class Lease {
  /** `lease` of an engine in another thread is made of it. */
  readonly memory: SharedArrayBuffer;
  /** Nanoseconds of the monotonic clock, milliseconds since 1970 UTC. */
  readonly #until: BigInt64Array;

  /** @param memory that of a lease in another thread. Default: a new one, which is over */
  constructor(memory = new SharedArrayBuffer(16)) {
    this.memory = memory;
    this.#until = new BigInt64Array(memory);
  }

  /** @param milliseconds from `now` on */
  set(now: Moment, milliseconds: number): void {
    Atomics.store(this.#until, 0, now.monotonic + BigInt(Math.round(milliseconds * 1e6)));
    Atomics.store(this.#until, 1, BigInt(Math.round(now.wall + milliseconds)));
  }

  /** Ends it now. */
  end(): void {
    Atomics.store(this.#until, 0, 0n);
  }

  /** Milliseconds that are left of it; 0: it is over. */
  get left(): number {
    const { monotonic, wall } = moment();
    const byMonotonic = Number(Atomics.load(this.#until, 0) - monotonic) / 1e6;
    const byWall = Number(Atomics.load(this.#until, 1)) - wall;
    return Math.max(0, Math.min(byMonotonic, byWall));
  }

  get isOver(): boolean {
    return this.left === 0;
  }
}

/** What both clocks say. */
export interface Moment {
  readonly monotonic: bigint;
  readonly wall: number;
}

export function moment(): Moment {
  return { monotonic: process.hrtime.bigint(), wall: Date.now() };
}

/** Milliseconds since then, by the clock that says more. */
export function elapsed(since: Moment): number {
  const { monotonic, wall } = moment();
  return Math.max(Number(monotonic - since.monotonic) / 1e6, wall - since.wall);
}
