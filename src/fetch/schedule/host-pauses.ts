import { leaveAlone } from './host-care.ts';
import type { HostStates } from './host-states.ts';

/** A host that is not to be asked for a while. */
export interface HostPause {
  /** Its name. */
  readonly host: string;
  /** Milliseconds from now on. */
  readonly milliseconds: number;
  /** Whether it asked for a pause longer than `maxWait`, so that its rows end instead of waiting. */
  readonly isDown: boolean;
}

/** The pauses of hosts, for another run to obey that has their rows next. */
export class HostPauses {
  readonly #states: HostStates;
  readonly #maxWait: number;

  constructor(states: HostStates, maxWait: number) {
    this.#states = states;
    this.#maxWait = maxWait;
  }

  /** The pauses that last for more than `milliseconds` from now on. */
  list(milliseconds: number): HostPause[] {
    const now = performance.now();
    return this.#states.known().flatMap(({ name: host, readyAt, pausedUntil }) => {
      const left = readyAt - now;
      return left > milliseconds
        ? [{ host, milliseconds: Math.ceil(left), isDown: pausedUntil - now > this.#maxWait }]
        : [];
    });
  }

  /** Obeys a pause that another run has told of. */
  obey({ host, milliseconds, isDown }: HostPause): void {
    const state = this.#states.join(host);
    leaveAlone(state, performance.now(), milliseconds, isDown ? 0 : Infinity);
    this.#states.leave(state);
  }
}
