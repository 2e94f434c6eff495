import { Host } from './host.ts';
import { HostLine } from './host-line.ts';
import type { HostKeeper, Waiting } from './host.ts';
import type { HostStates } from './host-states.ts';
import type { TurnTaken } from './host-turns.ts';
import type { Queue } from './queue.ts';
import type { Share } from './slot-turns.ts';

export interface HostQueuesOptions<T extends Waiting<T>> {
  /** Most items of one host that are out: taken and not ended. */
  readonly perHost: number;
  /** What is known of the hosts. */
  readonly states: HostStates;
  /** This pipeline's part in limits that several pipelines share; null: its limits are its own. */
  readonly share: Share | null;
  /** Called when a host whose items had to wait may be asked again. */
  readonly onReady: () => void;
  /** Called when another pipeline has given up a host that items wait for. */
  readonly onDown: (host: Host<T>) => void;
}

/**
 * A queue per host, with a limit of items out at a time and a time before which none may be taken. Hosts take turns.
 * Every second turn belongs to the hosts with most items: a run ends when the longest queue is empty, so that queue
 * must never wait for others. Every step is O(1). Hosts without items are dropped.
 */
export class HostQueues<T extends Waiting<T>> implements HostKeeper<T> {
  /** How many items wait in the queues. */
  size = 0;
  readonly #options: HostQueuesOptions<T>;
  readonly #hosts = new Map<string, Host<T>>();
  /** Hosts whose next item may be taken: those with most items stand in a line of their own. */
  readonly #line = new HostLine<T>();
  readonly #longestLine = new HostLine<T>();
  /** Hosts whose next item is one that others wait for (`HostQueue`). They stand in line too. */
  readonly #urgent = new Set<Host<T>>();
  #isLongestsTurn = true;
  /** Items taken so far from the host that has given most. */
  #mostTaken = 0;
  /** Items taken so far from all hosts that have items now. */
  #taken = 0;
  /** How many hosts have a `rank` (binary digits of `waiting`) of 0, 1, 2, …, and the highest rank. */
  readonly #ranks: number[] = Array.from({ length: 33 }, () => 0);
  #topRank = 0;
  /** Hosts that have not answered yet and wait for a second slot while slots are scarce. */
  readonly #unproven = new Set<Host<T>>();

  constructor(options: HostQueuesOptions<T>) {
    this.#options = options;
  }

  /** The host of this name, as it is known or a new one. */
  host(name: string): Host<T> {
    const known = this.#hosts.get(name);
    if (known !== undefined) return known;
    const host = new Host(this.#options.states.join(name), this);
    this.#hosts.set(name, host);
    return host;
  }

  /** Hosts with items, waiting or taken. */
  readonly hosts = (): Iterable<Host<T>> => this.#hosts.values();

  get hostCount(): number {
    return this.#hosts.size;
  }

  /** How many hosts are not tried at this time, as their circuit is open. */
  downAt(now: number): number {
    return this.#options.states.downAt(now);
  }

  push(host: Host<T>, item: T): void {
    item.host = host;
    host.queue.push(item);
    this.size++;
    this.standInLine(host);
  }

  /** Puts an item before those that wait already. */
  unshift(host: Host<T>, item: T): void {
    item.host = host;
    host.queue.unshift(item);
    this.size++;
    this.standInLine(host);
  }

  /** Takes all items behind the first `keep` out of the queue of this host. */
  cut(host: Host<T>, keep: number): Queue<T> {
    const rest = host.queue.cut(keep);
    this.size -= rest.size;
    return rest;
  }

  /** Whether one host has had many items, over twice the average, so that the run may end with it. */
  get isSkewed(): boolean {
    const most = this.#mostTaken;
    return most > 4 * this.#options.perHost && most * this.#hosts.size > 2 * this.#taken;
  }

  /** Whether a host stands in line; its time may not have come yet. */
  get hasNext(): boolean {
    return this.#line.first !== null || this.#longestLine.first !== null;
  }

  /**
   * Takes the next item of the host whose turn it is; null when all hosts with items are at their limit.
   *
   * @param scarce whether a host that has not answered yet gets only one slot, so that dead ones cannot hold most of
   * them
   * @param onlyUrgent whether to take only items that others wait for
   */
  take(now: number, scarce: boolean, onlyUrgent = false): T | null {
    for (;;) {
      const host =
        this.#nextUrgent() ??
        (onlyUrgent ? null : this.#nextInLine()) ??
        (scarce ? null : this.#nextUnproven(onlyUrgent));
      if (host === null) return null;
      if (!this.#isReady(host, now)) continue;
      const { state } = host;
      state.turns?.served(host);
      if (scarce && !state.proven && host.active > 0) {
        this.#unproven.add(host);
        continue;
      }
      const item = host.queue.shift() as T;
      host.active++;
      host.taken++;
      this.#taken++;
      if (host.taken > this.#mostTaken) this.#mostTaken = host.taken;
      this.size--;
      state.active++;
      state.pace.started(now);
      this.standInLine(host);
      return item;
    }
  }

  /** An item of this host that was taken has ended. */
  release(host: Host<T>): void {
    host.active--;
    host.state.active--;
    host.state.turns?.changed();
    if (!this.forget(host)) this.standInLine(host);
  }

  /** Takes out all items that wait in the queue of this host. */
  clear(host: Host<T>): T[] {
    const items = host.queue.clear();
    this.size -= items.length;
    this.#rank(host);
    return items;
  }

  /** Takes out all waiting items that `isDropped` chooses. */
  drop(isDropped: (item: T) => boolean): T[] {
    const dropped: T[] = [];
    for (const host of this.#hosts.values()) {
      for (const item of this.clear(host)) {
        if (isDropped(item)) dropped.push(item);
        else this.push(host, item);
      }
    }
    return dropped;
  }

  /** Lets a host stand in line if it has items and is below its limit. To be called when either may have changed. */
  standInLine(host: Host<T>): void {
    this.#rank(host);
    if (host.timer !== null || !host.hasItem) return;
    if (!host.state.hasSlot) return host.inLine ? undefined : host.state.turns?.wait(host);
    if (host.isUrgent) this.#urgent.add(host);
    if (host.inLine) return;
    this.#unproven.delete(host);
    host.inLine = true;
    return (this.#isLongest(host) ? this.#longestLine : this.#line).push(host);
  }

  wake(host: Host<T>): TurnTaken {
    const { share, onReady } = this.#options;
    const { taken, state } = host;
    this.standInLine(host);
    onReady();
    if (host.taken > taken) return 'took';
    if (!host.hasItem || share === null || state.turns === null || !share.isWaiting) return 'passes';
    share.keep(state.turns);
    return 'holds';
  }

  drain(host: Host<T>): void {
    this.#options.onDown(host);
  }

  /** Gives back for good the slots and states of hosts that other pipelines share. */
  leave(): void {
    for (const host of this.#hosts.values()) {
      host.state.active -= host.active;
      this.#leaveState(host);
    }
    this.#hosts.clear();
  }

  /**
   * Whether the host has more than `perHost` items, and no host has a number of items with more binary
   * digits.
   */
  #isLongest(host: Host<T>): boolean {
    while (this.#topRank > 0 && this.#ranks[this.#topRank] === 0) this.#topRank--;
    return host.waiting > this.#options.perHost && host.rank === this.#topRank;
  }

  /** Updates the counts by binary digits for this host. */
  #rank(host: Host<T>): void {
    const rank = 32 - Math.clz32(host.waiting);
    if (rank === host.rank) return;
    this.#ranks[host.rank] = (this.#ranks[host.rank] ?? 0) - 1;
    this.#ranks[rank] = (this.#ranks[rank] ?? 0) + 1;
    host.rank = rank;
    if (rank > this.#topRank) this.#topRank = rank;
  }

  /** Removes a host without items; says whether it did. */
  forget(host: Host<T>): boolean {
    if (!host.isIdle || this.#hosts.get(host.state.name) !== host) return false;
    this.#hosts.delete(host.state.name);
    this.#taken -= host.taken;
    this.#rank(host);
    // Nothing waits for the timer, and nobody could end it later.
    if (host.timer !== null) clearTimeout(host.timer);
    host.timer = null;
    this.#leaveState(host);
    return true;
  }

  /** Ends all timers: nothing is going to be taken any more. */
  close(): void {
    for (const host of this.#hosts.values()) {
      if (host.timer !== null) clearTimeout(host.timer);
      host.timer = null;
    }
  }

  #nextUrgent(): Host<T> | null {
    if (this.#urgent.size === 0) return null;
    for (const host of this.#urgent) {
      this.#urgent.delete(host);
      if (host.isUrgent) return host;
    }
    return null;
  }

  #nextInLine(): Host<T> | null {
    this.#isLongestsTurn = !this.#isLongestsTurn;
    const host = this.#isLongestsTurn
      ? (this.#longestLine.shift() ?? this.#line.shift())
      : (this.#line.shift() ?? this.#longestLine.shift());
    if (host !== null) host.inLine = false;
    return host;
  }

  #nextUnproven(onlyUrgent: boolean): Host<T> | null {
    for (const host of this.#unproven) {
      if (onlyUrgent && !host.isUrgent) continue;
      this.#unproven.delete(host);
      if (!host.inLine && host.timer === null) return host;
    }
    return null;
  }

  /** Whether an item of a host that stood in line may be taken now. If not, the host comes again when one may. */
  #isReady(host: Host<T>, now: number): boolean {
    const { state } = host;
    // While it stood in line, its items may have been taken out, or it may have failed and have fewer slots.
    if (!host.hasItem || host.timer !== null) return false;
    if (state.turns !== null) return state.turns.isTurnOf(host, now);
    if (!state.hasSlot) return false;
    const { readyAt } = state;
    if (readyAt > now) this.#sleep(host, readyAt - now);
    return readyAt <= now;
  }

  #sleep(host: Host<T>, milliseconds: number): void {
    // A millisecond more, as timers may fire that much too early. Node's longest time is 2^31-1 ms.
    host.timer = setTimeout(
      () => {
        host.timer = null;
        this.standInLine(host);
        this.#options.onReady();
      },
      Math.min(Math.ceil(milliseconds) + 1, 0x7fffffff),
    );
  }

  #leaveState(host: Host<T>): void {
    host.state.turns?.leave(host);
    this.#options.states.leave(host.state);
  }
}
