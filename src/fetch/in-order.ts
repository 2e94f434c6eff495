/** Sorts a stream of items by their sequence numbers, which start at 0. */
export class InOrder<T> {
  readonly #waiting = new Map<number, T>();
  readonly #give: (item: T) => void;
  #next = 0;

  constructor(give: (item: T) => void) {
    this.#give = give;
  }

  /** How many items wait for an earlier one. */
  get size(): number {
    return this.#waiting.size;
  }

  put(item: T, sequence: number): void {
    this.#waiting.set(sequence, item);
    for (;;) {
      const next = this.#waiting.get(this.#next);
      if (next === undefined) return;
      this.#waiting.delete(this.#next++);
      this.#give(next);
    }
  }

  /** Gives the remaining items in order, when the missing ones will never come. */
  end(): void {
    const left = [...this.#waiting].toSorted(([a], [b]) => a - b);
    this.#waiting.clear();
    for (const [, item] of left) this.#give(item);
  }
}
