import { Duplex, PassThrough } from 'node:stream';

import { readSaid } from '../options/resolve.ts';
import { inputOptions } from '../options/table.ts';
import type { SaidOf } from '../options/table.ts';
import type { Given } from '../shared/given.ts';
import type { Row } from '../shared/records.ts';
import { rowStream } from './row-stream.ts';
import { ReadState, readRows } from './rows.ts';
import { streamSource } from './source.ts';

/**
 * Options of {@link readUrls}: all options of the section "Input" of the command in camelCase (docs/options.md), with
 * the same defaults. Format, header, delimiter, quotes and the URL column are found by the first lines unless an
 * option sets them.
 */
export interface ReadUrlsOptions extends SaidOf<typeof inputOptions> {}

/** The stream that `readUrls()` makes: bytes or strings are written to it, and {@link Row}s read, as by `for await`. */
export interface ReadUrls extends Duplex {
  [Symbol.asyncIterator]: () => Given<Row>;
}

/**
 * Makes a Duplex: bytes or strings of a CSV, TSV, JSON Lines or URL list go in; one {@link Row} per record comes out,
 * in order. Input that is packed with gzip, or with zstd on Node 22.15 and newer, is unpacked. The input is never
 * held whole.
 *
 * A cell without a scheme gets that of `defaultScheme`. A record without a URL that can be fetched is a row too: its
 * `error` is `no-url`, `invalid-url` or `bad-row` (a damaged line: not UTF-8, a quote that never closes), and
 * `fetchUrls()` gives it a result with that code.
 *
 * The stream fails with
 *
 * - a UsageError when the URL column or the format cannot be found, or something other than bytes or strings is
 *   written;
 * - an InputError when the bytes cannot be read: they are damaged, or of a file that is no list. The rows before
 *   that have been given.
 *
 * @example
 * for await (const { url } of createReadStream('urls.csv.gz').pipe(readUrls())) console.log(url);
 *
 * @example
 * // The first 100 rows of a list with the URL in its third column.
 * const rows = createReadStream('list.txt').pipe(readUrls({ urlColumn: '3', delimiter: 'tab', limit: 100 }));
 *
 * @param options see {@link ReadUrlsOptions}. Default: all is found by the first lines
 * @returns the stream, to be used with `pipe()`, `pipeline()` or `for await`
 * @throws UsageError when an option is unknown or has a wrong value
 */
export function readUrls(options: ReadUrlsOptions = {}): ReadUrls {
  const bytes = new PassThrough({ objectMode: true, highWaterMark: 1 });
  const read = { ...readSaid(inputOptions, options), fixedColumns: false, isDone: null, own: null };
  const rows = rowStream(readRows([streamSource(bytes, 'the input')], read, new ReadState()));
  /** The callback of the write in progress, which asks for the next chunk. */
  let waiting: (() => void) | null = null;
  const answer = (): void => {
    const callback = waiting;
    waiting = null;
    callback?.();
  };
  // A stream that is destroyed may never answer a write in progress.
  bytes.on('close', answer);
  const stream = new Duplex({
    readableObjectMode: true,
    // In object mode, chunks that are no bytes get here too, and fail the stream as other wrong inputs do.
    writableObjectMode: true,
    writableHighWaterMark: 1,
    write: (chunk: unknown, encoding, callback) => {
      // With `limit` the reading ends before the input. What follows is dropped, so that a pipeline can end.
      if (bytes.destroyed) return callback();
      waiting = callback;
      bytes.write(isCoded(chunk, encoding) ? Buffer.from(chunk, encoding) : chunk, answer);
      return undefined;
    },
    final: (callback) => {
      if (bytes.destroyed) return callback();
      waiting = callback;
      bytes.end(answer);
      return undefined;
    },
    read: () => void rows.resume(),
    destroy: (error, callback) => {
      bytes.destroy();
      rows.destroy();
      callback(error);
    },
  });
  rows.on('data', (row) => void (stream.push(row) || rows.pause())).pause();
  rows.on('end', () => stream.push(null));
  rows.on('error', (error) => stream.destroy(error));
  // After `destroy`, which has reported the reason, further writes fail here and need not be told.
  bytes.on('error', () => {});
  return stream as ReadUrls;
}

/** Whether a chunk is a string in another encoding than UTF-8, like `hex`. @param encoding as it was passed to `write()` */
function isCoded(chunk: unknown, encoding: BufferEncoding = 'utf8'): chunk is string {
  return typeof chunk === 'string' && !/^utf-?8$/i.test(encoding);
}
