import type { HostState } from './host-state.ts';
import type { HostUser, TurnTaken } from './host-turns.ts';
import type { Chain } from './spill-file.ts';

/** An item of a queue: it has the link to the one behind it, and knows its host. */
export interface Waiting<T extends Waiting<T>> {
  next: T | null;
  host: Host<T> | null;
  /** What must not wait for others to end, if it is any: they may be waiting for it. */
  readonly inquiry?: object | null;
  /** The same for robots.txt. */
  readonly robotsOf?: string | null;
}

/** Items of a host that stay in memory when there is no room for all. */
export function mostInMemory(perHost: number): number {
  return Math.max(8, 2 * perHost);
}

/** Items in the order in which they came. */
export class Queue<T extends { next: T | null }> {
  first: T | null = null;
  size = 0;
  #last: T | null = null;

  push(item: T): void {
    if (this.#last === null) this.first = item;
    else this.#last.next = item;
    this.#last = item;
    this.size++;
  }

  /** Puts an item before those that wait already. */
  unshift(item: T): void {
    item.next = this.first;
    this.first = item;
    this.#last ??= item;
    this.size++;
  }

  shift(): T | null {
    const item = this.first;
    if (item === null) return null;
    this.first = item.next;
    if (this.first === null) this.#last = null;
    item.next = null;
    this.size--;
    return item;
  }

  /** Takes out all items behind the first `keep`. */
  cut(keep: number): Queue<T> {
    const rest = new Queue<T>();
    if (this.size <= keep) return rest;
    const size = this.size - keep;
    const last = this.#last;
    let before: T | null = null;
    for (let i = 0; i < keep; i++) before = before === null ? this.first : before.next;
    rest.first = before === null ? this.first : before.next;
    rest.#last = last;
    rest.size = size;
    if (before === null) this.first = null;
    else before.next = null;
    this.#last = before;
    this.size = keep;
    return rest;
  }

  /** Takes out all items, in order. */
  clear(): T[] {
    const items: T[] = [];
    for (let item = this.shift(); item !== null; item = this.shift()) items.push(item);
    return items;
  }
}

/** Where the rows of hosts wait: it is told by shared hosts what happens to them. */
export interface HostKeeper<T extends Waiting<T>> {
  /** It is the turn of this host. */
  wake(host: Host<T>): TurnTaken;
  /** This host is given up. */
  drain(host: Host<T>): void;
}

/** What waits of one host in one pipeline, and what is out. */
export class Host<T extends Waiting<T>> implements HostUser {
  /** What is known of it. */
  readonly state: HostState;
  readonly queue = new Queue<T>();
  /** Items that were taken and have not ended. */
  active = 0;
  /** Items that were taken so far. */
  taken = 0;
  /** How many binary digits `waiting` had when it was looked at last. */
  rank = 0;
  /** Whether it stands in a line of hosts whose next item may be taken. */
  inLine = false;
  behind: Host<T> | null = null;
  /** Runs while all items must wait for the time of the host, unless it is shared: then `HostTurns` waits. */
  timer: NodeJS.Timeout | null = null;
  /** Items that wait on disk, behind those of the queue; null when none do. */
  chain: Chain | null = null;
  /** How many items wait on disk. */
  stored = 0;
  /** Items that came after those on disk. */
  behindDisk = new Queue<T>();
  /** Whether items on disk must stay there, as the robots.txt is not known yet. */
  isHeld = false;
  /** Items that have had their turn and wait for something that an urgent one brings. */
  held = 0;
  /** Whether these are so many that nothing else is to begin. */
  isFull = false;
  /** Whether items are on their way from the disk. */
  loading = false;
  readonly #keeper: HostKeeper<T>;

  constructor(state: HostState, keeper: HostKeeper<T>) {
    this.state = state;
    this.#keeper = keeper;
    state.turns?.join(this);
  }

  wake(): TurnTaken {
    return this.#keeper.wake(this);
  }

  drain(): void {
    this.#keeper.drain(this);
  }

  /** Items that wait, in memory and on disk. */
  get waiting(): number {
    return this.queue.size + this.stored + this.behindDisk.size;
  }

  /** Whether its next item must not wait for others. */
  get isUrgent(): boolean {
    const { first } = this.queue;
    return first !== null && isUrgent(first);
  }

  /** Whether it has an item that may be taken, but for limits. */
  get hasItem(): boolean {
    return this.queue.first !== null && (!this.isFull || this.isUrgent);
  }

  /** Whether it has no item at all, so that it may be forgotten. */
  get isIdle(): boolean {
    const isEmpty = this.queue.size === 0 && this.behindDisk.size === 0 && this.chain === null;
    return isEmpty && this.active === 0 && this.held === 0;
  }
}

/** Whether others may wait for it. */
export function isUrgent({
  inquiry = null,
  robotsOf = null,
}: Pick<Waiting<never>, 'inquiry' | 'robotsOf'>): boolean {
  return inquiry !== null || robotsOf !== null;
}
