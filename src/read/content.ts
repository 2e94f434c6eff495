import { InputError } from '../shared/errors.ts';
import type { inputOptions, ValuesOf } from '../options/table.ts';
import { csvContent } from './csv.ts';
import type { Content } from './entry.ts';
import { refuseBinary, refuseControls, refuseMarkup } from './foreign.ts';
import { findDialect, tellsDialect } from './format.ts';
import { jsonLinesContent } from './json-lines.ts';
import { linesContent, readLines, withoutLines } from './lines.ts';
import type { Line } from './lines.ts';
import { plainText } from './plain-text.ts';

export type InputOptions = ValuesOf<typeof inputOptions>;

/** Who is told what the reading meets. */
export interface Reader {
  /** Gets what the user should know of how an input is read. */
  onNotice: (text: string) => void;
  /** Lines that were comments. */
  comments: number;
}

/**
 * Reads as far as the header, and gives the rest to be read.
 *
 * @throws InputError when there is nothing in it, or no text
 * @throws UsageError when the format cannot be told
 */
export async function openContent(
  source: AsyncIterable<Buffer>,
  name: string,
  options: InputOptions,
  reader: Reader,
): Promise<Content> {
  const { bytes, isUtf16 } = await plainText(source, name);
  const text = withoutLines(bytes, options.skipLines);
  const { head, ended, failure } = await readHead(text, (seen) => tellsDialect(seen, name, options));
  refuseBinary(head, name);
  refuseControls(head, name);
  const start = head.toString('utf8', 0, largestHead);
  if (start.trim() === '') {
    if (failure !== null) throw failure;
    throw new InputError(`${name}: is empty; a header line is needed, or --no-header and a row`);
  }
  if (options.inputFormat === undefined) refuseMarkup(start, name);
  const { format, syntax, hasHeader, skip, comments } = findDialect(
    start,
    name,
    options,
    ended && head.length <= largestHead,
  );
  const { skipLines } = options;
  const lines = readLines({ bytes: joined(head, failure, text), isUtf16 }, skipLines);
  if (format === 'jsonl') return jsonLinesContent(lines, name);
  const onComment = (): void => void reader.comments++;
  if (format === 'lines') return linesContent(lines, name, hasHeader, syntax.comment ?? '#', onComment);
  if (!hasHeader && !options.noHeader) {
    reader.onNotice(
      `${name}: its first line holds a URL and is taken for a row, as --no-header does; with --header it is the header`,
    );
  }
  reader.comments += comments;
  const behind = skip === 0 ? lines : linesBehind(lines, skipLines + skip);
  return csvContent(behind, name, syntax, hasHeader, onComment);
}

/** The lines with a greater number. */
async function* linesBehind(batches: AsyncIterable<Line[]>, last: number): AsyncGenerator<Line[]> {
  for await (const batch of batches) yield batch.filter(({ number }) => number > last);
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

/** Text up to where it `tells` the format, or as much as is looked at. */
async function readHead(text: AsyncGenerator<Buffer>, tells: (head: string) => boolean): Promise<Head> {
  let head: Buffer = Buffer.alloc(0);
  try {
    for (;;) {
      const { done, value } = await text.next();
      if (done === true) return { head, ended: true, failure: null };
      head = head.length === 0 ? value : Buffer.concat([head, value]);
      if (head.length >= largestHead || tells(head.toString('utf8', 0, largestHead)))
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
