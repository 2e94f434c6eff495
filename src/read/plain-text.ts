import { chunkDecoder, encodingOf, loadEncodings } from '../page/encodings.ts';
import type { ChunkDecoder } from '../page/encodings.ts';
import { InputError, UsageError } from '../shared/errors.ts';
import { decompressed, isPacked } from './decompress.ts';
import { brokenCharacter, brokenUtf16 } from './fault.ts';
import { peek } from './peek.ts';
import { utf32 } from './wide-text.ts';

/** Text of a source as UTF-8 without a byte order mark. It is not checked yet whether the UTF-8 is valid. */
export interface PlainText {
  readonly bytes: AsyncGenerator<Buffer>;
  /**
   * For a text that was transcoded: what its lines are to hold for a character that was invalid, which is a byte FF in
   * `bytes`. Null: the text was UTF-8, and its invalid bytes are those of the input.
   */
  readonly broken: string | null;
  /** Whether `bytes` are those of the source, except for the byte order mark. */
  readonly isOwn: boolean;
  /** Whether the source has a byte order mark. */
  readonly bom: boolean;
}

/**
 * Decompresses, and transcodes what is not UTF-8. The encoding is that of the byte order mark, else the one of `label`.
 *
 * @param label a name of the Encoding Standard
 * @throws UsageError for a name that is none
 * @throws InputError for a file that is no text
 */
export async function plainText(
  source: AsyncIterable<Buffer>,
  name: string,
  label?: string,
): Promise<PlainText> {
  const said = label === undefined ? 'UTF-8' : await saidEncoding(label);
  const [packed, whole] = await peek(source);
  const isOwn = !isPacked(packed, name);
  const [head, rest] = await peek(decompressed(whole, name));
  if (head[0] === 0x1f && head[1] === 0x8b) {
    throw new InputError(`${name}: is packed twice; unpack it once: gzip -dc FILE | urlmill`);
  }
  const mark = head.toString('hex', 0, 4);
  if (mark === 'fffe0000') throw utf32(name, 'utf-32le');
  if (mark === '0000feff') throw utf32(name, 'utf-32be');
  if (mark.startsWith('efbbbf')) return { bytes: from(rest, 3), broken: null, isOwn, bom: true };
  if (mark.startsWith('fffe')) return transcoded(from(rest, 2), 'UTF-16LE', true);
  if (mark.startsWith('feff')) return transcoded(from(rest, 2), 'UTF-16BE', true);
  return said === 'UTF-8'
    ? { bytes: from(rest, 0), broken: null, isOwn, bom: false }
    : transcoded(rest, said, false);
}

async function saidEncoding(label: string): Promise<string> {
  await loadEncodings();
  const encoding = encodingOf(label);
  if (encoding !== null && encoding !== 'replacement') return encoding;
  throw new UsageError(
    `--encoding: ${JSON.stringify(label)} is no encoding of the Encoding Standard; convert the input to UTF-8`,
  );
}

/** Without the first bytes, which are in the first chunk. */
async function* from(chunks: AsyncIterable<Buffer>, start: number): AsyncGenerator<Buffer> {
  let skipped = start;
  for await (const chunk of chunks) {
    yield chunk.subarray(skipped);
    skipped = 0;
  }
}

function transcoded(chunks: AsyncIterable<Buffer>, encoding: string, bom: boolean): PlainText {
  const isUtf16 = encoding.startsWith('UTF-16');
  const decoder = isUtf16 ? utf16Decoder(encoding === 'UTF-16BE') : legacyDecoder(encoding);
  return {
    bytes: decoded(chunks, decoder),
    broken: isUtf16 ? brokenUtf16 : brokenCharacter,
    isOwn: false,
    bom,
  };
}

async function* decoded(chunks: AsyncIterable<Buffer>, decoder: ChunkDecoder): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield utf8(decoder.decode(chunk, false));
  yield utf8(decoder.decode(Buffer.alloc(0), true));
}

/** For encodings other than UTF-16: U+FFFD means malformed bytes, as hardly any text has its own (only GB 18030 can). */
function legacyDecoder(encoding: string): ChunkDecoder {
  const decoder = chunkDecoder(encoding);
  return { decode: (bytes, isLast) => decoder.decode(bytes, isLast).replaceAll('\ufffd', '\ud800') };
}

/** Gives lone surrogates for what is malformed, as U+FFFD may be a character of the text. */
function utf16Decoder(isBigEndian: boolean): ChunkDecoder {
  // Half a character, or the first half of a pair.
  let rest: Buffer = Buffer.alloc(0);
  return {
    decode: (chunk, isLast) => {
      const bytes = Buffer.concat([rest, chunk]);
      const text = utf16(bytes, isBigEndian);
      if (isLast) return text + (bytes.length % 2 === 1 ? '\ud800' : '');
      const isPairCut = /[\ud800-\udbff]$/.test(text);
      rest = bytes.subarray(2 * (isPairCut ? text.length - 1 : text.length));
      return isPairCut ? text.slice(0, -1) : text;
    },
  };
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
