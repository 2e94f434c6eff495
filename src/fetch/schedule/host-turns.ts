/** What decides whether a request may be started at a host. */
export interface Admission {
  /** Whether one more may be in flight. */
  readonly hasSlot: boolean;
  /** Nothing may be started before this time of `performance.now()`. */
  readonly readyAt: number;
}

/**
 * What a pipeline did with its turn: it started something (`took`), waits for a slot of all hosts (`holds`),
 * or has nothing that may start (`passes`).
 */
export type TurnTaken = 'took' | 'holds' | 'passes';

/** Wakes the pipelines whose turn has come, at all hosts (`SlotTurns`). */
export interface TurnsKeeper {
  /** Calls `advance` of these turns later, when the call that is under way is done. */
  due(turns: HostTurns): void;
  /** Calls `advance` of all that are due, as no other call is under way. */
  settle(): void;
}

/** The rows that one pipeline has of a host. */
export interface HostUser {
  /** Its turn has come. */
  wake(): TurnTaken;
  /** The host is given up. */
  drain(): void;
}

/**
 * Whose turn it is at a host that several pipelines have rows of: one request each, in the order in which they came. A
 * pipeline that cannot use its turn loses it, and comes again when it can.
 */
export class HostTurns {
  readonly #host: Admission;
  readonly #keeper: TurnsKeeper;
  readonly #users = new Set<HostUser>();
  /** Those that wait, in the order of their turns. */
  readonly #waiting = new Set<HostUser>();
  #timer: NodeJS.Timeout | null = null;

  constructor(host: Admission, keeper: TurnsKeeper) {
    this.#host = host;
    this.#keeper = keeper;
  }

  join(user: HostUser): void {
    this.#users.add(user);
  }

  leave(user: HostUser): void {
    this.#users.delete(user);
    this.#waiting.delete(user);
    if (this.#waiting.size === 0) this.#stopTimer();
    this.changed();
  }

  /** Whether it is the turn of this user now. If not, it waits for it. */
  isTurnOf(user: HostUser, now: number): boolean {
    if ((this.#first ?? user) === user && this.#isFree(now)) return true;
    this.wait(user);
    return false;
  }

  /** The user has something to start. */
  wait(user: HostUser): void {
    this.#waiting.add(user);
    this.#awaitTime();
  }

  /** The user has taken its turn, or leaves it to others. */
  served(user: HostUser): void {
    this.#waiting.delete(user);
    this.changed();
  }

  /** A slot was given back, or the next in line is another one. */
  changed(): void {
    if (this.#waiting.size > 0) this.#keeper.due(this);
  }

  /** Wakes those whose turn it is. */
  advance(): void {
    for (let user = this.#first; user !== null && this.#isFree(performance.now()); user = this.#first) {
      const taken = user.wake();
      if (taken === 'holds') return;
      if (taken === 'passes') this.#waiting.delete(user);
    }
    this.#awaitTime();
  }

  /** The host is given up: the rows of all pipelines end. */
  drain(): void {
    for (const user of this.#users) user.drain();
  }

  get #first(): HostUser | null {
    return this.#waiting.values().next().value ?? null;
  }

  #isFree(now: number): boolean {
    return this.#host.hasSlot && this.#host.readyAt <= now;
  }

  /**
   * Sets a timer if a slot is free and only time is missing; else whoever gives back a slot calls `changed`.
   */
  #awaitTime(): void {
    const { hasSlot, readyAt } = this.#host;
    const left = readyAt - performance.now();
    if (!hasSlot || left <= 0 || this.#timer !== null || this.#waiting.size === 0) return;
    // A millisecond more, as timers may fire that much too early. Node's longest time is 2^31-1 ms.
    this.#timer = setTimeout(
      () => {
        this.#timer = null;
        this.changed();
        this.#keeper.settle();
      },
      Math.min(Math.ceil(left) + 1, 0x7fffffff),
    );
  }

  #stopTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
