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
  const read = { ...readSaid(inputOptions, options), fixedColumns: false };
  const rows = readRows([streamSource(bytes, 'the input')], read, new ReadState());
  return Duplex.from({ writable: bytes, readable: rowStream(rows) });
}
