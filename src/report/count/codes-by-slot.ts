/** A code and how often it came. */
export interface Reason {
  readonly code: string;
  readonly count: number;
}

/** Codes that are counted for a slot: the first ones that come. */
const perSlot = 8;

/** Codes that are counted in all. A result of ours has fewer, but a file may hold anything. */
const mostCodes = 1000;

/** Counts codes for each of many keys, such as hosts, by their slots (`Counted.slot`), in arrays of a fixed size. */
export class CodesBySlot {
  /** The numbers of codes, from 1. In `#codes`, 0 is a free place. */
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];
  readonly #codes: Uint16Array;
  readonly #counts: Uint32Array;

  constructor(slots: number) {
    this.#codes = new Uint16Array(slots * perSlot);
    this.#counts = new Uint32Array(slots * perSlot);
  }

  add(slot: number, code: string): void {
    const number = this.#numberOf(code);
    if (number === 0) return;
    for (let at = slot * perSlot; at < (slot + 1) * perSlot; at++) {
      if (this.#codes[at] !== number && this.#codes[at] !== 0) continue;
      this.#codes[at] = number;
      this.#counts[at] = (this.#counts[at] ?? 0) + 1;
      return;
    }
  }

  clear(slot: number): void {
    this.#codes.fill(0, slot * perSlot, (slot + 1) * perSlot);
    this.#counts.fill(0, slot * perSlot, (slot + 1) * perSlot);
  }

  /** The most frequent first. */
  reasons(slot: number): Reason[] {
    const reasons: Reason[] = [];
    for (let at = slot * perSlot; at < (slot + 1) * perSlot; at++) {
      const number = this.#codes[at] ?? 0;
      if (number > 0) reasons.push({ code: this.#names[number - 1] ?? '', count: this.#counts[at] ?? 0 });
    }
    return reasons.toSorted((a, b) => b.count - a.count);
  }

  #numberOf(code: string): number {
    const known = this.#numbers.get(code);
    if (known !== undefined) return known;
    if (this.#names.length === mostCodes) return 0;
    this.#names.push(code);
    this.#numbers.set(code, this.#names.length);
    return this.#names.length;
  }
}
