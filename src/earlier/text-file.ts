import { read } from 'node:fs';
import { promisify } from 'node:util';

const readSome = promisify(read);

/**
 * Bytes that are read at a time, and how many such blocks are kept. Rows are mostly asked for in the order of the
 * file; in random order, larger blocks would cost more than they save.
 */
const blockBytes = 8 * 1024;
const mostBlocks = 512;

/** Reads pieces of a file, mostly from blocks that were read before. */
export class TextFile {
  readonly #descriptor: number;
  /** Where the text begins in the file. */
  readonly #base: number;
  /** The blocks that were read last, by number; the oldest comes first. */
  readonly #blocks = new Map<number, Buffer>();

  constructor(descriptor: number, base: number) {
    this.#descriptor = descriptor;
    this.#base = base;
  }

  /** The bytes of the text from `start` to `end`; fewer where the file ends before. @throws the system's error */
  async read(start: number, end: number): Promise<Buffer> {
    const [from, to] = [start + this.#base, end + this.#base];
    const pieces: Buffer[] = [];
    for (let number = Math.floor(from / blockBytes); number * blockBytes < to; number++) {
      const block = this.#blocks.get(number) ?? (await this.#load(number));
      const first = number * blockBytes;
      pieces.push(block.subarray(Math.max(0, from - first), to - first));
    }
    return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
  }

  async #load(number: number): Promise<Buffer> {
    const block = Buffer.allocUnsafeSlow(blockBytes);
    let size = 0;
    while (size < blockBytes) {
      const { bytesRead } = await readSome(
        this.#descriptor,
        block,
        size,
        blockBytes - size,
        number * blockBytes + size,
      );
      if (bytesRead === 0) break;
      size += bytesRead;
    }
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size >= mostBlocks && oldest !== undefined) this.#blocks.delete(oldest);
    const bytes = block.subarray(0, size);
    this.#blocks.set(number, bytes);
    return bytes;
  }
}
