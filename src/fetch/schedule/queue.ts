/** An item of a queue: it has the link to the one behind it. */
export interface Linked<T> {
  next: T | null;
}

/** Items in the order in which they came. */
export class Queue<T extends Linked<T>> {
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
