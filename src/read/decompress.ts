import { once } from 'node:events';
import zlib from 'node:zlib';
import type { Transform } from 'node:stream';

import { InputError } from '../shared/errors.ts';
import { peek } from './peek.ts';

/**
 * Unpacks gzip and zstd, known by their first bytes, and brotli, known by the name .br as it has no mark. Anything
 * else passes as it is.
 *
 * @throws InputError for other archives, and for zstd where Node has none
 */
export async function* decompressed(bytes: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const [head, whole] = await peek(bytes);
  const engine = engineFor(head, name);
  yield* engine === null ? whole : through(whole, engine, name);
}

const notText: readonly (readonly [string, string])[] = [
  ['504b0304', 'a zip archive or spreadsheet; save it as CSV'],
  ['50415231', 'a Parquet file; convert it to CSV'],
  ['fd377a58', 'compressed with xz; unpack it: xz -dc FILE | urlmill'],
  ['425a68', 'compressed with bzip2; unpack it: bzip2 -dc FILE | urlmill'],
  ['25504446', 'a PDF file'],
];

type Engine = Transform & { readonly bytesWritten: number };

function engineFor(head: Buffer, name: string): Engine | null {
  const magic = head.toString('hex', 0, 4);
  if (magic.startsWith('1f8b')) return zlib.createGunzip();
  if (isBrotli(name)) return zlib.createBrotliDecompress();
  if (magic === '28b52ffd') {
    if ('createZstdDecompress' in zlib) return (zlib.createZstdDecompress as () => Engine)();
    throw new InputError(`${name}: zstd needs Node 22.15 or newer; unpack it: zstd -dc ${name} | urlmill`);
  }
  const other = notText.find(([start]) => magic.startsWith(start));
  if (other !== undefined) throw new InputError(`${name}: is ${other[1]}`);
  return null;
}

function isBrotli(name: string): boolean {
  return /\.br$/i.test(name);
}

/** What goes into the engine at a time: it may come out a thousand times as large. */
const pieceSize = 4096;

/**
 * Writes piece by piece and gives all that each makes, so that what stands before damaged data comes before the
 * error.
 */
async function* through(bytes: AsyncIterable<Buffer>, engine: Engine, name: string): AsyncGenerator<Buffer> {
  let made: Buffer[] = [];
  const failures: Error[] = [];
  engine.on('data', (data: Buffer) => made.push(data));
  engine.on('error', (error) => failures.push(error));
  const taken = (): Buffer[] => {
    const all = made;
    made = [];
    return all;
  };
  // A write that fails may never call back.
  let onClose: (() => void) | null = null;
  engine.on('close', () => onClose?.());
  let fed = 0;
  try {
    for await (const chunk of bytes) {
      for (let at = 0; at < chunk.length && failures.length === 0; at += pieceSize) {
        const piece = chunk.subarray(at, at + pieceSize);
        fed += piece.length;
        await new Promise<void>((resolve) => {
          onClose = resolve;
          engine.write(piece, () => resolve());
        });
        yield* taken();
      }
      if (failures[0] !== undefined) throw failures[0];
    }
    engine.end();
    if (!engine.readableEnded && failures.length === 0) await once(engine, 'end').catch(() => {});
    yield* taken();
    if (failures[0] !== undefined) throw failures[0];
    // That engine stops at the end of the packed data without a word about what follows.
    if (!(engine instanceof zlib.Gunzip) && engine.bytesWritten < fed) {
      throw new InputError(
        `${name}: the compressed data is damaged (something follows it); fetch or make the file again`,
      );
    }
  } finally {
    engine.destroy();
  }
}
