import { RowSet } from '../shared/row-set.ts';
import { PagedWords, pageWords } from '../shared/paged-words.ts';

/** Words of a row: its hash, where it starts (low and high word), and the next row of its chain. */
const rowWords = 4;
const [hashAt, lowAt, highAt, nextAt] = [0, 1, 2, 3];
/** A flag in the high word of a row's start: the row has no key. */
const noKey = 0x8000_0000;

/**
 * Finds where rows of a file start, by the hash of their keys: a hash table whose chains are in the order of the
 * file. A row takes 20 bytes and a bit. What does not fit into memory is on disk.
 *
 * Rows are added first, then `finish()` makes the chains, then rows are found and taken. `find()` removes taken rows
 * from their chain, so a key that a million rows share costs each of them a single step.
 */
export class RowIndex {
  readonly #words: PagedWords;
  readonly #memory: number;
  readonly #taken = new RowSet();
  #rows = 0;
  /**
   * The word at which the heads of the chains begin, one per row. Heads and links are row numbers from 1; 0 ends a
   * chain.
   */
  #heads = 0;

  /** @param memory bytes that it may take, besides the bit per row @param directories for the part that is on disk */
  constructor(memory: number, directories?: readonly string[]) {
    this.#memory = memory;
    this.#words = new PagedWords(memory, directories);
  }

  get rows(): number {
    return this.#rows;
  }

  get isOnDisk(): boolean {
    return this.#words.isOnDisk;
  }

  /** Adds a row behind the others. @param start in bytes @param hash 32 bits; null for a row without a key */
  add(start: number, hash: number | null): void {
    const at = this.#rows++ * rowWords;
    const high = Math.floor(start / 2 ** 32);
    this.#words.set(at + hashAt, hash ?? 0);
    this.#words.set(at + lowAt, start % 2 ** 32);
    this.#words.set(at + highAt, hash === null ? high + noKey : high);
  }

  /**
   * Makes the chains, from the last row to the first. Heads are met in random order, so if they do not fit into half
   * of the memory, a part of them is made at a time, each with a pass over all rows. There are at most 64 parts: with
   * less memory than these need, pages go to disk and back instead.
   */
  finish(): void {
    const words = this.#words;
    this.#heads = Math.ceil((this.#rows * rowWords) / pageWords) * pageWords;
    const part = Math.max(Math.floor(this.#memory / 8), Math.ceil(this.#rows / 64));
    for (let from = 0; from < this.#rows; from += part) {
      for (let row = this.#rows - 1; row >= 0; row--) {
        const at = row * rowWords;
        if (words.get(at + highAt) >= noKey) continue;
        const bucket = this.#bucket(words.get(at + hashAt));
        if (bucket < from || bucket >= from + part) continue;
        const next = words.get(this.#heads + bucket);
        if (next !== 0) words.set(at + nextAt, next);
        words.set(this.#heads + bucket, row + 1);
      }
    }
  }

  /** Indexes (from 0) of the rows with this hash that were not taken, in the order of the file. */
  *find(hash: number): Generator<number> {
    if (this.#rows === 0) return;
    let link = this.#heads + this.#bucket(hash);
    for (;;) {
      const next = this.#words.get(link);
      if (next === 0) return;
      const at = (next - 1) * rowWords;
      if (this.#taken.has(next - 1)) this.#words.set(link, this.#words.get(at + nextAt));
      else {
        if (this.#words.get(at + hashAt) === hash) yield next - 1;
        link = at + nextAt;
      }
    }
  }

  take(row: number): void {
    this.#taken.add(row);
  }

  isTaken(row: number): boolean {
    return this.#taken.has(row);
  }

  /** Where a row starts, in bytes. */
  start(row: number): number {
    const at = row * rowWords;
    return (this.#words.get(at + highAt) % noKey) * 2 ** 32 + this.#words.get(at + lowAt);
  }

  close(): void {
    this.#words.close();
  }

  #bucket(hash: number): number {
    return Math.floor((hash / 2 ** 32) * this.#rows);
  }
}
