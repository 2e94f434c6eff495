import { CsvError, Parser } from 'csv-parse';

import { InputError } from '../errors.ts';
import type { Content, Entry } from './content.ts';
import { newlines } from './plain-text.ts';

/** CSV or TSV: the first record is the header, unless there is none. */
export async function csvContent(
  text: AsyncIterable<Buffer>,
  name: string,
  delimiter: string,
  noHeader: boolean,
): Promise<Content> {
  const batches = records(text, new CsvReader(name, delimiter));
  const { value: first } = await batches.next();
  if (first === undefined) throw new InputError(`${name}: holds no record`);
  const header = first[0] ?? [];
  const names = noHeader ? header.map((_, index) => String(index + 1)) : header;
  return {
    table: { names, header: !noHeader },
    batches: entries(noHeader ? first : first.slice(1), batches),
  };
}

async function* records(
  text: AsyncIterable<Buffer>,
  reader: CsvReader,
): AsyncGenerator<string[][], undefined> {
  for await (const chunk of text) {
    // In small pieces: records that wait long before they are fetched only grow old in memory.
    for (let at = 0; at < chunk.length; at += pieceSize) {
      const piece = reader.parse(chunk.subarray(at, at + pieceSize));
      if (piece.length > 0) yield piece;
      if (reader.failure !== null) throw reader.failure;
    }
  }
  const last = reader.finish();
  if (last.length > 0) yield last;
  if (reader.failure !== null) throw reader.failure;
}

const pieceSize = 4096;

async function* entries(first: string[][], rest: AsyncIterable<string[][]>): AsyncGenerator<Entry[]> {
  yield first.map(toEntry);
  for await (const batch of rest) yield batch.map(toEntry);
}

function toEntry(cells: string[]): Entry {
  return { cells, json: null };
}

/** A record that is longer than this is taken for a quote that never closes. */
const largestRecord = 16 * 2 ** 20;

/**
 * csv-parse, a chunk at a time: a whole chunk's records come back as one array instead of going through a stream
 * one by one, and the line on which the unfinished record began is known when it turns out to be broken.
 */
export class CsvReader extends Parser {
  readonly #name: string;
  #records: string[][] = [];
  #error: Error | null = null;
  #bytesBefore = 0;
  #linesBefore = 1;
  /** The line on which the first cell that is not complete yet begins. */
  #pendingLine = 1;

  constructor(name: string, delimiter: string) {
    super({
      delimiter,
      // Named, because found from the first line alone they would be wrong where a file mixes them.
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      max_record_size: largestRecord,
    });
    this.#name = name;
  }

  override push(record: string[] | null): boolean {
    if (record !== null) this.#records.push(record);
    return true;
  }

  /** The records that this chunk completes. `failure` tells whether the text broke off behind them. */
  parse(chunk: Buffer): string[][] {
    this._transform(chunk, 'utf8', (error) => this.#keep(error));
    let parsed = this.info.bytes - this.#bytesBefore;
    if (parsed > 0 && this.#error === null) {
      while (chunk[parsed] === 0x0a || chunk[parsed] === 0x0d) parsed++;
      this.#pendingLine = this.#linesBefore + newlines(chunk.subarray(0, parsed));
    }
    this.#bytesBefore += chunk.length;
    this.#linesBefore += newlines(chunk);
    return this.#taken();
  }

  /** The last record, where no line end closes it. */
  finish(): string[][] {
    this._flush((error) => this.#keep(error));
    return this.#taken();
  }

  get failure(): InputError | null {
    const error = this.#error;
    if (error === null) return null;
    const where = `${this.#name}: line ${this.#pendingLine}`;
    const code = error instanceof CsvError ? error.code : '';
    if (code === 'CSV_QUOTE_NOT_CLOSED') {
      return new InputError(`${where}: a quote is opened here and never closed; close or double it`);
    }
    if (code === 'CSV_MAX_RECORD_SIZE') {
      return new InputError(
        `${where}: the cell that begins here makes a record longer than 16 MiB; is its quote never closed?`,
      );
    }
    return new InputError(`${where}: ${error.message}`);
  }

  #keep(error: Error | null | undefined): void {
    this.#error ??= error ?? null;
  }

  #taken(): string[][] {
    const taken = this.#records;
    this.#records = [];
    return taken;
  }
}
