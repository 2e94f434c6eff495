import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';

import type { InputIdentity } from '../shared/input-identity.ts';
import { InputError, UsageError, errorCode, systemReason } from '../shared/errors.ts';

/** Bytes to read from: a file, standard input, or what a library's caller writes. */
export interface Source {
  /** As messages call it. */
  readonly name: string;
  /** Size in bytes where it is known beforehand. */
  readonly size: number | null;
  readonly open: () => Readable;
  /** Whether it can be opened more than once with the same content. */
  readonly reopens: boolean;
}

const headSize = 64 * 1024;

/** @throws InputError when it cannot be read */
export async function identityOf({ name, reopens }: Source): Promise<InputIdentity> {
  // A stream cannot be read again, so no two of them count as the same.
  if (!reopens) return { name, size: 0, mtime: Date.now(), head: '' };
  try {
    const handle = await open(name, 'r');
    try {
      const { size, mtimeMs: mtime } = await handle.stat();
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(headSize), 0, headSize, 0);
      const head = createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex');
      return { name: resolve(name), size, mtime, head };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw unreadable(name, error);
  }
}

/**
 * A file as a source. It is opened once here, so that a missing file ends the run before the first request.
 *
 * @throws InputError when it cannot be read
 */
export async function fileSource(path: string): Promise<Source> {
  try {
    const handle = await open(path, 'r');
    const stat = await handle.stat();
    if (stat.isFile() || stat.isDirectory()) await handle.close();
    if (stat.isDirectory()) throw new InputError(`${path}: is a directory; name a file`);
    // A pipe can be read only once, so it stays open.
    if (!stat.isFile()) return streamSource(handle.createReadStream(), path);
    return { name: path, size: stat.size, open: () => createReadStream(path), reopens: true };
  } catch (error) {
    throw unreadable(path, error);
  }
}

export function streamSource(stream: Readable, name: string): Source {
  return { name, size: null, open: () => stream, reopens: false };
}

/**
 * What a stream gives as bytes; a string is its UTF-8 text.
 *
 * @throws UsageError when it gives what is neither text nor bytes
 */
export async function* bytesOf(stream: AsyncIterable<unknown>, name: string): AsyncGenerator<Buffer> {
  // The first half of a pair, whose other half begins the next string.
  let half = '';
  for await (const chunk of stream) {
    if (typeof chunk === 'string') {
      const text = half + chunk;
      half = /[\ud800-\udbff]$/.exec(text)?.[0] ?? '';
      yield Buffer.from(half === '' ? text : text.slice(0, -1));
    } else if (chunk instanceof Uint8Array) {
      yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    } else {
      throw new UsageError(
        `${name}: a stream of bytes or strings is needed, and this one gave: ${typeof chunk}`,
      );
    }
  }
  if (half !== '') yield Buffer.from(half);
}

/** What went wrong while reading `name`, as the user should see it. */
export function unreadable(name: string, error: unknown): unknown {
  if (error instanceof InputError) return error;
  const code = errorCode(error);
  if (code === 'ENOENT') return new InputError(`${name}: there is no such file`);
  if (/^Z_|^ZSTD_|^ERR__?ZSTD|^ERR_BROTLI|^ERR__ERROR/.test(code)) {
    const cut = code === 'Z_BUF_ERROR';
    return new InputError(
      `${name}: the compressed data is ${cut ? 'cut off' : 'damaged'} (${systemReason(error)}); fetch or make the file again`,
    );
  }
  return /^E[A-Z0-9]+$/.test(code)
    ? new InputError(`${name}: cannot be read: ${systemReason(error)}`)
    : error;
}
