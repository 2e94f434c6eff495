import { InputError } from '../shared/errors.ts';
import type { Content, Entry } from './content.ts';

/** One URL a line: a table with one column. Blank lines are no records. */
export function linesContent(text: AsyncIterable<Buffer>, name: string, noHeader: boolean): Content {
  async function* entries(): AsyncGenerator<Entry[]> {
    for await (const lines of nonBlankLines(text, name))
      yield lines.map((line) => ({ cells: [line.text], json: null }));
  }
  return { table: { names: [noHeader ? '1' : 'url'], header: !noHeader }, batches: entries() };
}

/** A line without its end, and its number from 1. */
export interface Line {
  readonly text: string;
  readonly number: number;
}

const largestLine = 16 * 2 ** 20;

/** Cuts text into lines that end with LF, CRLF or CR, chunk by chunk. */
export async function* nonBlankLines(text: AsyncIterable<Buffer>, name: string): AsyncGenerator<Line[]> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  const open = new OpenLine();
  let count = 0;
  const numbered = (lines: readonly string[]): Line[] =>
    lines.map((line) => ({ text: line, number: ++count })).filter((line) => line.text.trim() !== '');
  for await (const chunk of text) {
    yield numbered(open.add(decoder.decode(chunk, { stream: true })));
    if (open.length > largestLine) throw new InputError(`${name}: line ${count + 1}: is longer than 16 MiB`);
  }
  yield numbered([open.end()]);
}

/** The line that has not ended yet, in pieces: to look through all of it with each one costs the square of its length. */
export class OpenLine {
  length = 0;
  #pieces: string[] = [];

  /** @returns the lines that end with this piece */
  add(piece: string): string[] {
    // A CR at the very end may be the first half of a CRLF.
    const before = this.#pieces.at(-1)?.endsWith('\r') === true ? (this.#pieces.pop() ?? '') : '';
    this.length -= before.length;
    const lines = (before + piece).split(/\r\n|\n|\r(?!$)/);
    const rest = lines.pop() ?? '';
    if (lines.length > 0) lines[0] = this.end() + lines[0];
    this.#pieces.push(rest);
    this.length += rest.length;
    return lines;
  }

  /** @returns what there is of the line, without a line end */
  end(): string {
    const line = this.#pieces.join('').replace(/\r$/, '');
    this.#pieces = [];
    this.length = 0;
    return line;
  }
}
