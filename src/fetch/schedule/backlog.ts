import type { Host, Waiting } from './host.ts';
import type { HostQueues } from './host-queues.ts';
import { SpillFile } from './spill-file.ts';

export interface BacklogOptions<T extends Waiting<T>> {
  readonly queues: HostQueues<T>;
  /** Items of a host that stay in memory however many it has. */
  readonly keep: number;
  /** What is written for an item, as JSON; null for one that must stay in memory. */
  readonly pack: (item: T) => unknown;
  /**
   * Takes back what was written, or waited behind it: it belongs at the end of the queue of its host, not behind what
   * is on disk.
   */
  readonly unpack: (packed: unknown) => void;
  readonly requeue: (item: T) => void;
  /** Folders for the file, as {@link SpillFile} tries them. */
  readonly directories?: readonly string[] | undefined;
  /** Called when more of it may be possible: items came back, or the disk has taken what it was given. */
  readonly onChange: () => void;
  /** The disk takes no more: what waits is bounded by memory again. */
  readonly onFull: (reason: string) => void;
  /** What was written cannot be read: items are lost. */
  readonly onLost: (error: unknown) => void;
}

/** Items that go to disk in one step: it holds up everything else. */
const mostAtOnce = 256;

/** Characters after which a block takes no further item: a cell may be very long. */
const largeBlock = 256 * 1024;

/** Bytes on their way to the disk, above which no more are given to it. */
const mostPending = 4 * 1024 * 1024;

/**
 * The items of hosts that have more of them than can run soon: behind the first few they wait on disk, so that other
 * hosts find room in memory, and come back in order. Memory grows with the hosts, not with the items.
 */
export class Backlog<T extends Waiting<T>> {
  /** Items on disk. */
  size = 0;
  readonly #options: BacklogOptions<T>;
  readonly #file: SpillFile;
  /** Hosts that may have more items in memory than they need there. */
  readonly #crowded = new Set<Host<T>>();
  /** Hosts whose items should come back once that is wanted again. */
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
      // Those that were put in front count too, so it need not be the first one too many.
      if (host.queue.size > keep) this.#crowded.add(host);
    } else {
      item.host = host;
      host.behindDisk.push(item);
      if (host.behindDisk.size === 1) this.#crowded.add(host);
    }
  }

  /** Puts an item behind all others of its host, from where nothing comes back until `release`. */
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
      // Else every host that has ever had many would be kept.
      if (host.queue.size <= keep) this.#crowded.delete(host);
    } else if (!host.isHeld && host.queue.size <= keep / 2) this.#load(host);
  }

  /** Takes out all items of this host that wait in memory, before and behind those on disk. */
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

  /** Forgets all that waits on disk or behind it, for good; gives what of it was in memory. */
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
      // One that has begun stays.
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
          // Dropped in the meantime: then nothing is lost, and the file may be closed.
          if (host.chain !== null) this.#options.onLost(error);
        },
      );
    }
  }

  #unpack(host: Host<T>, block: Buffer): void {
    // Dropped in the meantime.
    if (host.chain === null) return;
    const { unpack, onChange } = this.#options;
    const items = JSON.parse(block.toString()) as unknown[];
    this.size -= items.length;
    host.stored -= items.length;
    for (const item of items) unpack(item);
    // Not before: what comes after these may not overtake them.
    host.loading = false;
    this.taken(host);
    onChange();
  }

  /** Nothing is on disk any more: what came after it follows, and the host is as any other. */
  #comeBack(host: Host<T>): void {
    const { queues, keep, requeue } = this.#options;
    host.chain = null;
    for (const item of host.behindDisk.clear()) requeue(item);
    if (host.queue.size > keep) this.#crowded.add(host);
    else this.#crowded.delete(host);
    queues.forget(host);
  }
}
