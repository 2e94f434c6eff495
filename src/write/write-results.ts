import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { gzipSync } from 'node:zlib';

import { UsageError } from '../errors.ts';
import { readSaid } from '../options/resolve.ts';
import { outputOptions } from '../options/table.ts';
import type { SaidOf } from '../options/table.ts';
import type { Result, Table } from '../records.ts';
import { chosenColumns } from './columns.ts';
import { formatters } from './formats.ts';
import type { Formatter, OutputFormat } from './formats.ts';
import { layoutOf } from './layout.ts';
import type { AddedColumns, Layout } from './layout.ts';

const { outputFormat, columns, prefix } = outputOptions;
const writeOptions = { outputFormat, columns, prefix };

/** Those Output options of the command that shape the bytes, camelCase, and the columns of processors. */
export interface WriteResultsOptions extends SaidOf<typeof writeOptions> {
  /** Names of the processors' columns that are written, in order. Default: none. */
  readonly processed?: readonly string[];
}

/**
 * A Transform from the results of `fetchUrls()` to the bytes of a CSV, TSV or JSON Lines file: every record's own
 * cells, then the result columns, then the processors' columns.
 *
 * The stream fails with a UsageError when the input has a processor's column already.
 *
 * @throws UsageError when an option is wrong
 */
export function writeResults(options: WriteResultsOptions = {}): WriteResults {
  const { processed = [], ...said } = options;
  const { outputFormat: format = 'csv', columns: list, prefix: text } = readSaid(writeOptions, said);
  return new WriteResults({ format, added: { results: chosenColumns(list), processed, prefix: text } });
}

export interface WriterSettings {
  readonly format: OutputFormat;
  readonly added: AddedColumns;
  /** Each batch becomes a gzip member of its own, so a file that is cut between two stays whole. */
  readonly gzip?: boolean;
  /** The table of an input without records, for the header. */
  readonly emptyTable?: () => Table | null;
  /** How many of the bytes given are known to be written. */
  readonly written?: () => number;
  /** Called for each row that is formatted. */
  readonly onRow?: (result: Result) => void;
}

/** Rows are given on together, this many characters at a time: one write per row costs more than making the row. */
const batchSize = 64 * 1024;
/** Compression gains from larger pieces. */
const gzipBatchSize = 512 * 1024;
/** No row waits longer than this for others, in milliseconds. */
const batchDelay = 50;

/** The end of a batch in the output. */
interface Mark {
  readonly bytes: number;
  readonly rows: number;
}

export class WriteResults extends Transform {
  readonly #settings: WriterSettings;
  readonly #formatter: Formatter;
  readonly #batchSize: number;
  #layout: Layout | null = null;
  #table: Table | null = null;
  /** What is formatted and not given on. */
  #batch = '';
  #timer: NodeJS.Timeout | null = null;
  /** Asks for the next row, once there is room for it. */
  #onRoom: TransformCallback | null = null;
  /** What was given on and not known to be written: bytes and rows up to the end of each batch. */
  #marks: Mark[] = [];
  #bytes = 0;
  #rows = 0;
  #safe: Mark = { bytes: 0, rows: 0 };

  /** @internal use `writeResults()` */
  constructor(settings: WriterSettings) {
    super({ writableObjectMode: true });
    this.#settings = settings;
    this.#formatter = formatters[settings.format];
    this.#batchSize = settings.gzip === true ? gzipBatchSize : batchSize;
  }

  /** How many rows are written for certain, as far as `written` tells. */
  get safeRows(): number {
    this.#settle();
    return this.#safe.rows;
  }

  /** Where the last of them ends. */
  get safeBytes(): number {
    this.#settle();
    return this.#safe.bytes;
  }

  override _transform(result: Result, _encoding: string, callback: TransformCallback): void {
    try {
      this.#batch += this.#formatter.row(result, this.#layoutFor(result.row.table));
      this.#rows++;
      this.#settings.onRow?.(result);
      if (this.#batch.length >= this.#batchSize) this.#giveBatch();
      else this.#timer ??= setTimeout(() => this.#giveBatch(), batchDelay);
    } catch (error) {
      return callback(error as Error);
    }
    // Transform itself looks only at what is pushed within this call, and so misses batches given by the timer.
    if (this.readableLength < this.readableHighWaterMark) return callback();
    this.#onRoom = callback;
    return undefined;
  }

  override _read(size: number): void {
    const callback = this.#onRoom;
    this.#onRoom = null;
    callback?.();
    super._read(size);
  }

  override _flush(callback: TransformCallback): void {
    try {
      const table = this.#settings.emptyTable?.() ?? null;
      if (table !== null) this.#layoutFor(table);
      this.#giveBatch();
    } catch (error) {
      return callback(error as Error);
    }
    return callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    callback(error);
  }

  /** The first row tells what all rows look like. */
  #layoutFor(table: Table): Layout {
    if (this.#layout !== null && table === this.#table) return this.#layout;
    if (this.#table !== null && !sameColumns(this.#table, table)) {
      throw new UsageError('writeResults() takes the rows of one input: the columns have changed');
    }
    this.#table = table;
    if (this.#layout === null) {
      this.#layout = layoutOf(table, this.#settings.added);
      this.#give(this.#formatter.header(this.#layout));
    }
    return this.#layout;
  }

  #giveBatch(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const text = this.#batch;
    this.#batch = '';
    this.#give(text);
  }

  #give(text: string): void {
    if (text === '') return;
    const data = Buffer.from(text);
    const bytes = this.#settings.gzip === true ? gzipSync(data) : data;
    this.#bytes += bytes.length;
    this.#marks.push({ bytes: this.#bytes, rows: this.#rows });
    this.#settle();
    this.push(bytes);
  }

  /** Forgets the marks of what has been written since. */
  #settle(): void {
    const written = this.#settings.written?.() ?? this.#bytes;
    const last = this.#marks.findLastIndex(({ bytes }) => bytes <= written);
    this.#safe = this.#marks[last] ?? this.#safe;
    this.#marks = this.#marks.slice(last + 1);
  }
}

function sameColumns(a: Table, b: Table): boolean {
  return (
    a === b || (a.names.length === b.names.length && a.names.every((name, index) => name === b.names[index]))
  );
}
