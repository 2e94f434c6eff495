/** Rows of a chunk: as many as bits in 8 KiB. */
const chunkRows = 65_536;

/** A chunk with nothing missing. */
const full = new Uint8Array(0);

/**
 * A set of row numbers: a bit each, and none for a chunk that is full. Up to the first row that is missing it so takes
 * next to nothing, and beyond that 12 MB for a hundred million rows.
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
