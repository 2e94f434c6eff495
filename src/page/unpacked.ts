import { once } from 'node:events';
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';

import { dataStart } from './gzip-members.ts';
import type { Bytes } from './spool.ts';
import { checkWindow, headLength, isFrame, unzstdInPieces } from './unzstd.ts';

/** Bytes per piece of input and of output: enough for few calls, and little beside the memory of a decoder. */
const inputPiece = 64 * 1024;
const outputPiece = 256 * 1024;

/** Receives the unpacked bytes in order. */
export interface Taker {
  readonly write: (chunk: Buffer) => void;
  /** @returns a function that takes back everything written since this call */
  readonly mark: () => () => void;
}

/** Takes a content coding off, piece by piece. @throws Error with a code of zlib, or what the taker throws */
export type UnpackPieces = (source: Bytes, taker: Taker) => Promise<void>;

type Engine = Transform & { readonly bytesWritten: number };

/**
 * Unpacks gzip (RFC 1952) member by member. What follows the last whole member is dropped, even if it is a damaged
 * member, as by `decode` for bodies in memory; data that ends early is an error.
 */
export const gunzipPieces: UnpackPieces = async (source, taker) => {
  for (let at = 0; ;) {
    const head = await source.read(at, inputPiece);
    const start = dataStart(head, 0);
    if (start === null) {
      if (isCutHeader(head)) throw coded('Z_BUF_ERROR', 'unexpected end of file');
      if (at === 0) throw coded('Z_DATA_ERROR', 'incorrect header check');
      return;
    }
    const goBack = taker.mark();
    try {
      at = await member(source, at + start, taker);
    } catch (error) {
      if (at === 0 || codeOf(error) !== 'Z_DATA_ERROR') throw error;
      goBack();
      return;
    }
    if (at === source.length) return;
  }
};

/** Whether the data begins like a member and ends within the header. */
function isCutHeader(head: Buffer): boolean {
  const known = Buffer.from([0x1f, 0x8b, 8]).subarray(0, head.length);
  const isKnown = head.length > 0 && head.subarray(0, 3).equals(known) && (head[3] ?? 0) < 0x20;
  return isKnown && head.length < inputPiece;
}

/** Unpacks one member, from its deflated data on. @returns where the next one may begin */
async function member(source: Bytes, start: number, taker: Taker): Promise<number> {
  let [check, size] = [0, 0];
  const end = await unit(source, start, zlib.createInflateRaw({ chunkSize: outputPiece }), (data) => {
    check = zlib.crc32(data, check);
    size = (size + data.length) % 2 ** 32;
    taker.write(data);
  });
  const trailer = await source.read(end, 8);
  if (trailer.length >= 4 && trailer.readUInt32LE() !== check)
    throw coded('Z_DATA_ERROR', 'incorrect data check');
  if (trailer.length < 8) throw coded('Z_BUF_ERROR', 'unexpected end of file');
  if (trailer.readUInt32LE(4) !== size) throw coded('Z_DATA_ERROR', 'incorrect length check');
  return end + 8;
}

/** "deflate" is zlib's format, or raw deflate (see `decode`). */
export const inflatePieces: UnpackPieces = async (source, taker) => {
  const [first = 0] = await source.read(0, 1);
  const make = (first & 0x0f) === 8 ? zlib.createInflate : zlib.createInflateRaw;
  await unit(source, 0, make({ chunkSize: outputPiece }), taker.write);
};

export const brotliPieces: UnpackPieces = async (source, taker) => {
  await unit(source, 0, zlib.createBrotliDecompress({ chunkSize: outputPiece }), taker.write);
};

/** Frame by frame. */
export const unzstdPieces: UnpackPieces = async (source, taker) => {
  if (!('createZstdDecompress' in zlib)) return unzstdInPieces(source, taker.write);
  const create = zlib.createZstdDecompress as (options: { chunkSize: number }) => Engine;
  for (let at = 0; at < source.length;) {
    const head = await source.read(at, headLength);
    if (at > 0 && !isFrame(head, 0)) return undefined;
    checkWindow(head);
    at = await unit(source, at, create({ chunkSize: outputPiece }), taker.write);
  }
};

/**
 * Feeds an engine until its packed data ends. Nothing piles up: the engine is fed only when it asks for more, and unpacks
 * more only when its output has been taken.
 *
 * @returns where the packed data ends
 */
async function unit(
  source: Bytes,
  start: number,
  engine: Engine,
  take: (chunk: Buffer) => void,
): Promise<number> {
  const fed = feed(source, start, engine);
  try {
    for await (const data of engine) take(data as Buffer);
  } finally {
    engine.destroy();
    await fed;
  }
  return start + engine.bytesWritten;
}

/** Never rejects: an error destroys the engine instead, and so reaches `unit`. */
async function feed(source: Bytes, start: number, engine: Engine): Promise<void> {
  try {
    const closed = once(engine, 'close').catch(ignore);
    for (let at = start; at < source.length && !engine.destroyed;) {
      const piece = await source.read(at, inputPiece);
      at += piece.length;
      // An engine that has reached the end of its data may never emit `drain`, only `close`.
      if (!engine.destroyed && !engine.write(piece)) {
        await Promise.race([once(engine, 'drain').catch(ignore), closed]);
      }
    }
    if (!engine.destroyed) engine.end();
  } catch (error) {
    engine.destroy(error as Error);
  }
}

function coded(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function ignore(): void {}
