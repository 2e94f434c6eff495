/** What waits in a queue carries the link to what waits behind it. */
export interface Waiting<T> {
  next: T | null;
}

/** The items of one host that wait, and how many are out. */
interface Host<T> {
  readonly name: string;
  first: T | null;
  last: T | null;
  active: number;
  /** Whether it stands in the line of hosts that may have an item taken. */
  inLine: boolean;
  behind: Host<T> | null;
}

/**
 * A queue per host with a limit of items out at a time; hosts take turns. Every step is O(1), and of a host without
 * items nothing is kept.
 */
export class HostQueues<T extends Waiting<T>> {
  /** How many items wait. */
  size = 0;
  readonly #perHost: number;
  readonly #hosts = new Map<string, Host<T>>();
  /** The hosts that have an item to take and may have it taken. */
  #lineFirst: Host<T> | null = null;
  #lineLast: Host<T> | null = null;

  constructor(perHost: number) {
    this.#perHost = perHost;
  }

  push(name: string, item: T): void {
    const host = this.#hostOf(name);
    append(host, item);
    this.size++;
    this.#standInLine(host);
  }

  /** Puts an item before those that wait already. */
  unshift(name: string, item: T): void {
    const host = this.#hostOf(name);
    item.next = host.first;
    host.first = item;
    host.last ??= item;
    this.size++;
    this.#standInLine(host);
  }

  /** Takes the next item of the host whose turn it is; null when all hosts with items are at their limit. */
  take(): T | null {
    for (let host = this.#lineFirst; host !== null; host = this.#lineFirst) {
      this.#lineFirst = host.behind;
      if (this.#lineFirst === null) this.#lineLast = null;
      host.behind = null;
      host.inLine = false;
      const item = host.first;
      // Emptied by `drop` while it stood in line.
      if (item === null) continue;
      host.first = item.next;
      if (host.first === null) host.last = null;
      item.next = null;
      host.active++;
      this.size--;
      this.#standInLine(host);
      return item;
    }
    return null;
  }

  /** An item of this host that was taken has ended. */
  release(name: string): void {
    const host = this.#hostOf(name);
    host.active--;
    if (host.active === 0 && host.first === null) this.#hosts.delete(name);
    else this.#standInLine(host);
  }

  /** Takes out all waiting items that `isDropped` chooses. */
  drop(isDropped: (item: T) => boolean): T[] {
    const dropped: T[] = [];
    for (const host of this.#hosts.values()) {
      let item = host.first;
      host.first = null;
      host.last = null;
      while (item !== null) {
        const { next } = item;
        item.next = null;
        if (isDropped(item)) dropped.push(item);
        else append(host, item);
        item = next;
      }
    }
    this.size -= dropped.length;
    return dropped;
  }

  #hostOf(name: string): Host<T> {
    let host = this.#hosts.get(name);
    if (host === undefined) {
      host = { name, first: null, last: null, active: 0, inLine: false, behind: null };
      this.#hosts.set(name, host);
    }
    return host;
  }

  #standInLine(host: Host<T>): void {
    if (host.inLine || host.first === null || host.active >= this.#perHost) return;
    host.inLine = true;
    if (this.#lineLast === null) this.#lineFirst = host;
    else this.#lineLast.behind = host;
    this.#lineLast = host;
  }
}

function append<T extends Waiting<T>>(host: Host<T>, item: T): void {
  if (host.last === null) host.first = item;
  else host.last.next = item;
  host.last = item;
}
