import type { Host, Waiting } from './host.ts';
import type { HostQueues } from './host-queues.ts';
import { SpillFile } from './spill-file.ts';

export interface BacklogOptions<T extends Waiting<T>> {
  readonly queues: HostQueues<T>;
  /** This many items of a host stay in memory, however many it has. */
  readonly keep: number;
  /** What is written for an item, as JSON; null for one that must stay in memory. */
  readonly pack: (item: T) => unknown;
  /**
   * Takes back an item from disk. It belongs at the end of the queue of its host, before what is still on disk.
   */
  readonly unpack: (packed: unknown) => void;
  readonly requeue: (item: T) => void;
  /** Folders for the file, as {@link SpillFile} tries them. */
  readonly directories?: readonly string[] | undefined;
  /** Called when items came back, or when the disk can take more of them. */
  readonly onChange: () => void;
  /** Called when the disk takes no more: from now on all items stay in memory. */
  readonly onFull: (reason: string) => void;
  /** What was written cannot be read: items are lost. */
  readonly onLost: (error: unknown) => void;
}

/** Most items that go to disk in one step: nothing else runs meanwhile, so it must be short. */
const mostAtOnce = 256;

/** A block takes no further item once it has this many characters, as a cell may be very long. */
const largeBlock = 256 * 1024;

/** No more items are given to the disk while this many bytes wait to be written. */
const mostPending = 4 * 1024 * 1024;

/**
 * Keeps the items of hosts that have more of them than can run soon. The first few of a host stay in memory, the others
 * wait on disk and come back in order, so that items of other hosts find room. Memory grows with the number of hosts,
 * not of items.
 */
export class Backlog<T extends Waiting<T>> {
  /** Items on disk. */
  size = 0;
  readonly #options: BacklogOptions<T>;
  readonly #file: SpillFile;
  /** Hosts that may have more items in memory than they need there. */
  readonly #crowded = new Set<Host<T>>();
  /** Hosts whose next block is to be read after `resume`. */
  readonly #toLoad = new Set<Host<T>>();
  #paused = false;

  constructor(options: BacklogOptions<T>) {
    this.#options = options;
    this.#file = new SpillFile({
      directories: options.directories,
      onFull: options.onFull,
      onWritten: () => {
        if (this.#file.pending < mostPending) options.onChange();
      },
    });
  }

  /** Puts an item behind all others of its host. */
  push(host: Host<T>, item: T): void {
    const { queues, keep } = this.#options;
    if (host.chain === null) {
      queues.push(host, item);
      // Items that were put in front count too, so the queue may be longer by more than one.
      if (host.queue.size > keep) this.#crowded.add(host);
    } else {
      item.host = host;
      host.behindDisk.push(item);
      if (host.behindDisk.size === 1) this.#crowded.add(host);
    }
  }

  /** Puts an item behind all others of its host, and brings nothing back to memory until `release`. */
  hold(host: Host<T>, item: T): void {
    host.chain ??= this.#file.chain();
    host.isHeld = true;
    this.push(host, item);
  }

  release(host: Host<T>): void {
    host.isHeld = false;
    this.taken(host);
    this.#options.queues.forget(host);
  }

  /**
   * Writes items that cannot run soon to disk.
   *
   * @returns how many have left memory
   */
  makeRoom(): number {
    if (this.#file.full || this.#file.pending >= mostPending) return 0;
    let left = 0;
    for (const host of this.#crowded) {
      this.#crowded.delete(host);
      left += this.#write(host, mostAtOnce - left);
      if (left >= mostAtOnce) break;
    }
    return left;
  }

  /** Items were taken from the queue of this host. */
  taken(host: Host<T>): void {
    const { keep } = this.#options;
    if (host.chain === null) {
      // Otherwise the set would keep every host that ever had many items.
      if (host.queue.size <= keep) this.#crowded.delete(host);
    } else if (!host.isHeld && host.queue.size <= keep / 2) this.#load(host);
  }

  /** Takes out all items of this host that wait in memory, in front of those on disk and behind them. */
  clear(host: Host<T>): T[] {
    return [...this.#options.queues.clear(host), ...host.behindDisk.clear()];
  }

  /** Nothing is brought back until `resume`. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    const hosts = [...this.#toLoad];
    this.#toLoad.clear();
    for (const host of hosts) this.taken(host);
  }

  /** Forgets all items on disk, and returns the items in memory that have waited behind them. */
  drop(): T[] {
    const { queues } = this.#options;
    const dropped: T[] = [];
    for (const host of queues.hosts()) {
      if (host.chain === null) continue;
      dropped.push(...host.behindDisk.clear());
      host.chain = null;
      host.stored = 0;
    }
    this.size = 0;
    return dropped;
  }

  close(): void {
    this.#paused = true;
    // Nobody waits for the end of a file that has no name.
    void this.#file.close();
  }

  /** Writes up to `most` items of this host, those that came last. */
  #write(host: Host<T>, most: number): number {
    const { queues, keep, pack } = this.#options;
    if (host.chain === null) {
      if (host.queue.size <= keep) return 0;
      host.chain = this.#file.chain();
      host.behindDisk = queues.cut(host, keep);
    }
    let count = 0;
    let block: string[] = [];
    let bytes = 0;
    for (
      let item = host.behindDisk.shift();
      item !== null;
      item = count < most ? host.behindDisk.shift() : null
    ) {
      const packed = pack(item);
      // An item that has begun stays in memory.
      if (packed === null) queues.push(host, item);
      else {
        count++;
        const text = JSON.stringify(packed);
        bytes += text.length;
        if (block.push(text) >= keep / 2 || bytes >= largeBlock) {
          this.#append(host, block);
          block = [];
          bytes = 0;
        }
      }
    }
    if (block.length > 0) this.#append(host, block);
    this.size += count;
    host.stored += count;
    if (host.behindDisk.size > 0) this.#crowded.add(host);
    this.taken(host);
    return count;
  }

  #append(host: Host<T>, block: readonly string[]): void {
    if (host.chain !== null) this.#file.append(host.chain, Buffer.from(`[${block.join(',')}]`));
  }

  #load(host: Host<T>): void {
    const { chain } = host;
    if (chain === null || host.loading) return;
    if (chain.blocks === 0) {
      this.#comeBack(host);
    } else if (this.#paused) {
      this.#toLoad.add(host);
    } else {
      host.loading = true;
      void this.#file.shift(chain).then(
        (block) => this.#unpack(host, block),
        (error: unknown) => {
          // After `drop` nothing is lost, and the file may be closed.
          if (host.chain !== null) this.#options.onLost(error);
        },
      );
    }
  }

  #unpack(host: Host<T>, block: Buffer): void {
    // `drop` was called in the meantime.
    if (host.chain === null) return;
    const { unpack, onChange } = this.#options;
    const items = JSON.parse(block.toString()) as unknown[];
    this.size -= items.length;
    host.stored -= items.length;
    for (const item of items) unpack(item);
    // Not earlier: items that are loaded next must not overtake these.
    host.loading = false;
    this.taken(host);
    onChange();
  }

  /**
   * Nothing is on disk any more: the items that waited behind it follow, and the host is like any other
   * again.
   */
  #comeBack(host: Host<T>): void {
    const { queues, keep, requeue } = this.#options;
    host.chain = null;
    for (const item of host.behindDisk.clear()) requeue(item);
    if (host.queue.size > keep) this.#crowded.add(host);
    else this.#crowded.delete(host);
    queues.forget(host);
  }
}
