/** Empty places at the start of the list that are tolerated however short it is. */
const spare = 64;

/** A first-in, first-out queue. All steps are amortized O(1). */
export class Fifo<T extends object> {
  #items: (T | null)[] = [];
  /** How many of them were taken: empty places at the start. */
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
    // The rest moves only after as many items were taken, so each taken item pays for one move.
    if (2 * this.#taken >= this.#items.length + spare) {
      this.#items = this.#items.slice(this.#taken);
      this.#taken = 0;
    }
    return item;
  }
}
