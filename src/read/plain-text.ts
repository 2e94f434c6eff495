import { isUtf8 } from 'node:buffer';
import { Readable, pipeline } from 'node:stream';
import type { Transform } from 'node:stream';
import zlib from 'node:zlib';

import { InputError } from '../errors.ts';

/**
 * Bytes of a source as UTF-8 text without a byte order mark: decompressed (gzip and zstd by their first bytes,
 * brotli by the name .br, as it has no mark) and, when a mark says UTF-16, transcoded.
 *
 * @throws InputError for a file that is no text, with line and column when a byte is not UTF-8; what stands
 * before that line has been given by then
 */
export async function* plainText(bytes: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const [packedHead, packed] = await peek(bytes);
  const decompress = decompressor(packedHead, name);
  const [head, rest] =
    decompress === null ? ([packedHead, packed] as const) : await peek(through(packed, decompress));
  if (head[0] === 0xff && head[1] === 0xfe) yield* transcoded(rest, 'utf-16le', name);
  else if (head[0] === 0xfe && head[1] === 0xff) yield* transcoded(rest, 'utf-16be', name);
  else if (head.length >= 2 && (head[0] === 0 || head[1] === 0)) {
    throw new InputError(
      `${name}: looks like UTF-16 without a byte order mark; convert it: iconv -f utf-16le -t utf-8`,
    );
  } else yield* checkedUtf8(rest, name);
}

const headSize = 4;

/** The first bytes, and the whole again. */
async function peek(bytes: AsyncIterable<Buffer>): Promise<[Buffer, AsyncIterable<Buffer>]> {
  const iterator = bytes[Symbol.asyncIterator]();
  let head: Buffer = Buffer.alloc(0);
  while (head.length < headSize) {
    const { done, value } = await iterator.next();
    if (done === true) break;
    head = head.length === 0 ? value : Buffer.concat([head, value]);
  }
  async function* whole(): AsyncGenerator<Buffer> {
    try {
      if (head.length > 0) yield head;
      for (;;) {
        const { done, value } = await iterator.next();
        if (done === true) return;
        yield value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return [head, whole()];
}

const notText: readonly (readonly [string, string])[] = [
  ['504b0304', 'a zip archive or spreadsheet; save it as CSV'],
  ['50415231', 'a Parquet file; convert it to CSV'],
  ['fd377a58', 'compressed with xz; unpack it: xz -dc FILE | urlmill'],
  ['425a68', 'compressed with bzip2; unpack it: bzip2 -dc FILE | urlmill'],
  ['25504446', 'a PDF file'],
];

function decompressor(head: Buffer, name: string): Transform | null {
  const magic = head.toString('hex', 0, headSize);
  if (magic.startsWith('1f8b')) return zlib.createGunzip();
  if (name.endsWith('.br')) return zlib.createBrotliDecompress();
  if (magic === '28b52ffd') {
    if ('createZstdDecompress' in zlib) return (zlib.createZstdDecompress as () => Transform)();
    throw new InputError(`${name}: zstd needs Node 22.15 or newer; unpack it: zstd -dc ${name} | urlmill`);
  }
  const other = notText.find(([start]) => magic.startsWith(start));
  if (other !== undefined) throw new InputError(`${name}: is ${other[1]}`);
  return null;
}

function through(bytes: AsyncIterable<Buffer>, transform: Transform): AsyncIterable<Buffer> {
  // The error of either end reaches whoever iterates the transform; the callback has nothing to add.
  return pipeline(Readable.from(bytes), transform, () => {});
}

async function* transcoded(
  bytes: AsyncIterable<Buffer>,
  encoding: string,
  name: string,
): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  try {
    for await (const chunk of bytes) yield Buffer.from(decoder.decode(chunk, { stream: true }));
    yield Buffer.from(decoder.decode());
  } catch (error) {
    if (error instanceof TypeError) throw new InputError(`${name}: is not valid ${encoding.toUpperCase()}`);
    throw error;
  }
}

/**
 * Passes UTF-8 on and stops at the first byte that is none: such a cell would come back changed. A character may
 * be cut by the end of a chunk, so its first bytes wait for the next one.
 */
async function* checkedUtf8(bytes: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  let cut: Buffer = Buffer.alloc(0);
  let line = 1;
  let first = true;
  for await (const read of bytes) {
    let chunk = cut.length === 0 ? read : Buffer.concat([cut, read]);
    if (first && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) chunk = chunk.subarray(3);
    first = false;
    const whole = wholeCharacters(chunk);
    cut = chunk.subarray(whole);
    const text = chunk.subarray(0, whole);
    if (!isUtf8(text)) {
      const start = startOfBadLine(text);
      yield text.subarray(0, start);
      throw notUtf8(name, line + newlines(text.subarray(0, start)), text.subarray(start));
    }
    line += newlines(text);
    if (text.length > 0) yield text;
  }
  if (cut.length > 0) throw notUtf8(name, line, cut);
}

/** Length of the chunk without a character that its end cuts. */
function wholeCharacters(chunk: Buffer): number {
  for (let back = 1; back <= Math.min(3, chunk.length); back++) {
    const byte = chunk[chunk.length - back] ?? 0;
    if (byte >= 0xc0) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? chunk.length - back : chunk.length;
    }
    if (byte < 0x80) break;
  }
  return chunk.length;
}

function startOfBadLine(text: Buffer): number {
  let start = 0;
  for (;;) {
    const end = text.indexOf(0x0a, start);
    if (end === -1 || !isUtf8(text.subarray(start, end))) return start;
    start = end + 1;
  }
}

export function newlines(text: Buffer): number {
  let count = 0;
  for (let at = text.indexOf(0x0a); at !== -1; at = text.indexOf(0x0a, at + 1)) count++;
  return count;
}

function notUtf8(name: string, line: number, text: Buffer): InputError {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let column = 0;
  try {
    while (column < text.length) decoder.decode(text.subarray(column, ++column), { stream: true });
  } catch {
    // `column` is where it stopped.
  }
  return new InputError(
    `${name}: line ${line}, byte ${column} of the line: not UTF-8; convert it: iconv -f windows-1252 -t utf-8`,
  );
}
