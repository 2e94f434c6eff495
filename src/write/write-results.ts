import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { gzipSync } from 'node:zlib';

import { UsageError } from '../shared/errors.ts';
import { readSaid } from '../options/resolve.ts';
import { outputOptions, processOptions } from '../options/table.ts';
import type { SaidOf } from '../options/table.ts';
import type { Given } from '../shared/given.ts';
import { didYouMean } from '../shared/nearest.ts';
import { encodeWithRawBytes } from '../shared/raw-bytes.ts';
import type { Result, Table } from '../shared/records.ts';
import { chosenColumns, columns as columnTable, digestColumn } from './columns.ts';
import { dialectOf, plainDialect } from './dialect.ts';
import type { Dialect } from './dialect.ts';
import { formatters } from './formats.ts';
import type { Formatter, OutputFormat } from './formats.ts';
import { layoutOf } from './layout.ts';
import type { AddedColumns, Layout } from './layout-shape.ts';
import type { Batch } from './batch.ts';
import { piecesOf, recordsOf } from './output-rows.ts';

const { outputFormat, columns, prefix, outputDelimiter, outputBom, crlf, excelSafe, excel } = outputOptions;
const dialectOptions = { outputDelimiter, outputBom, crlf, excelSafe, excel };
const writeOptions = { outputFormat, columns, prefix, ...dialectOptions, explode: processOptions.explode };

/**
 * Options of {@link writeResults}: `outputFormat`, `columns`, `prefix`, `explode`, `outputDelimiter`, `outputBom`,
 * `crlf`, `excelSafe` and `excel` as for the command (docs/options.md), and `processed`. `columns` is a text
 * separated by commas, or a list of names.
 */
export interface WriteResultsOptions extends SaidOf<typeof writeOptions> {
  /**
   * Names of the processors' columns to write, in order: keys of `values` and `rows` of the results. Values of other
   * names are left out. Default: none.
   */
  readonly processed?: readonly string[];
}

/**
 * Makes a Transform: results of `fetchUrls()` go in, the bytes (Buffers) of a CSV, TSV or JSON Lines file in UTF-8
 * come out.
 *
 * Each record holds the cells of the input, then the result columns, then the processors' columns. The format is
 * `outputFormat`, CSV by default: there is no file name to derive it from. All results must come from one input.
 * Bytes come in pieces of about 64 kB that end with a whole row, and no row waits longer than 50 ms for others. They
 * are not compressed.
 *
 * The stream fails with a UsageError when a processor's column has the name of an input column, or when results of
 * different inputs are mixed.
 *
 * @example
 * await pipeline(
 *   createReadStream('urls.csv'),
 *   readUrls(),
 *   fetchUrls(),
 *   writeResults({ columns: ['status', 'url', 'ms'] }),
 *   createWriteStream('result.csv'),
 * );
 *
 * @param options see {@link WriteResultsOptions}. Default: CSV with the standard result columns (docs/columns.md)
 * @returns the stream, to be used with `pipe()` or `pipeline()`
 * @throws UsageError when an option is unknown or has a wrong value, or `explode` names no column of `processed`
 */
export function writeResults(options: WriteResultsOptions = {}): WriteResults {
  const { processed = [], ...said } = options;
  const read = readSaid(writeOptions, said);
  const { outputFormat: format = 'csv', columns: list, prefix: text, explode } = read;
  if (explode !== undefined) checkExploded(explode, processed);
  const ours = new Set(text === '' ? [] : Object.keys(columnTable).map((name) => text + name));
  const results = chosenColumns(list, text).filter(
    (name) => name !== digestColumn || !processed.includes(text + name),
  );
  const added = { results, processed, prefix: text, outdated: () => ours };
  return new WriteResults({ format, dialect: dialectOf(read, format), added, exploded: explode ?? null });
}

export interface WriterSettings {
  readonly format: OutputFormat;
  /** Default: commas, LF, no byte order mark, texts as they are. */
  readonly dialect?: Dialect;
  /** The columns that are added to those of the input, or a function that makes the whole layout. */
  readonly added: AddedColumns | ((table: Table) => Layout);
  /** The column of `--explode`; null or not given: none. */
  readonly exploded?: string | null;
  /** Whether to compress. Each batch is a gzip member, so that a file can be cut between two batches. */
  readonly gzip?: boolean;
  /** Gives the columns of an input without records, so that a header is written for it. */
  readonly emptyTable?: () => Table | null;
  /** Bytes that an earlier run has written, including the header. */
  readonly start?: number;
  /** Whether a result is to be written. Default: all are. */
  readonly takes?: (result: Result) => boolean;
  /** Called for each row that is formatted. */
  readonly onRow?: (result: Result) => void;
  /** Called for each batch before its bytes are pushed. */
  readonly onBatch?: (batch: Batch) => void;
  /** Gives the figures of the run, which are committed with each batch. */
  readonly figures?: () => unknown;
}

/** Characters per batch. Rows are pushed in batches, as one write per row would cost more than formatting it. */
const batchSize = 64 * 1024;
/** Larger batches compress better. */
const gzipBatchSize = 512 * 1024;
/** Rows per batch at most: until its batch is pushed, a row cannot be committed. */
const batchRows = 1000;
/** Milliseconds that a row waits at most for others. */
const batchDelay = 50;

/** The stream that `writeResults()` makes: {@link Result}s are written to it, and Buffers read, as by `for await`. */
export class WriteResults extends Transform {
  readonly #settings: WriterSettings;
  readonly #formatter: Formatter;
  readonly #batchSize: number;
  #layout: Layout | null = null;
  #table: Table | null = null;
  /** Text of the rows that are formatted and not pushed yet. */
  #batch = '';
  #timer: NodeJS.Timeout | null = null;
  /** Goes on with this or the next row, once there is room. */
  #onRoom: (() => void) | null = null;
  /** Numbers of the input rows that end in `#batch`. */
  #rows: number[] = [];
  /** Bytes pushed so far, including those of earlier runs. */
  #end: number;

  /** @internal use `writeResults()` */
  constructor(settings: WriterSettings) {
    super({ writableObjectMode: true });
    this.#settings = settings;
    this.#formatter = formatters[settings.format](settings.dialect ?? plainDialect);
    this.#batchSize = settings.gzip === true ? gzipBatchSize : batchSize;
    this.#end = settings.start ?? 0;
  }

  override [Symbol.asyncIterator](): Given<Buffer> {
    return super[Symbol.asyncIterator]() as Given<Buffer>;
  }

  override _transform(result: Result, _encoding: string, callback: TransformCallback): void {
    if (this.#settings.takes?.(result) === false) return callback();
    const { exploded = null } = this.#settings;
    try {
      const layout = this.#layoutFor(result.row.table);
      const recordOf = (page: Result): ReturnType<Formatter['records']> =>
        this.#formatter.records(page, layout);
      const isOne = result.rows === null && exploded === null && result.pagesBefore.length === 0;
      if (isOne) this.#batch += recordOf(result)(result.values);
      else {
        const records = recordsOf(result, exploded, recordOf);
        return this.#addPieces(piecesOf(records, this.#batchSize), result, callback);
      }
    } catch (error) {
      return callback(error as Error);
    }
    return this.#added(result, callback);
  }

  /**
   * Pushes all pieces of a result but the last as they are made, so that memory does not depend on their number. They are
   * announced with the last one: no commit may end between the output rows of one input row.
   */
  #addPieces(pieces: Generator<string, string>, result: Result, callback: TransformCallback): void {
    try {
      for (;;) {
        const { done, value } = pieces.next();
        if (done === true) {
          this.#batch += value;
          break;
        }
        this.#giveBatch();
        this.#push(this.#encoded(value));
        if (!this.#hasRoom) {
          this.#onRoom = () => this.#addPieces(pieces, result, callback);
          return undefined;
        }
      }
    } catch (error) {
      return callback(error as Error);
    }
    return this.#added(result, callback);
  }

  /** Ends a result whose last text has been added to the batch. */
  #added(result: Result, callback: TransformCallback): void {
    try {
      this.#rows.push(result.row.number);
      this.#settings.onRow?.(result);
      if (this.#batch.length >= this.#batchSize || this.#rows.length >= batchRows) this.#giveBatch();
      else this.#timer ??= setTimeout(() => this.#giveBatch(), batchDelay);
    } catch (error) {
      return callback(error as Error);
    }
    if (this.#hasRoom) return callback();
    this.#onRoom = callback;
    return undefined;
  }

  /** Transform itself only considers what is pushed within `_transform`, and would miss batches that the timer pushes. */
  get #hasRoom(): boolean {
    return this.readableLength < this.readableHighWaterMark;
  }

  override _read(size: number): void {
    const callback = this.#onRoom;
    this.#onRoom = null;
    // On the next tick: the data that is being read still counts as buffered, so the next row would find no room and wait
    // for a read that never comes.
    if (callback !== null) process.nextTick(callback);
    super._read(size);
  }

  override _flush(callback: TransformCallback): void {
    try {
      const table = this.#settings.emptyTable?.() ?? null;
      if (table !== null) this.#layoutFor(table);
      this.#giveBatch();
      // A file without bytes is no gzip file.
      if (this.#settings.gzip === true && this.#end === 0) this.#giveBytes(gzipSync(''));
    } catch (error) {
      return callback(error as Error);
    }
    return callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    callback(error);
  }

  /** The layout, from the columns of the first row. */
  #layoutFor(table: Table): Layout {
    if (this.#layout !== null && table === this.#table) return this.#layout;
    if (this.#table !== null && !sameColumns(this.#table, table)) {
      throw new UsageError('writeResults() takes the rows of one input: the columns have changed');
    }
    this.#table = table;
    if (this.#layout === null) {
      const { added } = this.#settings;
      this.#layout = typeof added === 'function' ? added(table) : layoutOf(table, added);
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
    if (text !== '' || this.#rows.length > 0) this.#giveBytes(this.#encoded(text));
  }

  #giveBytes(bytes: Buffer): void {
    const rows = this.#rows;
    this.#rows = [];
    const end = this.#end + bytes.length;
    this.#settings.onBatch?.({ end, rows, figures: this.#settings.figures?.() ?? null });
    this.#push(bytes);
  }

  #encoded(text: string): Buffer {
    const data = encodeWithRawBytes(text);
    return this.#settings.gzip === true && text !== '' ? gzipSync(data) : data;
  }

  #push(bytes: Buffer): void {
    this.#end += bytes.length;
    // Modules can drop all rows of a batch.
    if (bytes.length > 0) this.push(bytes);
  }
}

/** @throws UsageError naming the columns that there are */
export function checkExploded(name: string, processed: readonly string[]): void {
  if (processed.includes(name)) return;
  const known =
    processed.length === 0 ? 'this run takes no values from pages' : `there are ${processed.join(', ')}`;
  throw new UsageError(
    `--explode: there is no column "${name}" of processing; ${known}${didYouMean(name, processed)}`,
  );
}

function sameColumns(a: Table, b: Table): boolean {
  return (
    a === b || (a.names.length === b.names.length && a.names.every((name, index) => name === b.names[index]))
  );
}
