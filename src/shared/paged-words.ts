import { closeSync, readSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';

import { OutputError, systemReason } from './errors.ts';
import { openNamelessIn } from './nameless-file.ts';

/** Words of 32 bits in a page: 4 KiB, the least that a system reads. */
export const pageWords = 1024;
const pageBytes = 4 * pageWords;

interface Page {
  number: number;
  readonly words: Uint32Array;
  /** The same memory. */
  readonly bytes: Uint8Array;
  /** Whether it was used since the hand passed it. */
  isUsed: boolean;
  /** Whether it has changes that the file does not hold. */
  isDirty: boolean;
}

type Move = (file: number, bytes: Uint8Array, at: number, length: number, position: number) => number;

/**
 * An array of 32-bit words that are 0 at first, of any length. Pages for which there is no memory are in a file without a
 * name. Which page leaves memory is found by the clock algorithm: a hand goes round, and takes the first page that was
 * not used since it came by.
 *
 * Pages are read and written synchronously: they are small, and mostly still in the system's memory.
 */
export class PagedWords {
  readonly #mostPages: number;
  readonly #directories: readonly string[];
  /** By their numbers; a hole is a page in the file, or one that was never used. */
  readonly #pages: (Page | undefined)[] = [];
  readonly #inMemory: Page[] = [];
  #hand = 0;
  /** The page that was used last. */
  #last: Page | null = null;
  /** Pages that the file holds. */
  readonly #written: boolean[] = [];
  #descriptor: number | null = null;
  /** The folder of the file, for messages; until there is one, the folder that is tried last. */
  #directory: string;

  /**
   * @param memory bytes that the pages in memory may take; two pages are the least
   * @param directories where the file may be made, the first that takes it. Default: the system's for temporary files
   */
  constructor(memory: number, directories: readonly string[] = [tmpdir()]) {
    this.#mostPages = Math.max(2, Math.floor(memory / pageBytes));
    this.#directories = directories;
    this.#directory = directories.at(-1) ?? '';
  }

  /** Whether a part of the array is on disk. */
  get isOnDisk(): boolean {
    return this.#descriptor !== null;
  }

  /** @throws OutputError when the file cannot be made, written or read; so does `set` */
  get(at: number): number {
    return this.#page(Math.floor(at / pageWords)).words[at % pageWords] ?? 0;
  }

  set(at: number, word: number): void {
    const page = this.#page(Math.floor(at / pageWords));
    page.words[at % pageWords] = word;
    page.isDirty = true;
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }

  #page(number: number): Page {
    if (this.#last?.number === number) return this.#last;
    const page = this.#pages[number] ?? this.#load(number);
    page.isUsed = true;
    this.#last = page;
    return page;
  }

  #load(number: number): Page {
    const page = this.#free();
    page.number = number;
    page.isDirty = false;
    this.#pages[number] = page;
    if (this.#written[number] === true) this.#move(readSync, page);
    else page.words.fill(0);
    return page;
  }

  /** A page of memory that may be filled. */
  #free(): Page {
    if (this.#inMemory.length < this.#mostPages) {
      const words = new Uint32Array(pageWords);
      const page = {
        number: -1,
        words,
        bytes: new Uint8Array(words.buffer),
        isUsed: false,
        isDirty: false,
      };
      this.#inMemory.push(page);
      return page;
    }
    for (;;) {
      const page = this.#inMemory[this.#hand] as Page;
      this.#hand = (this.#hand + 1) % this.#inMemory.length;
      if (!page.isUsed) {
        this.#leave(page);
        return page;
      }
      page.isUsed = false;
    }
  }

  #leave(page: Page): void {
    if (page.isDirty) {
      this.#move(writeSync, page);
      this.#written[page.number] = true;
    }
    this.#pages[page.number] = undefined;
  }

  /** Writes or reads a page, however little the system takes or gives at a time. */
  #move(some: Move, { number, bytes }: Page): void {
    try {
      this.#descriptor ??= this.#open();
      for (let at = 0; at < pageBytes;) {
        const moved = some(this.#descriptor, bytes, at, pageBytes - at, number * pageBytes + at);
        if (moved === 0) throw new Error('it is shorter than what was written');
        at += moved;
      }
    } catch (error) {
      throw new OutputError(`temporary file in ${this.#directory}: ${systemReason(error)}`, { cause: error });
    }
  }

  #open(): number {
    const { descriptor, directory } = openNamelessIn(this.#directories);
    this.#directory = directory;
    return descriptor;
  }
}
