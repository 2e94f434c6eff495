import { HostQueue } from './host-queue.ts';
import type { Awaited } from './host-queue.ts';
import type { HostState } from './host-state.ts';
import type { HostUser, TurnTaken } from './host-turns.ts';
import { Queue } from './queue.ts';
import type { Chain } from './spill-file.ts';

/** An item of a queue, which knows its host. */
export interface Waiting<T extends Waiting<T>> extends Awaited<T> {
  host: Host<T> | null;
}

/** Items of a host that stay in memory when there is no room for all. */
export function mostInMemory(perHost: number): number {
  return Math.max(8, 2 * perHost);
}

/** The pipeline's queues, which learn from a shared host what happens to it. */
export interface HostKeeper<T extends Waiting<T>> {
  /** It is this pipeline's turn at the host. */
  wake(host: Host<T>): TurnTaken;
  /** This host is given up. */
  drain(host: Host<T>): void;
}

/** The items of one host in one pipeline: those that wait, and how many are out. */
export class Host<T extends Waiting<T>> implements HostUser {
  /** What is known of the host, and shared by pipelines with the same limits. */
  readonly state: HostState;
  readonly queue = new HostQueue<T>();
  /** Items that were taken and have not ended. */
  active = 0;
  /** Items that were taken so far. */
  taken = 0;
  /** How many binary digits `waiting` had when the host was last ranked (`HostQueues`). */
  rank = 0;
  /** Whether it stands in a line of hosts whose next item may be taken. */
  inLine = false;
  behind: Host<T> | null = null;
  /** Runs while all items must wait for `HostState.readyAt`. For a shared host `HostTurns` has the timer. */
  timer: NodeJS.Timeout | null = null;
  /** Items that wait on disk, behind those of the queue; null when none do. */
  chain: Chain | null = null;
  /** How many items wait on disk. */
  stored = 0;
  /** Items that came after those on disk. */
  behindDisk = new Queue<T>();
  /** Whether items on disk must stay there, as the robots.txt is not known yet. */
  isHeld = false;
  /** Items whose replies have come and that wait for a probe (`Soft404`). */
  held = 0;
  /** Whether so many are held that only urgent items may begin. */
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

  /** Whether its next item is one that others wait for. */
  get isUrgent(): boolean {
    return this.queue.isUrgent;
  }

  /** Whether it has an item that may be taken, apart from limits. */
  get hasItem(): boolean {
    return this.queue.first !== null && (!this.isFull || this.isUrgent);
  }

  /** Whether it has no item at all, so that it may be forgotten. */
  get isIdle(): boolean {
    const isEmpty = this.queue.size === 0 && this.behindDisk.size === 0 && this.chain === null;
    return isEmpty && this.active === 0 && this.held === 0;
  }
}
