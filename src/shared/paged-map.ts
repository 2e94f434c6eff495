import { hash } from 'node:crypto';

import { PagedWords } from './paged-words.ts';

/** Words of a slot: two for the hash of its key, two (low, high) for its number plus 1, which is 0 in a free slot. */
const slotWords = 4;

/** Largest share of used slots: some must be free, so that a search soon meets one and ends. */
const fullest = 0.6;

const firstSlots = 1024;

/**
 * A map from texts to numbers. Only hashes of 64 bits are kept of the texts: any two of ten million texts share one with a
 * chance of three in a million. An entry takes 27 to 54 bytes. What does not fit into memory is on disk.
 */
export class PagedMap {
  readonly #memory: number;
  readonly #directories: readonly string[] | undefined;
  #words: PagedWords;
  #slots = firstSlots;
  #entries = 0;

  /** @param memory bytes that it may take @param directories for what is on disk */
  constructor(memory: number, directories?: readonly string[]) {
    // While the map grows, there are two arrays of words.
    this.#memory = memory / 2;
    this.#directories = directories;
    this.#words = new PagedWords(this.#memory, directories);
  }

  /** @returns null when nothing is known of this text @throws OutputError when what is on disk cannot be read */
  get(key: string): number | null {
    const [low, high] = hashOf(key);
    const at = this.#find(low, high);
    const number = this.#numberAt(at);
    return number === 0 ? null : number - 1;
  }

  /** @param number a whole one below 2^52 @throws OutputError when what is on disk cannot be written */
  set(key: string, number: number): void {
    if (this.#entries >= this.#slots * fullest) this.#grow();
    const [low, high] = hashOf(key);
    this.#put(low, high, number + 1);
  }

  close(): void {
    this.#words.close();
  }

  #put(low: number, high: number, number: number): void {
    const at = this.#find(low, high);
    if (this.#numberAt(at) === 0) this.#entries++;
    this.#words.set(at, low);
    this.#words.set(at + 1, high);
    this.#words.set(at + 2, number % 2 ** 32);
    this.#words.set(at + 3, Math.floor(number / 2 ** 32));
  }

  #numberAt(at: number): number {
    return this.#words.get(at + 3) * 2 ** 32 + this.#words.get(at + 2);
  }

  /** The slot of this hash, or the free one where it belongs. */
  #find(low: number, high: number): number {
    for (let slot = low % this.#slots; ; slot = (slot + 1) % this.#slots) {
      const at = slot * slotWords;
      if (this.#numberAt(at) === 0) return at;
      if (this.#words.get(at) === low && this.#words.get(at + 1) === high) return at;
    }
  }

  #grow(): void {
    const old = this.#words;
    const end = this.#slots * slotWords;
    this.#words = new PagedWords(this.#memory, this.#directories);
    this.#slots *= 2;
    this.#entries = 0;
    for (let at = 0; at < end; at += slotWords) {
      const number = old.get(at + 3) * 2 ** 32 + old.get(at + 2);
      if (number !== 0) this.#put(old.get(at), old.get(at + 1), number);
    }
    old.close();
  }
}

function hashOf(key: string): readonly [low: number, high: number] {
  const digest = hash('sha256', key, 'buffer');
  return [digest.readUInt32LE(0), digest.readUInt32LE(4)];
}
