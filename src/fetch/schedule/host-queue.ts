import { Queue } from './queue.ts';
import type { Linked } from './queue.ts';

/** An item of the queue of a host: it may be one that others wait for. */
export interface Awaited<T> extends Linked<T> {
  /** Set for an item that must not wait for others to end, as they may be waiting for it. */
  readonly inquiry?: object | null;
  /** The same for robots.txt. */
  readonly robotsOf?: string | null;
}

/** The items of a host in order: those that others wait for first, even before items put in front later. */
export class HostQueue<T extends Awaited<T>> {
  readonly #urgent = new Queue<T>();
  readonly #others = new Queue<T>();

  get first(): T | null {
    return this.#urgent.first ?? this.#others.first;
  }

  get size(): number {
    return this.#urgent.size + this.#others.size;
  }

  /** Whether others may wait for the next item. */
  get isUrgent(): boolean {
    return this.#urgent.first !== null;
  }

  push(item: T): void {
    this.#partOf(item).push(item);
  }

  /** Puts an item before those of its kind. */
  unshift(item: T): void {
    this.#partOf(item).unshift(item);
  }

  shift(): T | null {
    return this.#urgent.shift() ?? this.#others.shift();
  }

  /** Takes out all items behind the first `keep`, except those that others wait for. */
  cut(keep: number): Queue<T> {
    return this.#others.cut(Math.max(0, keep - this.#urgent.size));
  }

  /** Takes out all items, in order. */
  clear(): T[] {
    return [...this.#urgent.clear(), ...this.#others.clear()];
  }

  #partOf({ inquiry = null, robotsOf = null }: T): Queue<T> {
    return inquiry === null && robotsOf === null ? this.#others : this.#urgent;
  }
}
