import { isAscii, isUtf8 } from 'node:buffer';

import { decodeWithRawBytes } from '../shared/raw-bytes.ts';
import type { Content, Entry } from './entry.ts';
import { encodingFault } from './fault.ts';

/**
 * One URL a line: a table with one column. Blank lines and comments are no records.
 *
 * @param broken see `PlainText`
 * @param comment what begins a comment at the beginning of a line or behind a space
 */
export function linesContent(
  lines: AsyncIterable<Line[]>,
  broken: string | null,
  name: string,
  hasHeader: boolean,
  comment: string,
  onComment: () => void,
): Content {
  const isRecord = (line: Line): boolean => {
    if (!line.text.trimStart().startsWith(comment)) return isNotBlank(line);
    onComment();
    return false;
  };
  async function* entries(): AsyncGenerator<Entry[]> {
    for await (const batch of lines) yield batch.filter(isRecord).map((line) => toEntry(line, name, comment));
  }
  const table = { names: [hasHeader ? 'url' : '1'], header: hasHeader };
  const entryIn = (bytes: Buffer): Entry | null => {
    const line = allLines(bytes, broken).find((one) => isRecord(one));
    return line === undefined ? null : toEntry(line, name, comment);
  };
  return { table, batches: entries(), entryIn };
}

function toEntry(line: Line, name: string, comment: string): Entry {
  const { number, text, start } = line;
  if (line.isCut) return { cells: [], json: null, url: '', fault: lengthFault(line, name), start };
  return {
    cells: [text],
    json: null,
    url: urlOfLine(text, comment),
    fault: encodingFault(name, number, text),
    start,
  };
}

/** A line that was copied out of a program or of JSON: in quotes, with a comma behind. */
const listed = /^(["'`])([^"'`]*)\1,$/;

/** The URL of a line, without the comment behind it. */
export function urlOfLine(line: string, comment: string): string {
  const text = withoutComment(line.trim(), comment);
  return listed.exec(text)?.[2] ?? text;
}

function withoutComment(text: string, comment: string): string {
  const at = text.indexOf(comment, 1);
  if (at === -1) return text;
  // A comment needs a space before it, as a fragment may begin with `#` too.
  for (let start = at; start !== -1; start = text.indexOf(comment, start + 1)) {
    if (/\s/.test(text[start - 1] ?? '')) return text.slice(0, start).trimEnd();
  }
  return text;
}

export interface Line {
  /** Without its end. Bytes that cannot be decoded are lone surrogates. */
  readonly text: string;
  /** LF, CR or CRLF; nothing where the input ends. */
  readonly end: string;
  /** From 1. */
  readonly number: number;
  /** Whether it is longer than 16 MiB: `text` is only its beginning. */
  readonly isCut: boolean;
  /** Where it begins, in bytes of the text from which lines are read. */
  readonly start: number;
}

export function isNotBlank({ text }: Line): boolean {
  return text.trim() !== '';
}

export function lengthFault({ number: line }: Line, name: string): NonNullable<Entry['fault']> {
  return { kind: 'length', name, line, what: 'is longer than 16 MiB' };
}

/** Longest line (in bytes) or record (in characters) that is held in memory: 16 MiB. */
export const largestRecord = 16 * 2 ** 20;
/** Bytes that are kept of a longer line. */
const cutSize = 64 * 1024;
/** Bytes that are cut into lines at a time: few, as rows that were read long before they are fetched only take memory. */
const pieceSize = 4096;

/**
 * Cuts text into lines that end with LF, CRLF or CR. A line is given as soon as its end has come; only a CR at the end of a
 * piece waits for the next one, as it may be the first half of a CRLF.
 *
 * @param broken see `PlainText`
 * @param skipped how many lines stood before these
 */
export async function* readLines(
  bytes: AsyncIterable<Buffer>,
  broken: string | null,
  skipped = 0,
): AsyncGenerator<Line[]> {
  const scanner = new LineScanner(broken, skipped);
  try {
    for await (const chunk of bytes) {
      for (let at = 0; at < chunk.length; at += pieceSize) {
        const lines = scanner.scan(chunk.subarray(at, at + pieceSize));
        if (lines.length > 0) yield lines;
      }
    }
  } catch (error) {
    yield scanner.breakOff();
    throw error;
  }
  yield scanner.end();
}

/** All lines of a piece of text that begins where a line begins. */
export function allLines(bytes: Buffer, broken: string | null): Line[] {
  const scanner = new LineScanner(broken);
  return bytes.length === 0 ? [] : [...scanner.scan(bytes), ...scanner.end()];
}

const [LF, CR] = [0x0a, 0x0d];

/** The text behind its first `count` lines. */
export async function* withoutLines(text: AsyncIterable<Buffer>, count: number): AsyncGenerator<Buffer> {
  let left = count;
  let isAfterCr = false;
  for await (const chunk of text) {
    let at = 0;
    for (; (left > 0 || isAfterCr) && at < chunk.length; at++) {
      // The second half of a CRLF ends no other line.
      const isHalf = isAfterCr && chunk[at] === LF;
      isAfterCr = left > 0 && chunk[at] === CR;
      if (left === 0 && !isHalf) break;
      if (isAfterCr || (chunk[at] === LF && !isHalf)) left--;
    }
    if (at < chunk.length) yield chunk.subarray(at);
  }
}

export class LineScanner {
  readonly #broken: string | null;
  #number: number;
  /** The line that has not ended yet, in pieces, so that each byte is searched for line ends only once. */
  #pieces: Buffer[] = [];
  #size = 0;
  #isCut = false;
  /** Bytes scanned so far, and how many of them stood before the line that has not ended yet. */
  #scanned = 0;
  #start = 0;

  /**
   * @param broken the character for invalid bytes of a transcoded text; null: each becomes a lone surrogate of its own
   * @param skipped how many lines stood before these
   */
  constructor(broken: string | null, skipped = 0) {
    this.#broken = broken;
    this.#number = skipped;
  }

  /** @param piece not empty @returns the lines that end with it */
  scan(piece: Buffer): Line[] {
    const isAfterCr = this.#endsWithCr;
    this.#pieces.push(piece);
    this.#size += piece.length;
    this.#scanned += piece.length;
    const lines = isAfterCr || piece.includes(LF) || piece.includes(CR) ? this.#lines(!this.#endsWithCr) : [];
    if (this.#isCut || this.#size > largestRecord) this.#cut();
    return lines;
  }

  /** The lines that are left when the text is over: the last one may have no end. */
  end(): Line[] {
    const lines = this.#lines(true);
    if (this.#size > 0) lines.push(this.#line(this.#text(), 0, this.#size, ''));
    return lines;
  }

  /** When the text breaks off: the last line if it is complete, which it is when it ends with a CR. */
  breakOff(): Line[] {
    return this.#endsWithCr ? this.end() : [];
  }

  /** Bytes of the line that has not ended yet. */
  get held(): number {
    return this.#size;
  }

  get #endsWithCr(): boolean {
    return this.#pieces.at(-1)?.at(-1) === CR;
  }

  #text(): Buffer {
    const [first] = this.#pieces;
    return first !== undefined && this.#pieces.length === 1 ? first : Buffer.concat(this.#pieces);
  }

  /** @param isWhole whether a CR at the very end ends a line */
  #lines(isWhole: boolean): Line[] {
    const text = this.#text();
    const limit = isWhole ? text.length : text.length - 1;
    const lines: Line[] = [];
    const before = this.#scanned - text.length;
    let start = 0;
    let lf = text.indexOf(LF);
    let cr = text.indexOf(CR);
    const decoded = decoderOf(text.subarray(0, Math.max(text.lastIndexOf(LF), text.lastIndexOf(CR))));
    for (;;) {
      const stop = lf === -1 || (cr !== -1 && cr < lf) ? cr : lf;
      if (stop === -1 || stop >= limit) break;
      const end = stop === lf ? '\n' : text[stop + 1] === LF ? '\r\n' : '\r';
      lines.push(this.#line(text, start, stop, end, decoded));
      start = stop + end.length;
      this.#start = before + start;
      if (lf !== -1 && lf < start) lf = text.indexOf(LF, start);
      if (cr !== -1 && cr < start) cr = text.indexOf(CR, start);
    }
    const rest = text.subarray(start);
    this.#pieces = rest.length === 0 ? [] : [rest];
    this.#size = rest.length;
    return lines;
  }

  #line(text: Buffer, start: number, stop: number, end: string, decoded = decoderOf(text)): Line {
    const isCut = this.#isCut || stop - start > largestRecord;
    this.#isCut = false;
    const found = decoded(text, start, isCut ? Math.min(stop, start + cutSize) : stop);
    // Only bytes that are not valid became lone surrogates.
    const isBroken = this.#broken !== null && !found.isWellFormed();
    const line = isBroken ? found.replaceAll(rawByte, this.#broken ?? '') : found;
    return { text: line, end, number: ++this.#number, isCut, start: this.#start };
  }

  /** Keeps the beginning of a line that is too long, and a CR that may end it. */
  #cut(): void {
    const end = this.#endsWithCr ? [Buffer.of(CR)] : [];
    const [head = Buffer.alloc(0)] = this.#isCut
      ? this.#pieces
      : [Buffer.from(this.#text().subarray(0, cutSize))];
    this.#isCut = true;
    this.#pieces = [head.subarray(0, cutSize), ...end];
    this.#size = this.#pieces.reduce((sum, { length }) => sum + length, 0);
  }
}

const rawByte = /[\udc80-\udcff]/gu;

type Decoder = (bytes: Buffer, start: number, stop: number) => string;

/** The cheapest decoder that is right for all of the text. It makes a string per line, so that none keeps others alive. */
function decoderOf(text: Buffer): Decoder {
  if (isAscii(text)) return (bytes, start, stop) => bytes.toString('latin1', start, stop);
  if (isUtf8(text)) return (bytes, start, stop) => bytes.toString('utf8', start, stop);
  return (bytes, start, stop) => decodeWithRawBytes(bytes.subarray(start, stop));
}

/** The lines of a text that was put together from lines. @param number of the first @param start of the first */
export function* linesOf(text: string, number: number, start: number): Generator<Line> {
  let at = start;
  for (const [whole, line = '', end = ''] of text.matchAll(/([^\r\n]*)(\r\n|\r|\n|$)/g)) {
    if (whole !== '') yield { text: line, end, number: number++, isCut: false, start: at };
    at += bytesRead(whole);
  }
}

/** From how many bytes this text was decoded. A lone surrogate was one byte. */
export function bytesRead(text: string): number {
  if (text.isWellFormed()) return Buffer.byteLength(text);
  return Buffer.byteLength(text.replaceAll(/[\ud800-\udfff]/gu, '?'));
}
