/** Taken places that may stay at the beginning of the list however short it is. */
const spare = 64;

/** Items in the order in which they came; a step costs the same however many there are. */
export class Fifo<T extends object> {
  #items: (T | null)[] = [];
  /** How many of these have been taken. */
  #taken = 0;

  get size(): number {
    return this.#items.length - this.#taken;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** Takes the oldest item; null when there is none. */
  shift(): T | null {
    const item = this.#items[this.#taken] ?? null;
    if (item === null) return null;
    this.#items[this.#taken++] = null;
    // Those that are left move only when as many have been taken: one move for each that was.
    if (2 * this.#taken >= this.#items.length + spare) {
      this.#items = this.#items.slice(this.#taken);
      this.#taken = 0;
    }
    return item;
  }
}
