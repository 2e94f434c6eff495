import { Queue } from './queue.ts';
import type { Linked } from './queue.ts';

/** An item of the queue of a host: it may be one that others wait for. */
export interface Awaited<T> extends Linked<T> {
  /** What must not wait for others to end, if it is any: they may be waiting for it. */
  readonly inquiry?: object | null;
  /** The origin whose robots.txt it fetches: others wait for that, what they must not wait for among them. */
  readonly robotsOf?: string | null;
}

/** The items of a host in order: first those that others wait for, whatever has been put in front of others since. */
export class HostQueue<T extends Awaited<T>> {
  readonly #awaited = new Queue<T>();
  readonly #others = new Queue<T>();

  get first(): T | null {
    return this.#awaited.first ?? this.#others.first;
  }

  get size(): number {
    return this.#awaited.size + this.#others.size;
  }

  /** Whether the next item must not wait for others. */
  get isUrgent(): boolean {
    return (this.#awaited.first?.inquiry ?? null) !== null;
  }

  /** Whether an item may be taken that others wait for. */
  get isAwaited(): boolean {
    return this.#awaited.first !== null;
  }

  push(item: T): void {
    this.#partOf(item).push(item);
  }

  /** Puts an item before those of its kind. */
  unshift(item: T): void {
    this.#partOf(item).unshift(item);
  }

  shift(): T | null {
    return this.#awaited.shift() ?? this.#others.shift();
  }

  /** Takes out all items behind the first `keep` but those that others wait for. */
  cut(keep: number): Queue<T> {
    return this.#others.cut(Math.max(0, keep - this.#awaited.size));
  }

  /** Takes out all items, in order. */
  clear(): T[] {
    return [...this.#awaited.clear(), ...this.#others.clear()];
  }

  #partOf({ inquiry = null, robotsOf = null }: T): Queue<T> {
    return inquiry === null && robotsOf === null ? this.#others : this.#awaited;
  }
}
