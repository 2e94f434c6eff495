/** Bytes of a piece: few, as packed data may unpack to a thousand times its size. */
const pieceSize = 4096;

/** Bytes that are taken piece by piece, with the place of the next one. */
export class Pieces {
  /** How many bytes have been taken. */
  position = 0;
  readonly #chunks: AsyncIterator<Buffer>;
  #chunk: Buffer = Buffer.alloc(0);
  /** How much of the chunk has been taken. */
  #at = 0;

  constructor(bytes: AsyncIterable<Buffer>) {
    this.#chunks = bytes[Symbol.asyncIterator]();
  }

  /** The next few bytes, one at least; null at the end. */
  async next(longest = pieceSize): Promise<Buffer | null> {
    while (this.#at === this.#chunk.length) {
      const { done, value } = await this.#chunks.next();
      if (done === true) return null;
      this.#chunk = value;
      this.#at = 0;
    }
    const piece = this.#chunk.subarray(this.#at, this.#at + longest);
    this.#at += piece.length;
    this.position += piece.length;
    return piece;
  }

  /** Puts the last `count` bytes of the last piece back. */
  putBack(count: number): void {
    this.#at -= count;
    this.position -= count;
  }

  /** The next `count` bytes; fewer at the end. */
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

  /** Closes the source: no more bytes are wanted. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
