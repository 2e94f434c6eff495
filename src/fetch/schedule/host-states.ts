import { HostState } from './host-state.ts';
import type { HostLimits } from './host-state.ts';
import { HostTurns } from './host-turns.ts';
import type { TurnsKeeper } from './host-turns.ts';

/** Most hosts without rows that are remembered, as their next row must obey something; oldest go first. */
const mostRemembered = 10_000;

/** The states of hosts. That of a host without rows is kept only if its next row must obey something. */
export class HostStates {
  readonly #limits: HostLimits;
  readonly #used = new Map<string, HostState>();
  readonly #remembered = new Map<string, HostState>();
  readonly #keeper: TurnsKeeper | null;

  /** @param keeper looks after the turns of several pipelines; null: only one uses these */
  constructor(limits: HostLimits, keeper: TurnsKeeper | null = null) {
    this.#limits = limits;
    this.#keeper = keeper;
  }

  /** Gives the state of the host of this name to a pipeline that has rows of it. */
  join(name: string): HostState {
    const state = this.#used.get(name) ?? this.#remembered.get(name) ?? this.#new(name);
    if (state.users++ === 0) {
      this.#remembered.delete(name);
      this.#used.set(name, state);
    }
    return state;
  }

  /** The pipeline that has joined has no more rows of this host. */
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
    if (this.#keeper !== null) state.turns = new HostTurns(state, this.#keeper);
    return state;
  }
}
