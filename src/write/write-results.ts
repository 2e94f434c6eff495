import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { gzipSync } from 'node:zlib';

import { UsageError } from '../shared/errors.ts';
import { readSaid } from '../options/resolve.ts';
import { outputOptions } from '../options/table.ts';
import type { SaidOf } from '../options/table.ts';
import { encodeWithRawBytes } from '../shared/raw-bytes.ts';
import type { Result, Table } from '../shared/records.ts';
import { chosenColumns } from './columns.ts';
import { formatters } from './formats.ts';
import type { Formatter, OutputFormat } from './formats.ts';
import { layoutOf } from './layout.ts';
import type { AddedColumns, Layout } from './layout-shape.ts';
import type { Batch } from './batch.ts';

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
  /** Bytes that an earlier run has written, with the header. */
  readonly start?: number;
  /** Whether a row is written at all. */
  readonly takes?: (result: Result) => boolean;
  /** Called for each row that is formatted. */
  readonly onRow?: (result: Result) => void;
  /** Called for each batch before its bytes are given on. */
  readonly onBatch?: (batch: Batch) => void;
  /** The figures of the run, for the batches. */
  readonly figures?: () => unknown;
}

/** Rows are given on together, this many characters at a time: one write per row costs more than making the row. */
const batchSize = 64 * 1024;
/** Compression gains from larger pieces. */
const gzipBatchSize = 512 * 1024;
/** What is not given on is not safe either. */
const batchRows = 1000;
/** No row waits longer than this for others, in milliseconds. */
const batchDelay = 50;

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
  /** Numbers of the rows in it. */
  #rows: number[] = [];
  /** Where the output ends with what was given on. */
  #end: number;

  /** @internal use `writeResults()` */
  constructor(settings: WriterSettings) {
    super({ writableObjectMode: true });
    this.#settings = settings;
    this.#formatter = formatters[settings.format];
    this.#batchSize = settings.gzip === true ? gzipBatchSize : batchSize;
    this.#end = settings.start ?? 0;
  }

  override _transform(result: Result, _encoding: string, callback: TransformCallback): void {
    if (this.#settings.takes?.(result) === false) return callback();
    try {
      this.#batch += this.#formatter.row(result, this.#layoutFor(result.row.table));
      this.#rows.push(result.row.number);
      this.#settings.onRow?.(result);
      if (this.#batch.length >= this.#batchSize || this.#rows.length >= batchRows) this.#giveBatch();
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
    // Not at once: what is being read still counts as waiting, and the next row would wait for a read that never comes.
    if (callback !== null) process.nextTick(callback);
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
      if (this.#end === 0) this.#give(this.#formatter.header(this.#layout));
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
    const rows = this.#rows;
    if (text === '' && rows.length === 0) return;
    const data = encodeWithRawBytes(text);
    const bytes = this.#settings.gzip === true && text !== '' ? gzipSync(data) : data;
    this.#end += bytes.length;
    this.#rows = [];
    this.#settings.onBatch?.({ end: this.#end, rows, figures: this.#settings.figures?.() ?? null });
    // Where a module has made no output of any of these rows, there is none.
    if (bytes.length > 0) this.push(bytes);
  }
}

function sameColumns(a: Table, b: Table): boolean {
  return (
    a === b || (a.names.length === b.names.length && a.names.every((name, index) => name === b.names[index]))
  );
}
