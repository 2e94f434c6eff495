import { InputError } from '../shared/errors.ts';
import type { Content, Entry } from './entry.ts';
import { encodingFault, headerFault, leavesCells } from './fault.ts';
import type { Fault } from './fault.ts';
import { largestRecord, lengthFault, linesOf } from './lines.ts';
import type { Line } from './lines.ts';

/** CSV or TSV (RFC 4180): the first record is the header, unless there is none. */
export async function csvContent(
  lines: AsyncIterable<Line[]>,
  name: string,
  delimiter: string,
  noHeader: boolean,
): Promise<Content> {
  const batches = records(lines, new RecordReader(name, delimiter));
  let first: Entry[] = [];
  while (first.length === 0) {
    const { done, value } = await batches.next();
    if (done === true) throw new InputError(`${name}: holds no record`);
    first = value;
  }
  const { cells = [], fault = null } = first[0] ?? {};
  if (fault !== null && !(noHeader && leavesCells(fault))) throw headerFault(fault);
  const names = noHeader ? cells.map((_, index) => String(index + 1)) : cells;
  return {
    table: { names, header: !noHeader },
    batches: joined(noHeader ? first : first.slice(1), batches),
  };
}

async function* joined(first: Entry[], rest: AsyncIterable<Entry[]>): AsyncGenerator<Entry[]> {
  yield first;
  yield* rest;
}

async function* records(
  batches: AsyncIterable<Line[]>,
  reader: RecordReader,
): AsyncGenerator<Entry[], undefined> {
  for await (const lines of batches) {
    for (const line of lines) {
      while (!reader.hasRoomFor(line)) yield* readAgain(reader, 'not closed within 16 MiB');
      reader.add(line);
    }
    yield reader.taken();
  }
  while (reader.isOpen) yield* readAgain(reader, 'never closed');
}

/** Gives up the quote that is open, and reads on at the next line. Another one that is never closed may follow there. */
function* readAgain(reader: RecordReader, what: string): Generator<Entry[]> {
  let count = 0;
  for (const line of reader.giveUp(what)) {
    reader.add(line);
    // Many lines may have been held.
    if (++count % 1000 === 0) yield reader.taken();
  }
  yield reader.taken();
}

/** What there is of a record. */
interface Unfinished {
  readonly cells: string[];
  /** What is wrong with its lines. */
  fault: Fault | null;
  /** Length of its lines with their ends. */
  size: number;
}

/** A quote that has not closed yet. */
interface OpenQuote {
  readonly record: Unfinished;
  /** The line in which it opens its cell, and where. */
  readonly line: Line;
  readonly at: number;
  /** The lines that followed. */
  readonly held: HeldText;
}

/**
 * Puts lines together to records. It is as lenient as csv-parse with `relax_quotes`: a quote within a cell is a
 * character, and text may follow a closing one.
 */
class RecordReader {
  readonly #name: string;
  readonly #delimiter: string;
  #entries: Entry[] = [];
  #open: OpenQuote | null = null;

  constructor(name: string, delimiter: string) {
    this.#name = name;
    this.#delimiter = delimiter;
  }

  /** Whether a quote is open. */
  get isOpen(): boolean {
    return this.#open !== null;
  }

  /** Whether the record whose quote is open may go on with this line. */
  hasRoomFor({ text, isCut }: Line): boolean {
    if (this.#open === null) return true;
    return !isCut && this.#open.record.size + text.length <= largestRecord;
  }

  /** The records that are whole. */
  taken(): Entry[] {
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }

  add(line: Line): void {
    const { text, isCut } = line;
    if (this.#open !== null) return this.#goOn(this.#open, line);
    if (text === '') return;
    // Of its last cell nobody knows the end.
    if (isCut) return this.#push(text.split(this.#delimiter).slice(0, -1), lengthFault(line, this.#name));
    const fault = encodingFault(this.#name, line.number, text);
    if (text.includes('"')) this.#read(line, 0, { cells: [], fault, size: text.length + line.end.length });
    else this.#push(text.split(this.#delimiter), fault);
  }

  /**
   * Ends the record whose quote is open with the line of that quote, which is then a character like others.
   *
   * @returns the lines behind that, to be added again
   */
  giveUp(what: string): Iterable<Line> {
    if (this.#open === null) return [];
    const { record, line, at, held } = this.#open;
    this.#open = null;
    this.#push([...record.cells, ...line.text.slice(at).split(this.#delimiter)], {
      kind: 'quote',
      name: this.#name,
      line: line.number,
      what: `opens a quote that is ${what}`,
    });
    return linesOf(held.text(), line.number + 1);
  }

  #goOn({ record, line: first, at: quote, held }: OpenQuote, line: Line): void {
    const { text } = line;
    record.size += text.length + line.end.length;
    record.fault ??= encodingFault(this.#name, line.number, text);
    const close = closingQuote(text, 0);
    if (close === -1) return held.add(text + line.end);
    this.#open = null;
    const quoted = first.text.slice(quote + 1) + first.end + held.text() + text.slice(0, close);
    const end = this.#close(record.cells, quoted, text, close);
    if (end === text.length) this.#push(record.cells, record.fault);
    else this.#read(line, end + 1, record);
  }

  /** Reads the cells of a line from `from` on. */
  #read(line: Line, from: number, record: Unfinished): void {
    const { text } = line;
    const { cells } = record;
    for (let at = from; ; at++) {
      if (text[at] === '"') {
        const close = closingQuote(text, at + 1);
        if (close === -1) {
          this.#open = { record, line, at, held: new HeldText() };
          return;
        }
        at = this.#close(cells, text.slice(at + 1, close), text, close);
      } else {
        const end = this.#cellEnd(text, at);
        cells.push(text.slice(at, end));
        at = end;
      }
      if (at === text.length) return this.#push(cells, record.fault);
    }
  }

  /** Takes a cell whose quote closes at `close`. @returns where it ends */
  #close(cells: string[], quoted: string, text: string, close: number): number {
    const cell = quoted.replaceAll('""', '"');
    const end = this.#cellEnd(text, close + 1);
    cells.push(end === close + 1 ? cell : `"${cell}${text.slice(close, end)}`);
    return end;
  }

  #cellEnd(text: string, from: number): number {
    const end = text.indexOf(this.#delimiter, from);
    return end === -1 ? text.length : end;
  }

  #push(cells: readonly string[], fault: Fault | null): void {
    this.#entries.push({ cells, json: null, fault });
  }
}

/** Where the first quote is that is not doubled; -1 where there is none. */
function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at !== -1; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return -1;
}

/** A text that grows by lines, of which there may be millions. */
class HeldText {
  readonly #blocks: string[] = [];
  #lines: string[] = [];

  add(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length < 1000) return;
    this.#blocks.push(this.#lines.join(''));
    this.#lines = [];
  }

  text(): string {
    return [...this.#blocks, ...this.#lines].join('');
  }
}
