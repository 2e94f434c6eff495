import { tmpdir } from 'node:os';

import { systemReason } from '../../shared/errors.ts';
import { closeFile, openNameless, readWhole, truncateFile, writeWhole } from './nameless-file.ts';

/** A queue of blocks in the file. Plain state: only SpillFile changes it. */
export interface Chain {
  /** How many blocks wait. */
  blocks: number;
  /** Where the first blocks are, as position and length; in reverse, so that the next to go is at the end. */
  first: number[];
  /** Where the last blocks are, in order. */
  last: number[];
  /** The places of all blocks in between, in lots that are blocks of the file themselves. */
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

/** Bytes that are worth a write; fewer may stay in memory for good. */
const leastWrite = 256 * 1024;
/** Bytes after which a write takes no further block. */
const enoughForWrite = 1024 * 1024;
/** How many places make a lot. */
const lot = 16;

/**
 * A temporary file that holds many queues of blocks. What is in the file never changes, new blocks go behind all
 * others: so no write has to be in order with a read. When nothing waits any more the file is emptied.
 *
 * In memory are what is not written yet and the places of fewer than 32 blocks of a chain; the places of longer
 * chains are a chain in the file too, and so on: 1,000,000 blocks make five such steps.
 */
export class SpillFile {
  readonly #directories: readonly string[];
  /** The one of them that was tried last. */
  #directory = '';
  readonly #onFull: (reason: string) => void;
  readonly #onWritten: () => void;
  readonly #start: number;
  /** Opened when there is something to write, null again once it is closed. */
  #descriptor: number | null = null;
  /** What is in the file up to here is written; the next block goes to `#end`. */
  #written: number;
  #end: number;
  /** The blocks from `#written` to `#end` by position, in that order. */
  readonly #unwritten = new Map<number, Buffer>();
  /** Blocks of all chains that wait or are being read, lots of places among them. */
  #blocks = 0;
  #full = false;
  #working = false;
  #work: Promise<void> | null = null;
  readonly #reads = new Set<Promise<Buffer>>();
  #closing: Promise<void> | null = null;

  constructor(options: SpillFileOptions = {}) {
    const { directories = [tmpdir()], onFull = ignore, onWritten = ignore, start = 0 } = options;
    this.#directories = directories;
    this.#onFull = onFull;
    this.#onWritten = onWritten;
    this.#start = start;
    this.#written = start;
    this.#end = start;
  }

  /** Bytes that are not on disk. Up to 256 KiB are never written: do not wait for less. */
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
   * Takes the chain's first block off; others may be appended meanwhile, but only one taken at a time.
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

  /** Closes the file once what runs has ended. Blocks that wait are lost. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const descriptor = this.#descriptor;
    // From now on nothing begins that needs it.
    this.#descriptor = null;
    this.#full = true;
    this.#unwritten.clear();
    // Else the number of the descriptor could be another file's before they end.
    await Promise.allSettled([this.#work, ...this.#reads]);
    // Nothing of worth is in it, so it does not matter how this ends.
    if (descriptor !== null) await closeFile(descriptor).catch(ignore);
  }

  #inMemory(position: number, length: number): Buffer | undefined {
    if (length === 0) return Buffer.alloc(0);
    const block = this.#unwritten.get(position);
    // Else it goes when it is written.
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

  /** All that changes the file, one after the other. */
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

  /** @throws the system's error for the last folder */
  #open(): number {
    let failure: unknown;
    for (this.#directory of this.#directories) {
      try {
        return openNameless(this.#directory);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
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
