import { promisify } from 'node:util';
import zlib from 'node:zlib';

import type { FailureCode } from '../shared/failures.ts';
import { wholeMembers } from './gzip-members.ts';
import { brotliPieces, codeOf, gunzipPieces, inflatePieces, unzstdPieces } from './unpacked.ts';
import type { UnpackPieces } from './unpacked.ts';
import { unzstd, wholeFrames } from './unzstd.ts';

/** Why a body cannot be decoded. */
interface DecodeFailure {
  readonly error: FailureCode;
  readonly detail: string;
}

/** A body without its content codings, or why it cannot be decoded. */
export type Decoded = Buffer | DecodeFailure;

type Unpack = (data: Buffer, limit: number) => Buffer | Promise<Buffer>;

interface Limits {
  readonly maxOutputLength: number;
}
type Sync = (data: Buffer, options: Limits) => Buffer;
type Async = (data: Buffer, options: Limits) => Promise<Buffer>;

/** Larger bodies are unpacked in the thread pool; here they would hold up all other requests for milliseconds. */
const largestSync = 256 * 1024;

function unpackWith(sync: Sync, async: Async): Unpack {
  // zlib refuses a limit of 0, so one byte may come out; the caller checks the size again.
  return (data, limit) => {
    const options = { maxOutputLength: Math.max(limit, 1) };
    return data.length <= largestSync ? sync(data, options) : async(data, options);
  };
}

const unzip = unpackWith(zlib.gunzipSync, promisify<Buffer, Limits, Buffer>(zlib.gunzip));

/** Bytes behind the last complete member (RFC 1952) are dropped, as by browsers. */
const gunzip: Unpack = (data, limit) => {
  const again = (error: unknown): Buffer | Promise<Buffer> => {
    const length = codeOf(error) === 'Z_DATA_ERROR' ? wholeMembers(data, limit) : 0;
    if (length === 0) throw error;
    return unzip(data.subarray(0, length), limit);
  };
  try {
    const unpacked = unzip(data, limit);
    return unpacked instanceof Promise ? unpacked.catch(again) : unpacked;
  } catch (error) {
    return again(error);
  }
};

const inflate = unpackWith(zlib.inflateSync, promisify<Buffer, Limits, Buffer>(zlib.inflate));
const inflateRaw = unpackWith(zlib.inflateRawSync, promisify<Buffer, Limits, Buffer>(zlib.inflateRaw));

/** "deflate" means the zlib format (RFC 9110, section 8.4.1.2), but many servers send raw deflate (RFC 1951). */
const deflate: Unpack = (data, limit) => (((data[0] ?? 0) & 0x0f) === 8 ? inflate : inflateRaw)(data, limit);

const unpackers = new Map<string, Unpack>([
  ['gzip', gunzip],
  ['x-gzip', gunzip],
  ['deflate', deflate],
  ['br', unpackWith(zlib.brotliDecompressSync, promisify<Buffer, Limits, Buffer>(zlib.brotliDecompress))],
]);

if ('zstdDecompressSync' in zlib && 'zstdDecompress' in zlib) {
  const zstd = zlib as unknown as { zstdDecompressSync: Sync; zstdDecompress: typeof zlib.gunzip };
  const frame = unpackWith(zstd.zstdDecompressSync, promisify<Buffer, Limits, Buffer>(zstd.zstdDecompress));
  unpackers.set('zstd', (data, limit) => {
    // Node unpacks the first frame and silently ignores the others.
    const frames = wholeFrames(data);
    return frames.length === 1 ? frame(data, limit) : unpackAll(frames, frame, limit);
  });
} else unpackers.set('zstd', unzstd);

/** Unpackers of the same codings for bodies that are too large for memory. */
export const piecesUnpackers: ReadonlyMap<string, UnpackPieces> = new Map([
  ['gzip', gunzipPieces],
  ['x-gzip', gunzipPieces],
  ['deflate', inflatePieces],
  ['br', brotliPieces],
  ['zstd', unzstdPieces],
]);

/** The value of `Accept-Encoding`. */
export const acceptEncoding = 'gzip, deflate, br, zstd';

/** Registered codings (IANA) that cannot be decoded here. All other words are ignored, as by browsers. */
const others = new Set(['aes128gcm', 'compress', 'dcb', 'dcz', 'exi', 'pack200-gzip', 'x-compress']);

/** No honest server applies more codings than this to a body. */
const mostCodings = 3;

/**
 * The codings of a Content-Encoding header in the order in which they were applied. `identity` and words that are not
 * codings (`utf-8`, `none`, `binary`) are left out.
 */
export function codingsOf(contentEncoding: string): string[] {
  return contentEncoding
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => unpackers.has(coding) || others.has(coding));
}

/** Why the last of these codings cannot be taken off; null when it can. */
export function codingsFault(codings: readonly string[]): DecodeFailure | null {
  if (codings.length > mostCodings) {
    return { error: 'body-undecodable', detail: `more than ${mostCodings} content codings` };
  }
  const coding = codings.at(-1) ?? '';
  if (unpackers.has(coding)) return null;
  return { error: 'body-undecodable', detail: `the content coding "${coding}" cannot be taken off` };
}

/**
 * Removes the codings from a whole body. The output never exceeds `limit` bytes. Small bodies are decoded synchronously,
 * large ones in the thread pool.
 */
export function decode(body: Buffer, codings: readonly string[], limit: number): Decoded | Promise<Decoded> {
  const [coding] = codings.slice(-1);
  if (coding === undefined) return body;
  const unpack = unpackers.get(coding);
  const fault = codingsFault(codings);
  if (fault !== null || unpack === undefined) return fault ?? body;
  if (body.length === 0) return body;
  const rest = codings.slice(0, -1);
  try {
    const unpacked = unpack(body, limit);
    if (unpacked instanceof Promise) {
      return unpacked.then((data) => decode(data, rest, limit), decodeFailure);
    }
    return decode(unpacked, rest, limit);
  } catch (error) {
    return decodeFailure(error);
  }
}

async function unpackAll(parts: readonly Buffer[], unpack: Unpack, limit: number): Promise<Buffer> {
  const unpacked: Buffer[] = [];
  let left = limit;
  for (const part of parts) {
    const data = await unpack(part, left);
    unpacked.push(data);
    left = Math.max(0, left - data.length);
  }
  return Buffer.concat(unpacked);
}

/** What an error of zlib means. */
export function decodeFailure(error: unknown): DecodeFailure {
  const code = codeOf(error);
  const detail = error instanceof Error ? error.message : String(error);
  if (code === 'ERR_BUFFER_TOO_LARGE')
    return { error: 'body-too-large', detail: 'larger than --max-body decoded' };
  // The compressed data ends early: it was probably cut on the way, so another attempt may succeed.
  if (code === 'Z_BUF_ERROR')
    return { error: 'http-truncated', detail: `the encoded body is cut off (${detail})` };
  return { error: 'body-undecodable', detail };
}
