import { InputError } from '../shared/errors.ts';
import type { inputOptions, ValuesOf } from '../options/table.ts';
import { csvContent } from './csv.ts';
import type { Content } from './entry.ts';
import { refuseBinary, refuseControls, refuseMarkup } from './foreign.ts';
import type { InputFormat, Wanted } from './dialect.ts';
import { findDialect, tellsDialect } from './format.ts';
import { elementLines, isOneDocument } from './json-elements.ts';
import { jsonLinesContent } from './json-lines.ts';
import { linesContent, readLines, withoutLines } from './lines.ts';
import type { Line } from './lines.ts';
import { plainText } from './plain-text.ts';
import { enoughOfWide, refuseWide } from './wide-text.ts';

export type InputOptions = ValuesOf<typeof inputOptions>;

/** How a source is written, so that an output can be written like it. */
export interface SourceDialect {
  readonly format: InputFormat;
  readonly delimiter: string;
  /** Whether it begins with a byte order mark. */
  readonly bom: boolean;
  /** Whether its first line ends with CR LF. */
  readonly crlf: boolean;
}

/** Receives what is found out while reading. */
export interface Reader {
  /** Gets notices for the user about how an input is read. */
  onNotice: (text: string) => void;
  /** Lines that were comments. */
  comments: number;
  /** Told how the source is written. */
  onDialect?: (dialect: SourceDialect) => void;
  /**
   * Sees the text from which lines are read, and gives it back unchanged. For callers that read parts of it again later.
   *
   * @param isOwn whether the text is the end of the source, byte for byte: neither unpacked nor changed
   */
  onText?: ((text: AsyncGenerator<Buffer>, isOwn: boolean) => AsyncGenerator<Buffer>) | null | undefined;
}

/**
 * Reads a source as far as its header. The rest is read from the `Content` that it gives.
 *
 * @throws InputError when the source is empty, or no text
 * @throws UsageError when the format cannot be told
 */
export async function openContent(
  source: AsyncIterable<Buffer>,
  name: string,
  options: InputOptions & Pick<Wanted, 'resultColumn' | 'runColumn'>,
  reader: Reader,
): Promise<Content> {
  const { bytes, broken, isOwn, bom } = await plainText(source, name, options.encoding);
  const shown = (text: AsyncGenerator<Buffer>, ofSource: boolean): AsyncGenerator<Buffer> =>
    reader.onText?.(text, ofSource) ?? text;
  const text = withoutLines(bytes, options.skipLines);
  const { head, ended, failure } = await readHead(text, (seen) => tells(seen, name, options));
  refuseBinary(head, name);
  refuseWide(head, name);
  refuseControls(head, name);
  const start = head.toString('utf8', 0, largestHead);
  if (start.trim() === '') {
    if (failure !== null) throw failure;
    throw new InputError(`${name}: is empty; a header line is needed, or --no-header and a row`);
  }
  if (options.inputFormat === undefined) refuseMarkup(start, name);
  const isWhole = ended && head.length <= largestHead;
  const { format, syntax, hasHeader, skip, comments } = findDialect(start, name, options, isWhole);
  reader.onDialect?.({ format, delimiter: syntax.delimiter, bom, crlf: /^[^\r\n]*\r\n/.test(start) });
  const { skipLines } = options;
  const whole = joined(head, failure, text);
  if (format === 'jsonl' && isOneDocument(start)) {
    const elements = shown(elementLines(whole, name), false);
    return jsonLinesContent(readLines(elements, broken), broken, name, 'element');
  }
  const lines = readLines(shown(whole, isOwn), broken, skipLines);
  if (format === 'jsonl') return jsonLinesContent(lines, broken, name);
  const onComment = (): void => void reader.comments++;
  if (format === 'lines') {
    return linesContent(lines, broken, name, hasHeader, syntax.comment ?? '#', onComment);
  }
  if (!hasHeader && !options.noHeader) {
    reader.onNotice(
      `${name}: its first line holds a URL and is taken for a row, as --no-header does; with --header it is the header`,
    );
  }
  reader.comments += comments;
  const behind = skip === 0 ? lines : linesBehind(lines, skipLines + skip);
  return csvContent(behind, broken, name, syntax, hasHeader, onComment);
}

/** The lines with a number greater than `last`. */
async function* linesBehind(batches: AsyncIterable<Line[]>, last: number): AsyncGenerator<Line[]> {
  for await (const batch of batches) yield batch.filter(({ number }) => number > last);
}

/** Most bytes that are examined to tell the format. */
const largestHead = 64 * 1024;

interface Head {
  readonly head: Buffer;
  /** Whether that is all there is. */
  readonly ended: boolean;
  /** The error that broke off the reading; it is thrown once the head has been used. Null: none. */
  readonly failure: unknown;
}

/** Reads text until it `isEnough` to tell the format, or has the size that is examined at most. */
async function readHead(text: AsyncGenerator<Buffer>, isEnough: (head: Buffer) => boolean): Promise<Head> {
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
      if (size >= largestHead || (mayTell && isEnough(Buffer.concat(chunks)))) return headOf(false);
    }
  } catch (failure) {
    return headOf(true, failure);
  }
}

function tells(head: Buffer, name: string, options: InputOptions): boolean {
  if (head.length < enoughOfWide && head.includes(0)) return false;
  return tellsDialect(head.toString('utf8', 0, largestHead), name, options);
}

async function* joined(head: Buffer, failure: unknown, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  if (failure !== null) throw failure;
  yield* rest;
}
