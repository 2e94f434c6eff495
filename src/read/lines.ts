import { InputError } from '../errors.ts';
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
  let rest = '';
  let count = 0;
  const numbered = (lines: readonly string[]): Line[] =>
    lines.map((line) => ({ text: line, number: ++count })).filter((line) => line.text.trim() !== '');
  for await (const chunk of text) {
    // A CR at the very end may be the first half of a CRLF.
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    yield numbered(lines);
    if (rest.length > largestLine) throw new InputError(`${name}: line ${count + 1}: is longer than 16 MiB`);
  }
  yield numbered([rest.replace(/\r$/, '')]);
}
