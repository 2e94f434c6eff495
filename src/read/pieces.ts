/** A piece of packed data may come out a thousand times as large. */
const pieceSize = 4096;

/** Bytes that are taken piece by piece, with the place of the next one. */
export class Pieces {
  /** How many bytes have been taken. */
  position = 0;
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(bytes: AsyncIterable<Buffer>) {
    this.#chunks = bytes[Symbol.asyncIterator]();
  }

  /** The next few bytes, one at least; null at the end. */
  async next(longest = pieceSize): Promise<Buffer | null> {
    while (this.#rest.length === 0) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return null;
      this.#rest = value;
    }
    const piece = this.#rest.subarray(0, longest);
    this.#rest = this.#rest.subarray(piece.length);
    this.position += piece.length;
    return piece;
  }

  /** Puts the last bytes of the last piece back. */
  putBack(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([bytes, this.#rest]);
    this.position -= bytes.length;
  }

  /** So many bytes; fewer at the end. */
  async take(count: number): Promise<Buffer> {
    const taken: Buffer[] = [];
    for (let missing = count; missing > 0;) {
      const piece = await this.next(missing);
      if (piece === null) break;
      taken.push(piece);
      missing -= piece.length;
    }
    return Buffer.concat(taken);
  }

  /** Lets what gives the bytes know that no more are wanted. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
