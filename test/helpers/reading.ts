import { Readable } from 'node:stream';

import { readSaid } from '../../src/options/resolve.ts';
import { inputOptions } from '../../src/options/table.ts';
import type { ReadUrlsOptions } from '../../src/read/read-urls.ts';
import type { Row } from '../../src/shared/records.ts';
import { ReadState, readRows } from '../../src/read/rows.ts';
import type { ReadOptions } from '../../src/read/rows.ts';
import { streamSource } from '../../src/read/source.ts';
import type { Source } from '../../src/read/source.ts';

/** The outcome of reading sources: the rows, and the error that stopped the reading, if any. */
export interface Reading {
  readonly rows: readonly Row[];
  readonly error: unknown;
  readonly state: ReadState;
}

/** A source that yields exactly these pieces: an object stream never joins them. */
export function sourceOf(content: string | Buffer | readonly Buffer[], name = 'standard input'): Source {
  const pieces = Array.isArray(content) ? content : [Buffer.from(content as string)];
  return streamSource(Readable.from(pieces.filter((piece: Buffer) => piece.length > 0)), name);
}

export function piecesOf(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
}

export function readOptions(said: ReadUrlsOptions = {}, fixedColumns = false): ReadOptions {
  return { ...readSaid(inputOptions, said), fixedColumns, isDone: null, own: null };
}

/** Reads to the end, or up to an error. */
export async function readAll(
  sources: Source | readonly Source[],
  said: ReadUrlsOptions = {},
  { fixedColumns = false, state = new ReadState() } = {},
): Promise<Reading> {
  const rows: Row[] = [];
  try {
    const batches = readRows([sources].flat(), readOptions(said, fixedColumns), state);
    for await (const batch of batches) rows.push(...batch);
    return { rows, error: null, state };
  } catch (error) {
    return { rows, error, state };
  }
}

export function cellsOf({ rows }: Reading): (readonly string[])[] {
  return rows.map(({ cells }) => cells);
}

export function urlsOf({ rows }: Reading): string[] {
  return rows.map(({ url }) => url);
}
