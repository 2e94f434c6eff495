import { isUtf8 } from 'node:buffer';

import { InputError } from '../shared/errors.ts';
import { decompressed } from './decompress.ts';
import { peek } from './peek.ts';

/**
 * Bytes of a source as UTF-8 text without a byte order mark: decompressed and, when a mark says UTF-16, transcoded.
 *
 * @throws InputError for a file that is no text, with line and byte when one is not UTF-8; what stands before that
 * line has been given by then
 */
export async function* plainText(bytes: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const [head, rest] = await peek(decompressed(bytes, name));
  if (head[0] === 0xff && head[1] === 0xfe) yield* transcoded(rest, 'utf-16le', name);
  else if (head[0] === 0xfe && head[1] === 0xff) yield* transcoded(rest, 'utf-16be', name);
  else if (head.length >= 2 && (head[0] === 0 || head[1] === 0)) {
    const encoding = head[0] === 0 ? 'utf-16be' : 'utf-16le';
    throw new InputError(
      `${name}: looks like UTF-16 without a byte order mark; convert it: iconv -f ${encoding} -t utf-8`,
    );
  } else yield* checkedUtf8(rest, name);
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
  let first = true;
  const position = new Position();
  for await (const read of bytes) {
    let chunk = cut.length === 0 ? read : Buffer.concat([cut, read]);
    if (first && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf) chunk = chunk.subarray(3);
    first = false;
    const whole = wholeCharacters(chunk);
    cut = chunk.subarray(whole);
    const text = chunk.subarray(0, whole);
    if (!isUtf8(text)) {
      const valid = text.subarray(0, validLength(text));
      const start = Math.max(valid.lastIndexOf(0x0a), valid.lastIndexOf(0x0d)) + 1;
      position.pass(valid.subarray(0, start));
      yield valid.subarray(0, start);
      position.pass(valid.subarray(start));
      throw notUtf8(name, position);
    }
    position.pass(text);
    if (text.length > 0) yield text;
  }
  if (cut.length > 0) throw notUtf8(name, position);
}

/** Line from 1, and bytes of that line passed. */
class Position {
  line = 1;
  bytes = 0;
  #last = 0;

  pass(text: Buffer): void {
    const lines = newlines(text, this.#last);
    this.line += lines;
    const end = Math.max(text.lastIndexOf(0x0a), text.lastIndexOf(0x0d)) + 1;
    this.bytes = end === 0 ? this.bytes + text.length : text.length - end;
    this.#last = text.at(-1) ?? this.#last;
  }
}

/** Length of the chunk without a character that its end cuts. */
function wholeCharacters(chunk: Buffer): number {
  for (let back = 1; back <= Math.min(3, chunk.length); back++) {
    const byte = chunk[chunk.length - back] ?? 0;
    if (byte >= 0xc2 && byte <= 0xf4) {
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? chunk.length - back : chunk.length;
    }
    if (byte < 0x80) break;
  }
  return chunk.length;
}

/** How much of the text is UTF-8, up to the first character that is not. */
function validLength(text: Buffer): number {
  let good = 0;
  let bad = text.length;
  while (bad - good > 4) {
    const middle = (good + bad) >> 1;
    const end = wholeCharacters(text.subarray(0, middle));
    if (isUtf8(text.subarray(0, end))) good = Math.max(end, good + 1);
    else bad = middle;
  }
  let length = bad;
  while (!isUtf8(text.subarray(0, length))) length--;
  return length;
}

/**
 * How many lines end in the text: at LF, CR or CRLF.
 *
 * @param before the byte before the text, as a CRLF may be cut
 */
export function newlines(text: Buffer, before = 0): number {
  let count = 0;
  for (let at = text.indexOf(0x0a); at !== -1; at = text.indexOf(0x0a, at + 1)) {
    if ((at === 0 ? before : text[at - 1]) !== 0x0d) count++;
  }
  for (let at = text.indexOf(0x0d); at !== -1; at = text.indexOf(0x0d, at + 1)) count++;
  return count;
}

function notUtf8(name: string, { line, bytes }: Position): InputError {
  return new InputError(
    `${name}: line ${line}, byte ${bytes + 1} of the line: not UTF-8; convert it: iconv -f windows-1252 -t utf-8`,
  );
}
