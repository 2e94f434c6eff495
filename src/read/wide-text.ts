import { InputError } from '../shared/errors.ts';

/** Bytes that are enough to recognise UTF-16 and UTF-32; a shorter text is examined whole. */
export const enoughOfWide = 4096;

/**
 * Refuses UTF-16 and UTF-32 without a byte order mark, which are known by the positions of their NUL bytes.
 *
 * @throws InputError that says how such a text can be read
 */
export function refuseWide(head: Buffer, name: string): void {
  const encoding = wideEncoding(head.subarray(0, enoughOfWide));
  if (encoding === null) return;
  if (encoding.startsWith('utf-32')) throw utf32(name, encoding);
  throw new InputError(
    `${name}: looks like UTF-16 without a byte order mark; say so: --encoding ${encoding}`,
  );
}

/** The Encoding Standard has no UTF-32. */
export function utf32(name: string, encoding: string): InputError {
  return new InputError(`${name}: is UTF-32; convert it: iconv -f ${encoding} -t utf-8 FILE | urlmill`);
}

function wideEncoding(sample: Buffer): string | null {
  const nuls = [0, 0, 0, 0];
  let ascii = 0;
  for (const [at, byte] of sample.entries()) {
    if (byte === 0) nuls[at % 4] = (nuls[at % 4] ?? 0) + 1;
    if (at % 2 === 1 && isPrintable(byte) && isPrintable(sample[at - 1] ?? 0)) ascii++;
  }
  const [first = 0, second = 0, third = 0, fourth = 0] = nuls;
  // Characters end at U+10FFFF, and most are below U+10000.
  const characters = Math.floor(sample.length / 4);
  if (characters > 1 && fourth >= characters && third * 2 > characters) return 'utf-32le';
  if (characters > 1 && first >= characters && second * 2 > characters) return 'utf-32be';
  // In UTF-16 only ASCII and Latin-1 have a NUL byte, so a few of them may do. A text whose pairs of bytes are mostly ASCII
  // is not UTF-16, where such a pair would be a Chinese character.
  const [even, odd] = [first + third, second + fourth];
  const units = Math.floor(sample.length / 2);
  if (Math.max(even, odd) < 2 || Math.max(even, odd) * 50 < units || ascii * 2 > units) return null;
  if (odd >= even * 4) return 'utf-16le';
  return even >= odd * 4 ? 'utf-16be' : null;
}

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}
