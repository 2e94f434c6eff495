import { isUtf8 } from 'node:buffer';

/**
 * Bytes that are no UTF-8, carried through text without loss: the byte XX becomes the lone surrogate U+DCXX, which no
 * valid text holds (as Python's "surrogateescape" does it).
 */
export function decodeWithRawBytes(bytes: Buffer): string {
  let text = '';
  let valid = 0;
  for (let at = 0; at < bytes.length;) {
    const length = characterLength(bytes, at);
    if (length === 0) {
      text += bytes.toString('utf8', valid, at) + String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
      valid = at + 1;
    }
    at += length || 1;
  }
  return text + bytes.toString('utf8', valid);
}

/** The bytes that the text was decoded from; any other lone surrogate is written as U+FFFD. */
export function encodeWithRawBytes(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  // With the flag u, the second half of a pair is no character of its own.
  const parts = text.split(/([\udc80-\udcff]+)/u);
  return Buffer.concat(parts.map((part, index) => Buffer.from(part, index % 2 === 0 ? 'utf8' : 'latin1')));
}

/** How many bytes the UTF-8 character takes that begins here; 0 when none does. */
function characterLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  return isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}
