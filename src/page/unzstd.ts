import { createRequire } from 'node:module';

import type * as Fzstd from 'fzstd';

/** The window size that decoders must support and servers may not exceed (RFC 9659). */
const largestWindow = 8 * 1024 * 1024;

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;

/**
 * Unpacks zstd (RFC 8878) for versions of Node whose zlib cannot. Checksums are not verified.
 *
 * @throws Error with a code of zlib: Z_BUF_ERROR if the data ends early, ERR_BUFFER_TOO_LARGE above the limit
 */
export function unzstd(data: Buffer, limit: number): Buffer {
  const whole = wholeFrames(data, largestWindow);
  // Loaded only when needed, as few runs do.
  const { Decompress } = createRequire(import.meta.url)('fzstd') as typeof Fzstd;
  const pieces: Uint8Array[] = [];
  let length = 0;
  const stream = new Decompress((piece) => {
    length += piece.length;
    if (length > Math.max(limit, 1)) throw coded('ERR_BUFFER_TOO_LARGE', 'too large');
    pieces.push(piece.slice());
  });
  for (const frame of whole) stream.push(frame);
  return Buffer.concat(pieces);
}

/**
 * The frames of the data. Bytes behind them that are not a frame are dropped.
 *
 * @throws Error when a frame is incomplete or has a larger window than `mostWindow`
 */
export function wholeFrames(data: Buffer, mostWindow = Infinity): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < data.length;) {
    if (at > 0 && !isFrame(data, at)) break;
    const end = endOfFrame(data, at, mostWindow);
    if (end > data.length) throw coded('Z_BUF_ERROR', 'unexpected end of file');
    frames.push(data.subarray(at, end));
    at = end;
  }
  return frames;
}

/** Whether a frame begins there. */
export function isFrame(data: Buffer, at: number): boolean {
  const magic = data.length < at + 4 ? 0 : data.readUInt32LE(at);
  return magic === frameMagic || (magic & 0xfffffff0) >>> 0 === skippableMagic;
}

/** The end of the frame at `at`; beyond the end of the data if the frame is incomplete. */
function endOfFrame(data: Buffer, at: number, mostWindow: number): number {
  if (data.length < at + 6) return Infinity;
  const magic = data.readUInt32LE(at);
  if ((magic & 0xfffffff0) >>> 0 === skippableMagic) {
    return data.length < at + 8 ? Infinity : at + 8 + data.readUInt32LE(at + 4);
  }
  if (magic !== frameMagic) throw new Error('not zstd');
  const flags = data[at + 4] ?? 0;
  const isSingle = (flags & 0x20) !== 0;
  const [dictionary = 0, size = 0] = [[0, 1, 2, 4][flags & 3], [isSingle ? 1 : 0, 2, 4, 8][flags >> 6]];
  const sizeAt = at + (isSingle ? 5 : 6) + dictionary;
  if (data.length < sizeAt + size) return Infinity;
  const window = isSingle ? contentSize(data, sizeAt, size) : windowSize(data[at + 5] ?? 0);
  if (window > mostWindow) throw new Error('the window is larger than 8 MiB');
  return endOfBlocks(data, sizeAt + size, (flags & 4) !== 0);
}

function endOfBlocks(data: Buffer, start: number, hasChecksum: boolean): number {
  for (let at = start; data.length >= at + 3;) {
    const header = data.readUIntLE(at, 3);
    // A block of a repeated byte holds that byte only.
    at += 3 + (((header >> 1) & 3) === 1 ? 1 : header >> 3);
    if ((header & 1) === 1) return at + (hasChecksum ? 4 : 0);
  }
  return Infinity;
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function contentSize(data: Buffer, at: number, bytes: number): number {
  if (bytes === 8) return Number(data.readBigUInt64LE(at));
  return data.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0);
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
