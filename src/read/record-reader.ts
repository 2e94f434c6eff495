import type { Entry } from './entry.ts';
import { encodingFault } from './fault.ts';
import type { Fault } from './fault.ts';
import { bytesRead, largestRecord, lengthFault, linesOf } from './lines.ts';
import type { Line } from './lines.ts';

/** How lines are cut into cells. */
export interface Syntax {
  readonly delimiter: string;
  /** The character around cells that hold delimiters or line ends; null: there is none. */
  readonly quote: string | null;
  /** Makes the next character an ordinary one; null: there is none, and a quote within quotes is doubled. */
  readonly escape: string | null;
  /** The text with which a comment line begins; null: there are no comments. */
  readonly comment: string | null;
  /** Whether each line is quoted once more as a whole. */
  readonly isWrapped: boolean;
}

/** A record that is not complete yet. */
interface Unfinished {
  readonly cells: string[];
  /** What is wrong with its lines. */
  fault: Fault | null;
  /** Length of its lines with their ends. */
  size: number;
  /** Where its first line begins, in bytes. */
  readonly start: number;
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
 * Makes records of lines. It is as lenient as csv-parse with `relax_quotes`: a quote within a cell is a
 * character, and text may follow a closing one. Spaces may stand before the quote that opens a cell.
 */
export class RecordReader {
  readonly #name: string;
  readonly #syntax: Syntax;
  readonly #onComment: () => void;
  #entries: Entry[] = [];
  #open: OpenQuote | null = null;
  /** Whether a cell has had spaces before its quote. Only then may a quote behind spaces close in a later line. */
  #isSpaced = false;

  constructor(name: string, syntax: Syntax, onComment: () => void = () => {}) {
    this.#name = name;
    this.#syntax = syntax;
    this.#onComment = onComment;
  }

  /** Whether a quote is open. */
  get isOpen(): boolean {
    return this.#open !== null;
  }

  /** Whether a record whose quote is open has room for this line (16 MiB). */
  hasRoomFor({ text, isCut }: Line): boolean {
    if (this.#open === null) return true;
    return !isCut && this.#open.record.size + text.length <= largestRecord;
  }

  /** Takes the records that are complete. */
  taken(): Entry[] {
    const entries = this.#entries;
    this.#entries = [];
    return entries;
  }

  add(line: Line): void {
    const { delimiter, quote, escape, comment, isWrapped } = this.#syntax;
    const { text, isCut, start } = line;
    if (this.#open !== null) return this.#goOn(this.#open, line);
    if (text === '') return;
    if (comment !== null && text.startsWith(comment)) return this.#onComment();
    if (isWrapped && isWhollyQuoted(text)) return this.#addInner(line);
    // The last cell is left out, as its end is not known.
    if (isCut) return this.#push(text.split(delimiter).slice(0, -1), lengthFault(line, this.#name), start);
    const fault = encodingFault(this.#name, line.number, text);
    const isPlain = (quote === null || !text.includes(quote)) && (escape === null || !text.includes(escape));
    if (isPlain) this.#push(text.split(delimiter), fault, start);
    else this.#read(line, 0, { cells: [], fault, size: text.length + line.end.length, start });
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
    const cells = [...record.cells, ...line.text.slice(at).split(this.#syntax.delimiter)];
    const fault: Fault = {
      kind: 'quote',
      name: this.#name,
      line: line.number,
      what: `opens a quote that is ${what}`,
    };
    this.#push(cells, fault, record.start);
    return linesOf(held.text(), line.number + 1, line.start + bytesRead(line.text + line.end));
  }

  #addInner(line: Line): void {
    const text = line.text.slice(1, -1).replaceAll('""', '"');
    const fault = encodingFault(this.#name, line.number, text);
    const size = text.length + line.end.length;
    this.#read({ ...line, text }, 0, { cells: [], fault, size, start: line.start });
  }

  #goOn({ record, line: first, at: quote, held }: OpenQuote, line: Line): void {
    const { text } = line;
    record.size += text.length + line.end.length;
    record.fault ??= encodingFault(this.#name, line.number, text);
    const close = this.#closingQuote(text, 0);
    if (close === -1) return held.add(text + line.end);
    this.#open = null;
    const quoted = first.text.slice(quote + 1) + first.end + held.text() + text.slice(0, close);
    const end = this.#close(record.cells, quoted, text, close);
    if (end === text.length) this.#push(record.cells, record.fault, record.start);
    else this.#read(line, end + 1, record);
  }

  /** Reads the cells of a line from `from` on. */
  #read(line: Line, from: number, record: Unfinished): void {
    const { text } = line;
    const { cells } = record;
    for (let at = from; ; at++) {
      const quote = this.#openingQuote(text, at);
      if (quote !== -1) {
        const close = this.#closingQuote(text, quote + 1);
        if (close === -1) {
          this.#open = { record, line, at: quote, held: new HeldText() };
          return;
        }
        at = this.#close(cells, text.slice(quote + 1, close), text, close);
      } else {
        const end = this.#cellEnd(text, at);
        cells.push(this.#unescaped(text.slice(at, end)));
        at = end;
      }
      if (at === text.length) return this.#push(cells, record.fault, record.start);
    }
  }

  /** Index of the quote that opens the cell at `from`, perhaps behind spaces; -1: the cell is not quoted. */
  #openingQuote(text: string, from: number): number {
    const { delimiter, quote } = this.#syntax;
    if (quote === null || text[from] === quote) return quote === null ? -1 : from;
    if (text[from] !== ' ' || delimiter === ' ') return -1;
    const at = afterSpaces(text, from);
    if (text[at] !== quote) return -1;
    const close = this.#closingQuote(text, at + 1);
    if (close === -1) return this.#isSpaced ? at : -1;
    const end = afterSpaces(text, close + 1);
    if (end < text.length && text[end] !== delimiter) return -1;
    this.#isSpaced = true;
    return at;
  }

  /** Index of the first quote that is neither doubled nor escaped; -1 where there is none. */
  #closingQuote(text: string, from: number): number {
    const { quote, escape } = this.#syntax;
    if (quote === null) return -1;
    if (escape === null) {
      for (let at = text.indexOf(quote, from); at !== -1; at = text.indexOf(quote, at + 2)) {
        if (text[at + 1] !== quote) return at;
      }
      return -1;
    }
    for (let at = from; at < text.length; at++) {
      if (text[at] === quote && text[at + 1] !== quote) return at;
      if (text[at] === escape || text[at] === quote) at++;
    }
    return -1;
  }

  /** Takes a cell whose quote closes at `close`. @returns where it ends */
  #close(cells: string[], quoted: string, text: string, close: number): number {
    const { quote } = this.#syntax;
    const cell = this.#unescaped(quote === null ? quoted : quoted.replaceAll(quote + quote, quote));
    const end = this.#cellEnd(text, close + 1);
    const rest = text.slice(close + 1, end);
    cells.push(
      rest === '' || (this.#isSpaced && rest.trim() === '') ? cell : `${quote}${cell}${quote}${rest}`,
    );
    return end;
  }

  #cellEnd(text: string, from: number): number {
    const { delimiter, escape } = this.#syntax;
    let end = text.indexOf(delimiter, from);
    while (end !== -1 && isEscaped(text, from, end, escape)) end = text.indexOf(delimiter, end + 1);
    return end === -1 ? text.length : end;
  }

  #unescaped(cell: string): string {
    const { escape } = this.#syntax;
    if (escape === null || !cell.includes(escape)) return cell;
    let text = '';
    for (let at = 0; at < cell.length; at++) {
      if (cell[at] === escape && at + 1 < cell.length) at++;
      text += cell[at];
    }
    return text;
  }

  #push(cells: readonly string[], fault: Fault | null, start: number): void {
    this.#entries.push({ cells, json: null, url: null, fault, start });
  }
}

/** Whether it is one quoted cell from end to end. */
export function isWhollyQuoted(text: string): boolean {
  return text.length > 1 && /^".*"$/s.test(text) && !text.slice(1, -1).replaceAll('""', '').includes('"');
}

function afterSpaces(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ') at++;
  return at;
}

/** Whether an odd number of escape characters stands before `at`. */
function isEscaped(text: string, from: number, at: number, escape: string | null): boolean {
  let start = at;
  while (start > from && text[start - 1] === escape) start--;
  return (at - start) % 2 === 1;
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
