/**
 * The time until which requests may be sent. It is in shared memory, so that all threads that fetch see the same time, and
 * each checks it right before it sends: a process that was stopped for a while may get a response, and so send the next
 * request, before its timers fire.
 *
 * The lease is over as soon as one of two clocks says so, as neither is enough: the monotonic one stands still while a
 * machine sleeps, and the wall clock may be set back.
 */
export class Lease {
  /** To be passed to another thread, which makes its own `Lease` of it. */
  readonly memory: SharedArrayBuffer;
  /** The end of the lease by both clocks: monotonic nanoseconds, milliseconds since 1970 UTC. */
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

  /** Ends the lease now. */
  end(): void {
    Atomics.store(this.#until, 0, 0n);
  }

  /** Milliseconds that are left; 0: the lease is over. */
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

/** The time by both clocks. */
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
