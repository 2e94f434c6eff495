import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';

import type { SourceDialect } from './content.ts';
import { decompressed, isPacked } from './decompress.ts';
import { isOneDocument } from './json-elements.ts';
import { RecordCounter } from './record-counter.ts';
import { bytesOf } from './source.ts';
import type { Source } from './source.ts';

/** The part of a list's dialect that is needed to count its records. */
export type Written = Pick<SourceDialect, 'format' | 'delimiter'> & {
  /** As the option says: one character or `none`. */
  readonly quote: string | undefined;
};

/** A file that is no larger is counted as a whole: packed or not. */
const wholeSize = 8 * 1024 * 1024;

/** How many pieces of a larger file are looked at, and their size in bytes. */
const pieceCount = 128;
const pieceSize = 64 * 1024;

/** How many records a file has: in all, and behind a position. */
export interface RecordSample {
  readonly total: number;
  /** Records behind the first `bytes` bytes of the file. */
  readonly behind: (bytes: number) => number;
}

/**
 * Counts the records of a regular file, or estimates them by pieces from all over it.
 *
 * @returns null where that cannot be told: for pipes, large packed files, and texts whose records are no lines
 */
export async function recordSample(source: Source, written: Written): Promise<RecordSample | null> {
  const { name, size, reopens } = source;
  if (size === null || size === 0 || !reopens) return null;
  if (size <= wholeSize) return wholeOf(source, written);
  const file = await open(name, 'r');
  try {
    const head = await readAt(file, 0, 512);
    return isPacked(head, name) || isDocument(head, written) ? null : await piecesOf(file, size, written);
  } finally {
    await file.close();
  }
}

async function wholeOf(source: Source, written: Written): Promise<RecordSample | null> {
  const { name } = source;
  const counter = counterFor(written);
  /** How many records end within the first `bytes` bytes. */
  const marks: { readonly bytes: number; readonly records: number }[] = [];
  let bytes = 0;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of bytesOf(source.open(), name)) {
      marks.push({ bytes, records: counter.piece ?? 0 });
      bytes += chunk.length;
      yield chunk;
    }
  }
  let isFirst = true;
  for await (const text of decompressed(counted(), name)) {
    if (isFirst && isDocument(text, written)) return null;
    isFirst = false;
    counter.add(text);
  }
  const total = counter.whole;
  if (total === null) return null;
  return { total, behind: (read) => total - (marks.findLast((mark) => mark.bytes <= read)?.records ?? 0) };
}

async function piecesOf(file: FileHandle, size: number, written: Written): Promise<RecordSample | null> {
  const part = size / pieceCount;
  const densities: number[] = [];
  for (let i = 0; i < pieceCount; i++) {
    // In the middle of its part.
    const text = await readAt(file, Math.floor(part * (i + 0.5) - pieceSize / 2), pieceSize);
    const counter = counterFor(written);
    counter.add(text);
    const records = counter.piece;
    if (records === null) return null;
    densities.push(records / text.length);
  }
  const behind = (bytes: number): number => {
    const parts = densities.map(
      (density, i) => density * Math.min(part, Math.max(0, part * (i + 1) - bytes)),
    );
    return parts.reduce((sum, records) => sum + records, 0);
  };
  const total = behind(0);
  return total === 0 ? null : { total, behind };
}

/** Whether the text begins a JSON document, whose records are no lines. */
function isDocument(head: Buffer, { format }: Written): boolean {
  return format === 'jsonl' && isOneDocument(head.toString('latin1', 0, 512));
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function counterFor({ format, delimiter, quote = '"' }: Written): RecordCounter {
  return new RecordCounter(format === 'csv' && quote !== 'none' ? quote : null, delimiter);
}
