import { Duplex, PassThrough } from 'node:stream';

import { readSaid } from '../options/resolve.ts';
import { inputOptions } from '../options/table.ts';
import type { SaidOf } from '../options/table.ts';
import type { Given } from '../shared/given.ts';
import type { Row } from '../shared/records.ts';
import { rowStream } from './row-stream.ts';
import { ReadState, readRows } from './rows.ts';
import { streamSource } from './source.ts';

/** The Input options of the command, camelCase. */
export interface ReadUrlsOptions extends SaidOf<typeof inputOptions> {}

/** The stream that `readUrls()` makes, with the type of what `for await` gives. */
export interface ReadUrls extends Duplex {
  [Symbol.asyncIterator]: () => Given<Row>;
}

/**
 * Makes a Duplex: bytes or strings of a CSV, TSV, JSON Lines or URL list go in, compressed or not; one {@link Row} per
 * record comes out. The input is never held whole.
 *
 * A damaged line (not UTF-8, a quote that never closes) becomes a `bad-row`. The stream fails with a UsageError when the
 * URL column cannot be found or something other than bytes or strings is written, and with an InputError when the bytes
 * cannot be read.
 *
 * @example
 *   for await (const { url } of createReadStream('urls.csv.gz').pipe(readUrls())) console.log(url);
 *
 * @throws UsageError when an option is wrong
 */
export function readUrls(options: ReadUrlsOptions = {}): ReadUrls {
  const bytes = new PassThrough({ objectMode: true, highWaterMark: 1 });
  const read = { ...readSaid(inputOptions, options), fixedColumns: false, isDone: null, own: null };
  const rows = rowStream(readRows([streamSource(bytes, 'the input')], read, new ReadState()));
  const stream = new Duplex({
    readableObjectMode: true,
    // In object mode, chunks that are no bytes get here too, and fail the stream as other wrong inputs do.
    writableObjectMode: true,
    writableHighWaterMark: 1,
    write: (chunk: unknown, encoding, callback) =>
      void bytes.write(isCoded(chunk, encoding) ? Buffer.from(chunk, encoding) : chunk, callback),
    final: (callback) => void bytes.end(callback),
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
