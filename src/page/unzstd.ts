import { createRequire } from 'node:module';
import { setImmediate as turn } from 'node:timers/promises';

import type * as Fzstd from 'fzstd';

import type { Bytes } from './spool.ts';

/** The window size that decoders must support and servers may not exceed (RFC 9659). */
const largestWindow = 8 * 1024 * 1024;

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;

/** Bytes per piece of input. */
const inputPiece = 64 * 1024;

/** Blocks that are unpacked before other work gets a turn: each may have 128 KiB, and moves the window. */
const mostBlocks = 32;

/** Bytes of the longest header of a frame. */
export const headLength = 18;

/**
 * Unpacks zstd (RFC 8878) for versions of Node whose zlib cannot. Checksums are not verified.
 *
 * @throws Error with a code of zlib: Z_BUF_ERROR if the data ends early, ERR_BUFFER_TOO_LARGE above the limit
 */
export function unzstd(data: Buffer, limit: number): Buffer {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for (const frame of wholeFrames(data)) {
    const head = frameAt(frame, 0);
    if (head === null || head.isSkipped) continue;
    const unpack = decoder(head, (piece) => {
      length += piece.length;
      if (length > Math.max(limit, 1)) throw coded('ERR_BUFFER_TOO_LARGE', 'too large');
      pieces.push(Uint8Array.from(piece));
    });
    unpack(frame, true);
  }
  return Buffer.concat(pieces);
}

/** The same, piece by piece: memory holds the window and a block. @throws the same, and what `write` throws */
export async function unzstdInPieces(source: Bytes, write: (piece: Buffer) => void): Promise<void> {
  for (let at = 0; at < source.length;) {
    const head = await source.read(at, headLength);
    if (at > 0 && !isFrame(head, 0)) return;
    const frame = frameAt(head, 0);
    if (frame === null) throw cut();
    if (frame.isSkipped) at += frame.start;
    else at = await unpackFrame(source, at, { ...frame, start: at + frame.start }, write);
    if (at > source.length) throw cut();
  }
}

/** @returns where the frame ends */
async function unpackFrame(
  source: Bytes,
  begin: number,
  frame: Frame,
  write: (piece: Buffer) => void,
): Promise<number> {
  const { start, hasChecksum } = frame;
  const unpack = decoder(frame, write);
  // How far the decoder was fed, where the next block begins, and whether the last block has been seen.
  let [at, next, isOver] = [begin, start, false];
  for (;;) {
    const data = await source.read(at, inputPiece);
    const end = at + data.length;
    for (let blocks = 0; !isOver && blocks < mostBlocks && next + 3 <= end; blocks++) {
      const header = data.readUIntLE(next - at, 3);
      next += blockLength(header);
      isOver = (header & 1) === 1;
      if (isOver && hasChecksum) next += 4;
    }
    const to = Math.min(next, end);
    if (to === at) throw cut();
    unpack(data.subarray(0, to - at), isOver && to === next);
    if (isOver && to === next) return to;
    at = to;
    // Give other work a turn, as this runs in the thread of the engine.
    await turn();
  }
}

/** @returns a function that takes the next bytes of the frame; it throws at its end if the header's size is wrong */
function decoder({ size }: Frame, write: (piece: Buffer) => void): (data: Buffer, isLast: boolean) => void {
  // Loaded only when needed, as few runs do.
  const { Decompress } = createRequire(import.meta.url)('fzstd') as typeof Fzstd;
  let length = 0;
  const stream = new Decompress((piece) => {
    length += piece.length;
    write(Buffer.from(piece.buffer, piece.byteOffset, piece.length));
  });
  return (data, isLast) => {
    stream.push(data, isLast);
    if (isLast && size !== null && length !== size) throw new Error('a frame has not the size that it tells');
  };
}

/**
 * The frames of the data. Bytes behind them that are not a frame are dropped.
 *
 * @throws Error when a frame is incomplete or its window is too large
 */
export function wholeFrames(data: Buffer): Buffer[] {
  const frames: Buffer[] = [];
  for (let at = 0; at < data.length;) {
    if (at > 0 && !isFrame(data, at)) break;
    const end = endOfFrame(data, at);
    if (end > data.length) throw cut();
    frames.push(data.subarray(at, end));
    at = end;
  }
  return frames;
}

/** Whether a frame begins there. */
export function isFrame(data: Buffer, at: number): boolean {
  const magic = data.length < at + 4 ? 0 : data.readUInt32LE(at);
  return magic === frameMagic || isSkippable(magic);
}

/** @throws Error when the frame that begins with these bytes has too large a window */
export function checkWindow(head: Buffer): void {
  if (isFrame(head, 0)) frameAt(head, 0);
}

interface Frame {
  /** Where its blocks begin; of a skippable frame, where it ends. */
  readonly start: number;
  readonly isSkipped: boolean;
  readonly hasChecksum: boolean;
  /** Unpacked bytes, if the header tells. */
  readonly size: number | null;
}

function isSkippable(magic: number): boolean {
  return (magic & 0xfffffff0) >>> 0 === skippableMagic;
}

/** Reads the header of a frame; null if it is incomplete. */
function frameAt(data: Buffer, at: number): Frame | null {
  if (data.length < at + 6) return null;
  const magic = data.readUInt32LE(at);
  if (isSkippable(magic)) {
    if (data.length < at + 8) return null;
    return { start: at + 8 + data.readUInt32LE(at + 4), isSkipped: true, hasChecksum: false, size: null };
  }
  if (magic !== frameMagic) throw new Error('not zstd');
  const flags = data[at + 4] ?? 0;
  const isSingle = (flags & 0x20) !== 0;
  const [dictionary = 0, sizeBytes = 0] = [[0, 1, 2, 4][flags & 3], [isSingle ? 1 : 0, 2, 4, 8][flags >> 6]];
  const sizeAt = at + (isSingle ? 5 : 6) + dictionary;
  if (data.length < sizeAt + sizeBytes) return null;
  const size = sizeBytes === 0 ? null : contentSize(data, sizeAt, sizeBytes);
  const window = isSingle ? (size ?? 0) : windowSize(data[at + 5] ?? 0);
  if (window > largestWindow) throw new Error('the window is larger than 8 MiB');
  return { start: sizeAt + sizeBytes, isSkipped: false, hasChecksum: (flags & 4) !== 0, size };
}

/** The end of the frame at `at`; beyond the end of the data if the frame is incomplete. */
function endOfFrame(data: Buffer, at: number): number {
  const frame = frameAt(data, at);
  if (frame === null) return Infinity;
  return frame.isSkipped ? frame.start : endOfBlocks(data, frame.start, frame.hasChecksum);
}

function endOfBlocks(data: Buffer, start: number, hasChecksum: boolean): number {
  for (let at = start; data.length >= at + 3;) {
    const header = data.readUIntLE(at, 3);
    at += blockLength(header);
    if ((header & 1) === 1) return at + (hasChecksum ? 4 : 0);
  }
  return Infinity;
}

/** Bytes of a block with its header. A block of a repeated byte holds that byte only. */
function blockLength(header: number): number {
  return 3 + (((header >> 1) & 3) === 1 ? 1 : header >> 3);
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 7);
}

function contentSize(data: Buffer, at: number, bytes: number): number {
  if (bytes === 8) return Number(data.readBigUInt64LE(at));
  return data.readUIntLE(at, bytes) + (bytes === 2 ? 256 : 0);
}

function cut(): Error {
  return coded('Z_BUF_ERROR', 'unexpected end of file');
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}
