/** Rows per chunk: the bits of 8 KiB. */
const chunkRows = 65_536;

/** Stands for a chunk that has all its rows. */
const full = new Uint8Array(0);

/**
 * A set of row numbers with a bit per row, and none for a chunk that is full. Rows in input order take next to nothing; a
 * hundred million rows in random order take 12 MB.
 */
export class RowSet {
  size = 0;
  readonly #chunks: (Uint8Array | undefined)[] = [];
  readonly #counts: number[] = [];

  /** Adds the rows from `first` to `last`. */
  addRange(first: number, last: number): void {
    for (let row = first; row <= last; row++) this.add(row);
  }

  add(row: number): void {
    const index = Math.floor(row / chunkRows);
    const chunk = (this.#chunks[index] ??= new Uint8Array(chunkRows / 8));
    if (chunk === full) return;
    const byte = (row % chunkRows) >> 3;
    const bit = 1 << (row & 7);
    const had = chunk[byte] ?? 0;
    if ((had & bit) !== 0) return;
    chunk[byte] = had | bit;
    this.size++;
    const count = (this.#counts[index] ?? 0) + 1;
    this.#counts[index] = count;
    if (count === chunkRows) this.#chunks[index] = full;
  }

  has(row: number): boolean {
    const chunk = this.#chunks[Math.floor(row / chunkRows)];
    if (chunk === undefined) return false;
    return chunk === full || ((chunk[(row % chunkRows) >> 3] ?? 0) & (1 << (row & 7))) !== 0;
  }
}
