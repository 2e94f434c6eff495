import { CsvError, Parser } from 'csv-parse';

import { InputError } from '../shared/errors.ts';
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
  try {
    for await (const chunk of text) {
      // In small pieces: records that wait long before they are fetched only grow old in memory.
      for (let at = 0; at < chunk.length; at += pieceSize) {
        const piece = reader.parse(chunk.subarray(at, at + pieceSize));
        if (piece.length > 0) yield piece;
        if (reader.failure !== null) throw reader.failure;
      }
      const last = reader.completeLine();
      if (last.length > 0) yield last;
    }
  } catch (error) {
    const complete = reader.failure === null ? reader.breakOff() : [];
    if (complete.length > 0) yield complete;
    throw error;
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

const blankLines = Buffer.from('\n\n\n\n');

/** What csv-parse shows of its state. */
interface ParserState {
  readonly quoting: boolean;
  readonly escaping: boolean;
  /** What it has not looked at yet. */
  readonly previousBuf?: Buffer;
}

/** A piece of the text, with where it begins. */
interface Piece {
  readonly text: Buffer;
  readonly start: number;
  readonly line: number;
  /** The byte before it. */
  readonly before: number;
}

/**
 * csv-parse, a chunk at a time: a whole chunk's records come back as one array instead of going through a stream
 * one by one, and the line on which the unfinished record began is known when it turns out to be broken.
 */
export class CsvReader extends Parser {
  readonly #name: string;
  #records: string[][] = [];
  #error: Error | null = null;
  /** The pieces from the one on in which the first cell begins that is not complete yet. */
  #pieces: Piece[] = [];
  #end = 0;
  #lines = 1;
  #lastByte = 0;
  /** Bytes given to the parser that are not in the text. */
  #blank = 0;
  /** What the parser had counted when it was given the last of them, and how much of the text that was. */
  #settledBytes = -1;
  #settledDone = 0;

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

  /** The records that this piece completes. `failure` tells whether the text broke off behind them. */
  parse(piece: Buffer): string[][] {
    this.#pieces.push({ text: piece, start: this.#end, line: this.#lines, before: this.#lastByte });
    this.#end += piece.length;
    this.#lines += newlines(piece, this.#lastByte);
    this.#lastByte = piece.at(-1) ?? this.#lastByte;
    this._transform(piece, 'utf8', (error) => this.#keep(error));
    const done = this.#done;
    const first = this.#pieces.findIndex(({ start, text }) => start + text.length > done);
    this.#pieces.splice(0, first === -1 ? this.#pieces.length - 1 : first);
    return this.#taken();
  }

  /** The last record, where no line end closes it. */
  finish(): string[][] {
    this._flush((error) => this.#keep(error));
    return this.#taken();
  }

  /**
   * The record that the text so far ends with, when it ends with a whole line. The parser looks ahead, and would keep
   * it back until more comes, which on a pipe may be long.
   */
  completeLine(): string[][] {
    const { quoting, escaping, previousBuf } = this.#parserState;
    const tail = previousBuf?.toString('latin1') ?? '';
    const whole = quoting ? !escaping && /^[^"]*"\r?\n$/.test(tail) : /^[^"]*\n$/.test(tail);
    return whole ? this.#lookAhead() : [];
  }

  /** The complete records that were not given yet, when the text breaks off. */
  breakOff(): string[][] {
    const whole = this.#lastByte === 0x0a || this.#lastByte === 0x0d;
    // Makes a record also of what the end has cut.
    const found = this.#lookAhead();
    return whole || this.#parserState.quoting ? found : found.slice(0, -1);
  }

  /** Lets the parser go on to the end of the text: blank lines are no records, but enough to look ahead to. */
  #lookAhead(): string[][] {
    const before = this.#done;
    const { bytes } = this.info;
    this._transform(blankLines, 'utf8', (error) => this.#keep(error));
    // What the parser has counted up to here is without these lines, whenever it is asked.
    this.#settledDone = this.info.bytes === bytes ? before : this.info.bytes - this.#blank;
    this.#settledBytes = this.info.bytes;
    this.#blank += blankLines.length;
    return this.#taken();
  }

  get #parserState(): ParserState {
    return (this as unknown as { readonly state: ParserState }).state;
  }

  /** How much of the text has become cells. */
  get #done(): number {
    const { bytes } = this.info;
    return bytes === this.#settledBytes ? this.#settledDone : bytes - this.#blank;
  }

  get failure(): InputError | null {
    const error = this.#error;
    if (error === null) return null;
    const where = `${this.#name}: line ${this.#pendingLine()}`;
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

  /** The line on which the first cell begins that is not complete. */
  #pendingLine(): number {
    const done = this.#done;
    const [first] = this.#pieces;
    if (first === undefined) return this.#lines;
    const text = Buffer.concat(this.#pieces.map((piece) => piece.text));
    let begin = done - first.start;
    // Blank lines are no cells.
    while (text[begin] === 0x0a || text[begin] === 0x0d) begin++;
    return first.line + newlines(text.subarray(0, begin), first.before);
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
