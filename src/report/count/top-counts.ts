import { ownText } from '../../shared/own-text.ts';

/** A key and how often it was added. */
export interface Counted {
  readonly key: string;
  /** May be too high by `over`, and is never too low. */
  readonly count: number;
  /** 0 for a count that is exact. */
  readonly over: number;
  /** An index below the capacity that no other present key has, for figures of the key that are kept elsewhere. */
  readonly slot: number;
}

interface Entry {
  key: string;
  count: number;
  over: number;
  slot: number;
  /** Its place in the heap. */
  at: number;
}

/**
 * Counts keys in bounded memory. All counts are exact until there are more keys than `capacity`. After that a new key takes
 * the place of the rarest one and goes on from its count: the algorithm Space-Saving (Metwally, Agrawal and El Abbadi
 * 2005). Every key with more than `total / capacity` is present then, and `over` bounds the error of each count.
 */
export class TopCounts {
  total = 0;
  isExact = true;
  readonly #capacity: number;
  readonly #entries = new Map<string, Entry>();
  /** A binary heap: the entry with the least count comes first. */
  readonly #heap: Entry[] = [];

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** How many keys are present. */
  get size(): number {
    return this.#heap.length;
  }

  /** @param onNew gets the slot if the key was not present: what is kept there is of another key, or of none */
  add(key: string, onNew?: (slot: number) => void): Counted {
    this.total++;
    const entry = this.#entries.get(key) ?? this.#place(key, onNew);
    entry.count++;
    this.#sink(entry);
    return entry;
  }

  get(key: string): Counted | undefined {
    return this.#entries.get(key);
  }

  /** The keys with the highest certain counts (`count - over`), the highest first. */
  top(most: number): Counted[] {
    return this.all()
      .toSorted((a, b) => b.count - b.over - (a.count - a.over) || (a.key < b.key ? -1 : 1))
      .slice(0, most);
  }

  all(): readonly Counted[] {
    return this.#heap;
  }

  #place(key: string, onNew?: (slot: number) => void): Entry {
    const rarest = this.#heap[0];
    let entry: Entry;
    if (this.#heap.length < this.#capacity || rarest === undefined) {
      const slot = this.#heap.length;
      entry = { key: ownText(key), count: 0, over: 0, slot, at: slot };
      this.#heap.push(entry);
      this.#rise(entry);
    } else {
      this.isExact = false;
      entry = rarest;
      this.#entries.delete(entry.key);
      entry.key = ownText(key);
      entry.over = entry.count;
    }
    this.#entries.set(entry.key, entry);
    onNew?.(entry.slot);
    return entry;
  }

  #rise(entry: Entry): void {
    while (entry.at > 0) {
      const above = this.#heap[(entry.at - 1) >> 1] as Entry;
      if (above.count <= entry.count) return;
      this.#swap(above, entry);
    }
  }

  #sink(entry: Entry): void {
    for (;;) {
      const left = this.#heap[2 * entry.at + 1];
      const right = this.#heap[2 * entry.at + 2];
      const less = right !== undefined && left !== undefined && right.count < left.count ? right : left;
      if (less === undefined || less.count >= entry.count) return;
      this.#swap(entry, less);
    }
  }

  /** @param above moves to the place of `below`, and the other way round */
  #swap(above: Entry, below: Entry): void {
    [above.at, below.at] = [below.at, above.at];
    this.#heap[above.at] = above;
    this.#heap[below.at] = below;
  }
}
