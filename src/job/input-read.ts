import { recordSample } from '../read/record-sample.ts';
import type { RecordSample } from '../read/record-sample.ts';
import type { ReadState } from '../read/rows.ts';
import type { Source } from '../read/source.ts';

/** How much of its input a job has read. */
export interface InputRead {
  /** Rows so far. */
  readonly read: number;
  /** Rows in all; null while that cannot be told. */
  readonly total: number | null;
  /** Whether all are read; before that the total is an estimate. */
  readonly exact: boolean;
}

export interface InputOptions {
  readonly limit?: number | undefined;
  readonly quote?: string | undefined;
}

/**
 * Tells how many rows an input has. Until all are read, the records of regular files are counted, or estimated from
 * samples of the files, once somebody asks: a run that nobody watches saves that work. For other inputs the total is
 * estimated from the rows and bytes read so far, if their size is known.
 */
export class InputSize {
  readonly #state: ReadState;
  readonly #sources: readonly Source[];
  readonly #options: InputOptions;
  #asked: Promise<void> | null = null;
  /** A sample of each source; null before they are taken, and if one source could not be sampled. */
  #samples: readonly RecordSample[] | null = null;

  constructor(state: ReadState, sources: readonly Source[], options: InputOptions) {
    this.#state = state;
    this.#sources = sources;
    this.#options = options;
  }

  now(): InputRead {
    const { rows, done } = this.#state;
    if (done) return { read: rows, total: rows, exact: true };
    void this.sampled();
    const total = this.#total();
    const { limit = Infinity } = this.#options;
    if (total === null || !Number.isFinite(total)) return { read: rows, total: null, exact: false };
    return { read: rows, total: Math.min(Math.max(Math.round(total), rows), limit), exact: false };
  }

  /** Samples the files, once, as soon as it is known how they are written. */
  async sampled(): Promise<void> {
    const { dialect, table } = this.#state;
    if (dialect === null || table === null) return;
    this.#asked ??= this.#sample({ ...dialect, quote: this.#options.quote });
    await this.#asked;
  }

  async #sample(written: Parameters<typeof recordSample>[1]): Promise<void> {
    // The reader of the rows reports a file that cannot be read.
    const samples = await Promise.all(
      this.#sources.map(async (source) => recordSample(source, written).catch(() => null)),
    );
    if (samples.every((sample) => sample !== null)) this.#samples = samples;
  }

  #total(): number | null {
    const { table, settled } = this.#state;
    if (this.#samples === null) {
      const size = sumOf(this.#sources, (source) => source.size ?? Number.NaN);
      return settled.rows === 0 ? null : (settled.rows / settled.bytes) * size;
    }
    const header = table?.header === true ? 1 : 0;
    // The rows before this byte are counted already; before the first row, none are.
    let position = settled.rows === 0 ? 0 : settled.bytes;
    const left = sumOf(this.#samples, ({ behind }, i) => {
      const read = Math.max(0, position);
      position -= this.#sources[i]?.size ?? 0;
      return behind(read) - (read === 0 ? header : 0);
    });
    return settled.rows + left;
  }
}

function sumOf<T>(items: readonly T[], value: (item: T, index: number) => number): number {
  return items.reduce((sum, item, index) => sum + value(item, index), 0);
}
