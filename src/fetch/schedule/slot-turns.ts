import { FolderProbes } from './folder-probes.ts';
import { HostStates } from './host-states.ts';
import type { HostLimits } from './host-state.ts';
import type { HostTurns, TurnsKeeper } from './host-turns.ts';
import { newAnswered } from './reachability.ts';

/** Milliseconds for which the answer to a made-up URL is believed. */
const probeAge = 3_600_000;

/**
 * What pipelines share that act as one client: the count of requests in flight, the states of hosts, and
 * whose turn it is. A pipeline that finds no free slot stands in line; each start sends it to the end of the
 * line.
 */
export class SlotTurns implements TurnsKeeper {
  /** Requests in flight of all pipelines. */
  active = 0;
  readonly states: HostStates;
  /** Origins that have answered any of the pipelines. */
  readonly answered = newAnswered();
  /** What made-up URLs gave to any of the pipelines. */
  readonly probes = new FolderProbes(probeAge);
  #slots: number;
  readonly #line = new Set<Share>();
  /** Hosts at which a pipeline that waits may have its turn now. */
  readonly #due = new Set<HostTurns>();
  #settling = false;

  /** @param slots most requests in flight, of all pipelines together */
  constructor(slots: number, limits: HostLimits) {
    this.#slots = slots;
    this.states = new HostStates(limits, this);
  }

  /**
   * A pipeline joins.
   *
   * @param slots how many requests the system lets it have in flight (open files)
   * @param fill starts what it may start now
   */
  join(slots: number, fill: () => void): Share {
    this.#slots = Math.min(this.#slots, slots);
    return new Share(this, fill);
  }

  /** Whether it is the turn of this pipeline now. If not, it stands in line. */
  isTurnOf(share: Share): boolean {
    const first = firstOf(this.#line) ?? share;
    if (first === share && this.active < this.#slots) return true;
    this.#line.add(share);
    return false;
  }

  leaveLine(share: Share): void {
    this.#line.delete(share);
  }

  /** A pipeline may have its turn at this host: `settle` checks that. */
  due(turns: HostTurns): void {
    this.#due.add(turns);
  }

  /**
   * Wakes all pipelines whose turn has come, at hosts and for slots. A call within another one does nothing:
   * the outer one handles what has become due meanwhile.
   */
  settle(): void {
    if (this.#settling) return;
    this.#settling = true;
    while (this.#advanceHost() || this.#advanceLine());
    this.#settling = false;
  }

  #advanceHost(): boolean {
    const turns = firstOf(this.#due);
    if (turns === null) return false;
    this.#due.delete(turns);
    turns.advance();
    return true;
  }

  #advanceLine(): boolean {
    const share = firstOf(this.#line);
    if (share === null || this.active >= this.#slots) return false;
    const { active } = this;
    share.fill();
    // If it started nothing and is still first, it is within `fill` already, and goes on by itself.
    return this.active > active || firstOf(this.#line) !== share;
  }
}

/** One pipeline's part in the shared limits. */
export class Share {
  /** Starts what the pipeline may start now. */
  readonly fill: () => void;
  readonly turns: SlotTurns;
  /** Whether it stands in line for a slot; until it has one, it keeps its turns at hosts. */
  isWaiting = false;
  /** Requests of this pipeline in flight. */
  #active = 0;
  /** Hosts at which it keeps its turn. */
  readonly #kept = new Set<HostTurns>();

  constructor(turns: SlotTurns, fill: () => void) {
    this.turns = turns;
    this.fill = fill;
  }

  /** The pipeline begins to look for what it may start. */
  begin(): void {
    this.isWaiting = false;
  }

  /** Whether a slot is free, and it is this pipeline's turn. If not, it stands in line. */
  mayStart(): boolean {
    this.isWaiting = !this.turns.isTurnOf(this);
    return !this.isWaiting;
  }

  started(): void {
    this.#active++;
    this.turns.active++;
    this.turns.leaveLine(this);
  }

  ended(): void {
    this.#active--;
    this.turns.active--;
  }

  /** Keeps the turn at a host until there is a slot. */
  keep(turns: HostTurns): void {
    this.#kept.add(turns);
  }

  /** The pipeline wants no slot now: its place in line and its turns at hosts go to others. */
  rest(): void {
    this.isWaiting = false;
    this.settle();
  }

  /** The pipeline has started all it may for now: wakes others. */
  settle(): void {
    if (!this.isWaiting) {
      this.turns.leaveLine(this);
      for (const turns of this.#kept) this.turns.due(turns);
      this.#kept.clear();
    }
    this.turns.settle();
  }

  /** Gives back all slots for good. */
  leave(): void {
    this.turns.active -= this.#active;
    this.#active = 0;
    this.rest();
  }
}

function firstOf<T>(set: ReadonlySet<T>): T | null {
  return set.values().next().value ?? null;
}
