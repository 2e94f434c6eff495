import { pipeline } from 'node:stream/promises';
import { createGzip, gzipSync } from 'node:zlib';

/**
 * Bytes up to which compressing synchronously costs less than a call of the thread pool. It holds up the event loop for a
 * millisecond or two.
 */
export const largestAtOnce = 32 * 1024;

const pieceSize = 64 * 1024;

/** The bytes as one gzip member. Large ones are compressed in the thread pool, piece by piece. */
export async function gzipMember(parts: readonly Buffer[]): Promise<Buffer[]> {
  if (sizeOf(parts) <= largestAtOnce) return [gzipSync(Buffer.concat(parts))];
  const packed: Buffer[] = [];
  await pipeline(
    pieces(parts),
    createGzip({ chunkSize: pieceSize }),
    async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) packed.push(chunk);
    },
  );
  return packed;
}

export function sizeOf(parts: readonly { readonly length: number }[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0);
}

/** The same bytes in pieces that are large enough for one call each, and too small to hold up the event loop. */
export function* pieces(parts: readonly Buffer[]): Generator<Buffer> {
  let small: Buffer[] = [];
  let length = 0;
  for (const part of parts) {
    if (length + part.length <= pieceSize) {
      small.push(part);
      length += part.length;
      continue;
    }
    if (length > 0) yield Buffer.concat(small, length);
    small = [];
    length = 0;
    for (let at = 0; at < part.length; at += pieceSize) yield part.subarray(at, at + pieceSize);
  }
  if (length > 0) yield Buffer.concat(small, length);
}
