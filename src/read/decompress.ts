import zlib from 'node:zlib';

import { InputError } from '../shared/errors.ts';
import { gunzipped } from './gzip.ts';
import { peek } from './peek.ts';
import { Pieces } from './pieces.ts';
import { unpacked } from './unpacked.ts';
import type { Engine } from './unpacked.ts';

/**
 * Unpacks gzip and zstd, known by their first bytes, and brotli, known by the name .br as it has no mark. Anything
 * else passes as it is.
 *
 * @throws InputError for other archives, and for zstd where Node has none
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

const notText: readonly (readonly [string, string])[] = [
  ['504b0304', 'a zip archive or spreadsheet; save it as CSV'],
  ['50415231', 'a Parquet file; convert it to CSV'],
  ['fd377a58', 'compressed with xz; unpack it: xz -dc FILE | urlmill'],
  ['425a68', 'compressed with bzip2; unpack it: bzip2 -dc FILE | urlmill'],
  ['25504446', 'a PDF file'],
];

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
  const other = notText.find(([start]) => magic.startsWith(start));
  if (other !== undefined) throw new InputError(`${name}: is ${other[1]}`);
  return null;
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
