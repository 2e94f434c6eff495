/** The most folders that are remembered, and their bytes; the least recently used go first. */
const mostFolders = 100_000;
const mostBytes = 32 * 1024 * 1024;

/** Bytes that a folder takes besides its name, roughly. */
const overhead = 100;

/** What is known of folders, in bounded memory. */
export class RecentFolders<T> {
  readonly #known = new Map<string, T>();
  readonly #weightOf: (known: T) => number;
  #bytes = 0;

  /** @param weightOf estimates the bytes of a value */
  constructor(weightOf: (known: T) => number) {
    this.#weightOf = weightOf;
  }

  get size(): number {
    return this.#known.size;
  }

  get(folder: string): T | undefined {
    const known = this.#known.get(folder);
    if (known === undefined) return undefined;
    // Moves it to the end, as the most recently used.
    this.#known.delete(folder);
    this.#known.set(folder, known);
    return known;
  }

  /** @param folder one that is not known yet */
  set(folder: string, known: T): void {
    this.#known.set(folder, known);
    this.#bytes += this.#bytesOf(folder, known);
    for (const [oldest, its] of this.#known) {
      if (this.#known.size <= mostFolders && this.#bytes <= mostBytes) break;
      this.#known.delete(oldest);
      this.#bytes -= this.#bytesOf(oldest, its);
    }
  }

  forget(folder: string): void {
    const known = this.#known.get(folder);
    if (known === undefined) return;
    this.#known.delete(folder);
    this.#bytes -= this.#bytesOf(folder, known);
  }

  #bytesOf(folder: string, known: T): number {
    return overhead + 2 * folder.length + this.#weightOf(known);
  }
}
