import { InputError } from '../shared/errors.ts';
import type { inputOptions, ValuesOf } from '../options/table.ts';
import { csvContent } from './csv.ts';
import type { Content } from './entry.ts';
import { findDialect, tellsDialect } from './format.ts';
import { elementLines, isOneDocument } from './json-elements.ts';
import { jsonLinesContent } from './json-lines.ts';
import { linesContent, readLines } from './lines.ts';
import { plainText } from './plain-text.ts';

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
  const { bytes, isUtf16 } = await plainText(source, name);
  const { head, ended, failure } = await readHead(bytes);
  const start = head.toString('utf8', 0, largestHead);
  if (start.trim() === '') {
    if (failure !== null) throw failure;
    throw new InputError(`${name}: is empty; a header line is needed, or --no-header and a row`);
  }
  const { format, delimiter } = findDialect(start, name, options, ended);
  const whole = joined(head, failure, bytes);
  if (format === 'jsonl' && isOneDocument(start)) {
    return jsonLinesContent(readLines({ bytes: elementLines(whole, name), isUtf16 }), name, 'element');
  }
  const lines = readLines({ bytes: whole, isUtf16 });
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
  let head: Buffer = Buffer.alloc(0);
  try {
    for (;;) {
      const { done, value } = await text.next();
      if (done === true) return { head, ended: true, failure: null };
      head = head.length === 0 ? value : Buffer.concat([head, value]);
      if (head.length >= largestHead || tellsDialect(head.toString('utf8', 0, largestHead)))
        return { head, ended: false, failure: null };
    }
  } catch (failure) {
    return { head, ended: true, failure };
  }
}

async function* joined(head: Buffer, failure: unknown, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  if (failure !== null) throw failure;
  yield* rest;
}
