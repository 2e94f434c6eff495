/** An item of an `IdleList`, which refers to its neighbours. */
export interface Idle<T> {
  older: T | null;
  newer: T | null;
}

/** A linked list of items, oldest first. `isOver` tells when there are more than `most`. All steps are O(1). */
export class IdleList<T extends Idle<T>> {
  /** The item that was put in first. */
  oldest: T | null = null;
  readonly #most: number;
  #newest: T | null = null;
  #size = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether there is one more than there should be: remove the oldest. */
  get isOver(): boolean {
    return this.#size > this.#most;
  }

  push(item: T): void {
    item.older = this.#newest;
    if (this.#newest === null) this.oldest = item;
    else this.#newest.newer = item;
    this.#newest = item;
    this.#size++;
  }

  remove(item: T): void {
    const { older, newer } = item;
    if (older === null) this.oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    item.older = null;
    item.newer = null;
    this.#size--;
  }
}
