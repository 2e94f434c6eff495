import { tmpdir } from 'node:os';

import { systemReason } from '../../shared/errors.ts';
import {
  closeFile,
  openNamelessIn,
  readWhole,
  truncateFile,
  writeWhole,
} from '../../shared/nameless-file.ts';

/** A queue of blocks in the file. Plain state: only SpillFile changes it. */
export interface Chain {
  /** How many blocks wait. */
  blocks: number;
  /** Position and length of the first blocks, in reverse order: the next block to be read stands at the end. */
  first: number[];
  /** Position and length of the last blocks, in order. */
  last: number[];
  /** Positions and lengths of all blocks in between. They are written to the file too, 16 to a block of their own. */
  between: Chain | null;
}

export interface SpillFileOptions {
  /** The file is made in the first of these folders that takes it. Default: the system's for temporary files. */
  readonly directories?: readonly string[] | undefined;
  /** Called once, when the file takes no more, with the reason in words. */
  readonly onFull?: (reason: string) => void;
  /** Called whenever `pending` has fallen. */
  readonly onWritten?: () => void;
  /** Where in the file the first block goes, in bytes. Default: 0. */
  readonly start?: number;
}

/** A write begins when this many bytes wait. Fewer may stay in memory for good. */
const leastWrite = 256 * 1024;
/** A write takes no further block once it has this many bytes. */
const enoughForWrite = 1024 * 1024;
/** This many places (position and length of a block) are written to the file together, as one block. */
const lot = 16;

/**
 * A temporary file that holds many queues of blocks. A block in the file never changes, and new ones go behind all
 * others, so reads and writes need no order between them. When no block waits any more, the file is emptied.
 *
 * Memory holds the blocks that are not written yet, and of each chain the places of fewer than 32 blocks. The places
 * of a longer chain form a chain in the file themselves, and so on: 1,000,000 blocks need five such levels.
 */
export class SpillFile {
  readonly #directories: readonly string[];
  /** The folder of the file; before it is opened, the last folder that is tried. */
  #directory: string;
  readonly #onFull: (reason: string) => void;
  readonly #onWritten: () => void;
  readonly #start: number;
  /** Null before the first write and after `close`. */
  #descriptor: number | null = null;
  /** Everything before `#written` is on disk; the next block goes to `#end`. */
  #written: number;
  #end: number;
  /** The blocks from `#written` to `#end` by position, in that order. */
  readonly #unwritten = new Map<number, Buffer>();
  /** How many blocks of all chains wait or are being read, those that hold places included. */
  #blocks = 0;
  #full = false;
  #working = false;
  #work: Promise<void> | null = null;
  readonly #reads = new Set<Promise<Buffer>>();
  #closing: Promise<void> | null = null;

  constructor(options: SpillFileOptions = {}) {
    const { directories = [tmpdir()], onFull = ignore, onWritten = ignore, start = 0 } = options;
    this.#directories = directories;
    this.#directory = directories.at(-1) ?? '';
    this.#onFull = onFull;
    this.#onWritten = onWritten;
    this.#start = start;
    this.#written = start;
    this.#end = start;
  }

  /** Bytes that are not on disk. Fewer than 256 KiB may stay so for good: do not wait for less. */
  get pending(): number {
    return this.#end - this.#written;
  }

  /** The disk takes no more, or the file was closed: what is appended from now on stays in memory. */
  get full(): boolean {
    return this.#full;
  }

  /** A new chain without blocks. It needs no end: an empty one may be forgotten. */
  chain(): Chain {
    return { blocks: 0, first: [], last: [], between: null };
  }

  /** Puts a block behind the chain's others, to be written later: from now on nobody may change it. */
  append(chain: Chain, block: Buffer): void {
    chain.blocks++;
    this.#blocks++;
    chain.last.push(this.#end, block.length);
    if (block.length > 0) this.#unwritten.set(this.#end, block);
    this.#end += block.length;
    if (chain.last.length === 2 * lot) {
      chain.between ??= this.chain();
      this.append(chain.between, toBlock(chain.last));
      chain.last = [];
    }
    if (this.pending >= leastWrite) this.#wake();
  }

  /**
   * Takes the chain's first block off. Blocks may be appended meanwhile, but the next one may be taken only when this
   * one has come.
   *
   * @throws Error when the file cannot be read: blocks are lost and the chain is of no use any more
   * @throws RangeError when the chain has no block
   */
  async shift(chain: Chain): Promise<Buffer> {
    if (chain.blocks === 0) throw new RangeError('no block waits in this chain');
    chain.blocks--;
    if (chain.first.length === 0) {
      const { between } = chain;
      if (between !== null && between.blocks > 0) chain.first = toPlaces(await this.shift(between));
      else [chain.first, chain.last] = [chain.last, []];
      chain.first.reverse();
    }
    const position = chain.first.pop() as number;
    const length = chain.first.pop() as number;
    const block = this.#inMemory(position, length) ?? (await this.#read(position, length));
    this.#blocks--;
    if (this.#blocks === 0) this.#wake();
    return block;
  }

  /** Closes the file, once reads and writes that run have ended. Blocks that wait are lost. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const descriptor = this.#descriptor;
    // From now on no read or write begins.
    this.#descriptor = null;
    this.#full = true;
    this.#unwritten.clear();
    // A descriptor that is closed while an operation runs may be given to another file before that ends.
    await Promise.allSettled([this.#work, ...this.#reads]);
    // Nobody needs the content any more, so an error does not matter.
    if (descriptor !== null) await closeFile(descriptor).catch(ignore);
  }

  #inMemory(position: number, length: number): Buffer | undefined {
    if (length === 0) return Buffer.alloc(0);
    const block = this.#unwritten.get(position);
    // While the file takes more, `#writeBatch` removes the block once it is written.
    if (this.#full) this.#unwritten.delete(position);
    return block;
  }

  async #read(position: number, length: number): Promise<Buffer> {
    if (this.#descriptor === null) throw new Error('the temporary file is closed');
    const reading = readWhole(this.#descriptor, position, length);
    this.#reads.add(reading);
    try {
      return await reading;
    } catch (error) {
      throw new Error(`temporary file in ${this.#directory}: cannot be read: ${systemReason(error)}`, {
        cause: error,
      });
    } finally {
      this.#reads.delete(reading);
    }
  }

  #wake(): void {
    if (this.#working) return;
    this.#working = true;
    this.#work = this.#writeAndEmpty();
  }

  /** Runs what changes the file, one operation after the other. */
  async #writeAndEmpty(): Promise<void> {
    for (;;) {
      const isEmpty = this.#blocks === 0 && this.#end > this.#start;
      if (!isEmpty && (this.#full || this.pending < leastWrite)) break;
      try {
        if (isEmpty) await this.#empty();
        else await this.#writeBatch();
      } catch (error) {
        this.#fail(error);
      }
      if (!this.#full) this.#onWritten();
    }
    this.#working = false;
  }

  async #empty(): Promise<void> {
    const isWritten = this.#written > this.#start;
    this.#unwritten.clear();
    this.#written = this.#start;
    this.#end = this.#start;
    if (isWritten && this.#descriptor !== null) await truncateFile(this.#descriptor, 0);
  }

  async #writeBatch(): Promise<void> {
    this.#descriptor ??= this.#open();
    const batch: Buffer[] = [];
    let bytes = 0;
    for (const block of this.#unwritten.values()) {
      batch.push(block);
      bytes += block.length;
      if (bytes >= enoughForWrite) break;
    }
    await writeWhole(this.#descriptor, Buffer.concat(batch, bytes), this.#written);
    this.#written += bytes;
    for (const position of this.#unwritten.keys()) {
      if (position >= this.#written) break;
      this.#unwritten.delete(position);
    }
  }

  #open(): number {
    const { descriptor, directory } = openNamelessIn(this.#directories);
    this.#directory = directory;
    return descriptor;
  }

  #fail(error: unknown): void {
    if (this.#full) return;
    this.#full = true;
    this.#onFull(`temporary file in ${this.#directory}: cannot be written: ${systemReason(error)}`);
  }
}

function toBlock(places: readonly number[]): Buffer {
  return Buffer.from(new Float64Array(places).buffer);
}

function toPlaces(block: Buffer): number[] {
  // Copied, as numbers must be aligned.
  return [...new Float64Array(Uint8Array.from(block).buffer)];
}

function ignore(): void {}
