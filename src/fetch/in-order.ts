/** Gives back in the order of their sequence numbers what comes in any order. */
export class InOrder<T> {
  readonly #waiting = new Map<number, T>();
  readonly #give: (item: T) => void;
  #next = 0;

  constructor(give: (item: T) => void) {
    this.#give = give;
  }

  /** How many wait for one before them. */
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

  /** Gives what is left, over the gaps of numbers that will never come. */
  end(): void {
    const left = [...this.#waiting].toSorted(([a], [b]) => a - b);
    this.#waiting.clear();
    for (const [, item] of left) this.#give(item);
  }
}
