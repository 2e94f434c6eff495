import { isUtf8 } from 'node:buffer';

/**
 * Decodes UTF-8 without loss: a byte XX that is not valid UTF-8 becomes the lone surrogate U+DCXX, which valid text cannot
 * hold (as Python's "surrogateescape").
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

/** The reverse of `decodeWithRawBytes`. Any other lone surrogate becomes U+FFFD. */
export function encodeWithRawBytes(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  // With the flag u, the pattern does not match the second half of a surrogate pair.
  const parts = text.split(/([\udc80-\udcff]+)/u);
  return Buffer.concat(parts.map((part, index) => Buffer.from(part, index % 2 === 0 ? 'utf8' : 'latin1')));
}

/** Length in bytes of the UTF-8 character that begins here; 0 when there is none. */
function characterLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  return isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}
