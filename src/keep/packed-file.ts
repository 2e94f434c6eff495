import { createReadStream, createWriteStream } from 'node:fs';
import { unlink } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

import { OutputError } from '../shared/errors.ts';
import { attempt, writeAll } from '../shared/files.ts';

/** A part of a WARC file that is too large for memory. */
export interface PackedFile {
  readonly path: string;
  /** Bytes. */
  readonly length: number;
}

export type Part = Buffer | PackedFile;

/** Bytes that are read at a time. */
const pieceSize = 256 * 1024;

/**
 * Reads the file in pieces.
 *
 * @throws OutputError when it does not hold as many bytes as were written
 */
export async function* piecesOf({ path, length }: PackedFile): AsyncGenerator<Buffer> {
  let read = 0;
  for await (const piece of createReadStream(path, { highWaterMark: pieceSize })) {
    read += (piece as Buffer).length;
    yield piece as Buffer;
  }
  if (read !== length) throw new OutputError(`${path}: has ${read} of the ${length} bytes that were written`);
}

/**
 * Packs `before`, a body and `behind` into one gzip member: a new file beside that of the body, which is removed.
 *
 * @throws OutputError when it cannot be written
 */
export async function packFile(before: Buffer, body: PackedFile, behind: Buffer): Promise<PackedFile> {
  const path = `${body.path}.gz`;
  return attempt(path, async () => {
    const all = async function* (): AsyncGenerator<Buffer> {
      yield before;
      yield* piecesOf(body);
      yield behind;
    };
    // "x" creates the file and so never follows a link.
    const written = createWriteStream(path, { flags: 'wx', mode: 0o600 });
    await pipeline(all, createGzip({ chunkSize: pieceSize }), written);
    await unlink(body.path);
    return { path, length: written.bytesWritten };
  });
}

/** Writes the parts to a file, one behind the other. @throws the system's error, or an OutputError */
export async function writeParts(
  handle: FileHandle,
  parts: readonly Part[],
  position: number,
): Promise<void> {
  let at = position;
  let small: Buffer[] = [];
  const flush = async (): Promise<void> => {
    await writeAll(handle, small, at);
    at = small.reduce((sum, { length }) => sum + length, at);
    small = [];
  };
  for (const part of parts) {
    if (Buffer.isBuffer(part)) {
      small.push(part);
      continue;
    }
    await flush();
    for await (const piece of piecesOf(part)) {
      await writeAll(handle, [piece], at);
      at += piece.length;
    }
    await unlink(part.path);
  }
  await flush();
}
