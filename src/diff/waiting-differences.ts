import { OutputError, systemReason } from '../shared/errors.ts';
import { closeFile, openNamelessIn, readWhole, writeWhole } from '../shared/nameless-file.ts';
import type { Difference } from './differences.ts';

/** Characters that are written at a time, roughly. */
const blockSize = 256 * 1024;

/**
 * Keeps differences in a temporary file without a name until the last one is known: the header, which is written
 * first, names only columns that differ in some row.
 */
export class WaitingDifferences {
  readonly #directories: readonly string[];
  #descriptor: number | null = null;
  #directory: string;
  /** Lengths in bytes of the blocks in the file; `#end` is their sum. */
  readonly #blocks: number[] = [];
  #end = 0;
  /** Differences that are not written yet, as JSON; `#size` is their length in characters. */
  #waiting: string[] = [];
  #size = 0;

  /** @param directories folders to try for the file, in order */
  constructor(directories: readonly string[]) {
    this.#directories = directories;
    this.#directory = directories.at(-1) ?? '';
  }

  /** @throws OutputError when the file cannot be written */
  async add(difference: Difference): Promise<void> {
    const json = JSON.stringify(difference);
    this.#waiting.push(json);
    this.#size += json.length;
    if (this.#size >= blockSize) await this.#named(() => this.#write());
  }

  /** All differences, in the order in which they were added. @throws OutputError when the file cannot be read */
  async *all(): AsyncGenerator<Difference> {
    let at = 0;
    for (const length of this.#blocks) {
      const position = at;
      at += length;
      const block = await this.#named(() => readWhole(this.#descriptor ?? -1, position, length));
      yield* JSON.parse(block.toString()) as Difference[];
    }
    yield* JSON.parse(`[${this.#waiting.join(',')}]`) as Difference[];
  }

  async close(): Promise<void> {
    if (this.#descriptor !== null) await closeFile(this.#descriptor).catch(() => {});
    this.#descriptor = null;
  }

  async #write(): Promise<void> {
    const block = Buffer.from(`[${this.#waiting.join(',')}]`);
    this.#waiting = [];
    this.#size = 0;
    if (this.#descriptor === null) {
      const { descriptor, directory } = openNamelessIn(this.#directories);
      this.#descriptor = descriptor;
      this.#directory = directory;
    }
    await writeWhole(this.#descriptor, block, this.#end);
    this.#blocks.push(block.length);
    this.#end += block.length;
  }

  async #named<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw new OutputError(`temporary file in ${this.#directory}: ${systemReason(error)}`, { cause: error });
    }
  }
}
