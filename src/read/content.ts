import { InputError } from '../shared/errors.ts';
import type { inputOptions, ValuesOf } from '../options/table.ts';
import { csvContent } from './csv.ts';
import type { Content } from './entry.ts';
import { findDialect, tellsDialect } from './format.ts';
import { elementLines, isOneDocument } from './json-elements.ts';
import { jsonLinesContent } from './json-lines.ts';
import { linesContent, readLines } from './lines.ts';
import { plainText } from './plain-text.ts';
import { enoughOfWide, refuseWide } from './wide-text.ts';

export type InputOptions = ValuesOf<typeof inputOptions>;

/**
 * Reads as far as the header, and gives the rest to be read.
 *
 * @throws InputError when there is nothing in it
 * @throws UsageError when the format cannot be told
 */
export async function openContent(
  source: AsyncIterable<Buffer>,
  name: string,
  options: InputOptions,
): Promise<Content> {
  const { bytes, broken } = await plainText(source, name, options.encoding);
  const { head, ended, failure } = await readHead(bytes);
  refuseWide(head, name);
  const start = head.toString('utf8', 0, largestHead);
  if (start.trim() === '') {
    if (failure !== null) throw failure;
    throw new InputError(`${name}: is empty; a header line is needed, or --no-header and a row`);
  }
  const { format, delimiter } = findDialect(start, name, options, ended);
  const whole = joined(head, failure, bytes);
  if (format === 'jsonl' && isOneDocument(start)) {
    return jsonLinesContent(readLines({ bytes: elementLines(whole, name), broken }), name, 'element');
  }
  const lines = readLines({ bytes: whole, broken });
  if (format === 'lines') return linesContent(lines, name, options.noHeader);
  return format === 'jsonl'
    ? jsonLinesContent(lines, name)
    : csvContent(lines, name, delimiter, options.noHeader);
}

/** More is not looked at to tell the format. */
const largestHead = 64 * 1024;

interface Head {
  readonly head: Buffer;
  /** Whether that is all there is. */
  readonly ended: boolean;
  /** What broke off the reading; it waits until the head has been used. */
  readonly failure: unknown;
}

/** Enough text to tell the format. */
async function readHead(text: AsyncGenerator<Buffer>): Promise<Head> {
  const chunks: Buffer[] = [];
  let size = 0;
  const headOf = (ended: boolean, failure: unknown = null): Head => ({
    head: Buffer.concat(chunks),
    ended,
    failure,
  });
  try {
    for (;;) {
      const { done, value } = await text.next();
      if (done === true) return headOf(true);
      chunks.push(value);
      size += value.length;
      // Only the end of a line can tell more, so a long line is looked at once.
      const mayTell = value.includes('\n') || value.includes('\r');
      if (size >= largestHead || (mayTell && tells(Buffer.concat(chunks)))) return headOf(false);
    }
  } catch (failure) {
    return headOf(true, failure);
  }
}

function tells(head: Buffer): boolean {
  if (head.length < enoughOfWide && head.includes(0)) return false;
  return tellsDialect(head.toString('utf8', 0, largestHead));
}

async function* joined(head: Buffer, failure: unknown, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  if (failure !== null) throw failure;
  yield* rest;
}
