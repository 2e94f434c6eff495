import { InputError } from '../shared/errors.ts';
import { decompressed } from './decompress.ts';
import { refuseBinary } from './foreign.ts';
import { peek } from './peek.ts';

/** Text of a source as UTF-8 without a byte order mark. Nobody has looked whether it is valid. */
export interface PlainText {
  readonly bytes: AsyncGenerator<Buffer>;
  /** Whether it was UTF-16. Then each character of it that was not valid is a byte FF. */
  readonly isUtf16: boolean;
}

/**
 * Decompresses and, when a mark says UTF-16, transcodes.
 *
 * @throws InputError for a file that is no text
 */
export async function plainText(source: AsyncIterable<Buffer>, name: string): Promise<PlainText> {
  const [head, rest] = await peek(decompressed(source, name));
  if (head[0] === 0xff && head[1] === 0xfe) return { bytes: transcoded(from(rest, 2), false), isUtf16: true };
  if (head[0] === 0xfe && head[1] === 0xff) return { bytes: transcoded(from(rest, 2), true), isUtf16: true };
  if (head.length >= 2 && (head[0] === 0 || head[1] === 0)) {
    refuseBinary((await peek(rest, 512))[0], name);
    const encoding = head[0] === 0 ? 'utf-16be' : 'utf-16le';
    throw new InputError(
      `${name}: looks like UTF-16 without a byte order mark; convert it: iconv -f ${encoding} -t utf-8`,
    );
  }
  const isMarked = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  return { bytes: from(rest, isMarked ? 3 : 0), isUtf16: false };
}

/** Without the first bytes, which are in the first chunk. */
async function* from(chunks: AsyncIterable<Buffer>, start: number): AsyncGenerator<Buffer> {
  let skipped = start;
  for await (const chunk of chunks) {
    yield chunk.subarray(skipped);
    skipped = 0;
  }
}

async function* transcoded(chunks: AsyncIterable<Buffer>, isBigEndian: boolean): AsyncGenerator<Buffer> {
  // Half a character, or the first half of a pair.
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([rest, chunk]);
    const text = utf16(bytes, isBigEndian);
    const isPairCut = /[\ud800-\udbff]$/.test(text);
    rest = bytes.subarray(2 * (isPairCut ? text.length - 1 : text.length));
    yield utf8(isPairCut ? text.slice(0, -1) : text);
  }
  yield utf8(utf16(rest, isBigEndian) + (rest.length % 2 === 1 ? '\ud800' : ''));
}

/** With lone surrogates where a half of a pair is missing. */
function utf16(bytes: Buffer, isBigEndian: boolean): string {
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 2));
  return (isBigEndian ? Buffer.from(whole).swap16() : whole).toString('utf16le');
}

function utf8(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  const parts = text.split(/[\ud800-\udfff]/u).flatMap((part) => [Buffer.of(0xff), Buffer.from(part)]);
  return Buffer.concat(parts.slice(1));
}
