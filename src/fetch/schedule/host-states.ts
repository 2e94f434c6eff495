import { HostState } from './host-state.ts';
import type { HostLimits } from './host-state.ts';
import { HostTurns } from './host-turns.ts';

/** Hosts without rows that are remembered, as their next row must obey something; the longest unused go first. */
const mostRemembered = 10_000;

/** What is known of hosts. Of one without rows only what its next row must obey is kept. */
export class HostStates {
  readonly #limits: HostLimits;
  readonly #used = new Map<string, HostState>();
  readonly #remembered = new Map<string, HostState>();

  readonly #onDue: ((turns: HostTurns) => void) | null;

  /** @param onDue called when the turn of somebody may have come at a host; null: only one pipeline uses these */
  constructor(limits: HostLimits, onDue: ((turns: HostTurns) => void) | null = null) {
    this.#limits = limits;
    this.#onDue = onDue;
  }

  /** Somebody has rows of the host of this name. */
  join(name: string): HostState {
    const state = this.#used.get(name) ?? this.#remembered.get(name) ?? this.#new(name);
    if (state.users++ === 0) {
      this.#remembered.delete(name);
      this.#used.set(name, state);
    }
    return state;
  }

  /** Who has joined has no more rows of this host. */
  leave(state: HostState): void {
    if (--state.users > 0) return;
    this.#used.delete(state.name);
    if (!state.isRemarkable(performance.now())) return;
    this.#remembered.set(state.name, state);
    if (this.#remembered.size > mostRemembered) {
      const [oldest = ''] = this.#remembered.keys();
      this.#remembered.delete(oldest);
    }
  }

  /** How many hosts are not tried at this time, as their circuit is open. */
  downAt(now: number): number {
    return this.known().filter(({ downUntil }) => downUntil > now).length;
  }

  /** Hosts with rows, and those that are remembered. */
  known(): HostState[] {
    return [...this.#used.values(), ...this.#remembered.values()];
  }

  #new(name: string): HostState {
    const state = new HostState(name, this.#limits);
    if (this.#onDue !== null) state.turns = new HostTurns(state, this.#onDue);
    return state;
  }
}
