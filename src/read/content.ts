import { InputError } from '../errors.ts';
import type { inputOptions, ValuesOf } from '../options/table.ts';
import type { Table } from '../records.ts';
import { csvContent } from './csv.ts';
import { findDialect } from './format.ts';
import { jsonLinesContent } from './json-lines.ts';
import { linesContent } from './lines.ts';
import { plainText } from './plain-text.ts';

export type InputOptions = ValuesOf<typeof inputOptions>;

/** A record as its format gives it. */
export interface Entry {
  readonly cells: readonly string[];
  /** The record's own text, where the format is JSON Lines. */
  readonly json: string | null;
}

/** One source with its header read. */
export interface Content {
  readonly table: Table;
  /** The records in the batches in which they were read; the first batch may be empty. */
  readonly batches: AsyncGenerator<Entry[]>;
}

/**
 * Reads as far as the header, and gives the rest to be read.
 *
 * @throws InputError when there is nothing in it
 * @throws UsageError when the format cannot be told
 */
export async function openContent(
  bytes: AsyncIterable<Buffer>,
  name: string,
  options: InputOptions,
): Promise<Content> {
  const text = plainText(bytes, name);
  const { head, failure } = await readHead(text);
  const start = head.toString();
  if (start.trim() === '') {
    if (failure !== null) throw failure;
    throw new InputError(`${name}: is empty; a header line is needed, or --no-header and a row`);
  }
  const { format, delimiter } = findDialect(start, name, options);
  const whole = joined(head, failure, text);
  if (format === 'lines') return linesContent(whole, options.noHeader);
  return format === 'jsonl'
    ? jsonLinesContent(whole, name)
    : csvContent(whole, name, delimiter, options.noHeader);
}

/** Enough text to tell the format: a first line and what came with it. A failure waits until that has been used. */
async function readHead(text: AsyncGenerator<Buffer>): Promise<{ head: Buffer; failure: unknown }> {
  const chunks: Buffer[] = [];
  try {
    for (;;) {
      const { done, value } = await text.next();
      if (done === true) break;
      chunks.push(value);
      if (/\S[^\r\n]*[\r\n]/.test(value.toString()) || chunks.length > 16) break;
    }
    return { head: Buffer.concat(chunks), failure: null };
  } catch (failure) {
    return { head: Buffer.concat(chunks), failure };
  }
}

async function* joined(head: Buffer, failure: unknown, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  if (failure !== null) throw failure;
  yield* rest;
}
