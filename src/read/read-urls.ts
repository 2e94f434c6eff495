import { Duplex, PassThrough } from 'node:stream';

import { readSaid } from '../options/resolve.ts';
import { inputOptions } from '../options/table.ts';
import type { SaidOf } from '../options/table.ts';
import { rowStream } from './row-stream.ts';
import { ReadState, readRows } from './rows.ts';
import { streamSource } from './source.ts';

/** The Input options of the command, camelCase. */
export type ReadUrlsOptions = SaidOf<typeof inputOptions>;

/**
 * A Duplex stream from the bytes of a CSV, TSV, JSON Lines or URL list (compressed or not, as the command takes
 * them) to objects: one {@link Row} a record. Made for `pipeline`; the bytes are never held whole.
 *
 * The stream fails with a UsageError when the URL column cannot be told and with an InputError when the bytes
 * cannot be read.
 */
export function readUrls(options: ReadUrlsOptions = {}): Duplex {
  const bytes = new PassThrough();
  const read = { ...readSaid(inputOptions, options), fixedColumns: false, isDone: null, own: null };
  const rows = rowStream(readRows([streamSource(bytes, 'the input')], read, new ReadState()));
  const stream = new Duplex({
    readableObjectMode: true,
    write: (chunk: Buffer, encoding, callback) => void bytes.write(chunk, encoding, callback),
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
  // What is written after that goes nowhere, and `destroy` says why.
  bytes.on('error', () => {});
  return stream;
}
