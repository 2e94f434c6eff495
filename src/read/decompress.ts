import zlib from 'node:zlib';

import { InputError } from '../shared/errors.ts';
import { gunzipped } from './gzip.ts';
import { peek } from './peek.ts';
import { Pieces } from './pieces.ts';
import { unpacked } from './unpacked.ts';
import type { Engine } from './unpacked.ts';

/**
 * Unpacks gzip and zstd, known by their first bytes, and brotli, known by the name .br as it has no mark. Anything
 * else passes unchanged.
 *
 * @throws InputError for zstd where Node has none
 */
export async function* decompressed(bytes: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const [head, whole] = await peek(bytes);
  const unpack = unpackerFor(head, name);
  if (unpack === null) {
    yield* whole;
    return;
  }
  const input = new Pieces(whole);
  try {
    yield* unpack(input);
  } finally {
    await input.close();
  }
}

type Unpacker = (input: Pieces) => AsyncGenerator<Buffer>;

function unpackerFor(head: Buffer, name: string): Unpacker | null {
  const magic = head.toString('hex', 0, 4);
  if (magic.startsWith('1f8b')) return (input) => gunzipped(input, name);
  if (isBrotli(name)) return (input) => allUnpacked(input, zlib.createBrotliDecompress(), name);
  if (magic === '28b52ffd') {
    if ('createZstdDecompress' in zlib) {
      const engine = (zlib.createZstdDecompress as () => Engine)();
      return (input) => allUnpacked(input, engine, name);
    }
    throw new InputError(`${name}: zstd needs Node 22.15 or newer; unpack it: zstd -dc ${name} | urlmill`);
  }
  return null;
}

/** Whether `decompressed()` unpacks a source of this name that begins with these bytes. */
export function isPacked(head: Buffer, name: string): boolean {
  return /^(?:1f8b|28b52ffd)/.test(head.toString('hex', 0, 4)) || isBrotli(name);
}

function isBrotli(name: string): boolean {
  return /\.br$/i.test(name);
}

/** @throws InputError when something follows the packed data */
async function* allUnpacked(input: Pieces, engine: Engine, name: string): AsyncGenerator<Buffer> {
  yield* unpacked(input, engine);
  if ((await input.next()) === null) return;
  throw new InputError(
    `${name}: the compressed data is damaged (something follows it); fetch or make the file again`,
  );
}
