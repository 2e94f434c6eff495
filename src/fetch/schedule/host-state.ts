import type { HostTurns } from './host-turns.ts';
import { Pace } from './pace.ts';

export interface HostLimits {
  /** Requests in flight to one host. */
  readonly perHost: number;
  /** Milliseconds between two starts of one host; 0: no limit. */
  readonly interval: number;
}

/** What is known of a host and which requests it may get, for one pipeline or for all that share limits. */
export class HostState {
  readonly name: string;
  /** Requests in flight. */
  active = 0;
  readonly pace: Pace;
  /** Nothing is started before this time of `performance.now()`: the host asked for a pause, or has failed. */
  pausedUntil = 0;
  /** Whether it has answered since its last failure. */
  proven = false;
  /** Failed attempts in a row, those that ran at the same time counted as one. */
  failures = 0;
  /** When the first and the last of these failures were counted. */
  awaySince = 0;
  failedAt = 0;
  /** The number of the item that was the first to fail since the host answered, and whether others have failed too. */
  firstToFail: number | null = null;
  othersFail = false;
  /** Origins that have failed since it answered: another port of it may work. Null: none. */
  failing: Set<string> | null = null;
  /** The circuit is open: nothing is tried before this time. */
  downUntil = 0;
  /** For which origins the circuit is open; null: for all. */
  downFor: ReadonlySet<string> | null = null;
  /** Why the circuit is open, in words. */
  downDetail = '';
  /** Whose turn it is, when several pipelines have rows of it; null: one pipeline has it alone. */
  turns: HostTurns | null = null;
  /** How many pipelines have rows of it. */
  users = 0;
  readonly #perHost: number;

  constructor(name: string, { perHost, interval }: HostLimits) {
    this.name = name;
    this.pace = new Pace(interval);
    this.#perHost = perHost;
  }

  /** The time before which nothing may be started. */
  get readyAt(): number {
    return Math.max(this.pausedUntil, this.pace.next);
  }

  /** Whether one more may be in flight. A host that has failed gets one request at a time until it answers. */
  get hasSlot(): boolean {
    return this.active < (this.failures > 0 ? 1 : this.#perHost);
  }

  /** Whether the circuit is open for this origin. */
  isDown(origin: string, now: number): boolean {
    return this.downUntil > now && (this.downFor?.has(origin) ?? true);
  }

  /** Whether something is known that its next request must obey. */
  isRemarkable(now: number): boolean {
    return this.failures > 0 || this.readyAt > now || this.downUntil > now || this.pace.learned;
  }
}
