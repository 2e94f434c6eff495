/** One DER value (X.690) with its tag. If it is made of other values, they are its content. */
export interface Value {
  readonly tag: number;
  readonly content: Buffer | readonly Value[];
}

export const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  utf8: 0x0c,
  printable: 0x13,
  t61: 0x14,
  ia5: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  universal: 0x1c,
  bmp: 0x1e,
  sequence: 0x30,
  set: 0x31,
} as const;

/** Tag, length and content. */
export function der(tag: number, ...parts: readonly (Buffer | string)[]): Buffer {
  const content = Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part)),
  );
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

function lengthOf(length: number): Buffer {
  if (length < 128) return Buffer.from([length]);
  const hex = length.toString(16);
  const bytes = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

export function sequence(...parts: readonly Buffer[]): Buffer {
  return der(tags.sequence, ...parts);
}

/** An explicit tag `[number]` around other values. `implicit` is for a tag around bytes. */
export function explicit(number: number, ...parts: readonly Buffer[]): Buffer {
  return der(0xa0 | number, ...parts);
}

export function implicit(number: number, content: Buffer | string): Buffer {
  return der(0x80 | number, content);
}

/** @param hex the bytes, in two's complement */
export function integer(hex: string): Buffer {
  return der(tags.integer, Buffer.from(hex, 'hex'));
}

export function boolean(is: boolean): Buffer {
  return der(tags.boolean, Buffer.from([is ? 255 : 0]));
}

/** @param text in dotted form: 2.5.29.17 */
export function oid(text: string): Buffer {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  return der(tags.oid, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(number: number): number[] {
  const bytes = [number & 127];
  for (let left = number >>> 7; left > 0; left >>>= 7) bytes.unshift(128 | (left & 127));
  return bytes;
}

/** A bit string whose length is a multiple of eight. */
export function bitString(bytes: Buffer): Buffer {
  return der(tags.bitString, Buffer.from([0]), bytes);
}

/**
 * Parses bytes into values and the values within them. Octet strings are also parsed if they can be, since an
 * extension is one.
 *
 * @throws RangeError if the bytes are not DER
 */
export function parse(bytes: Buffer): Value[] {
  const values: Value[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes.readUInt8(at);
    const first = bytes.readUInt8(at + 1);
    const size = first < 128 ? 0 : first & 127;
    const length = size === 0 ? first : bytes.readUIntBE(at + 2, size);
    const start = at + 2 + size;
    at = start + length;
    if (at > bytes.length) throw new RangeError('a value ends behind the last byte');
    const content = bytes.subarray(start, at);
    values.push({ tag, content: contentOf(tag, content) });
  }
  return values;
}

function contentOf(tag: number, content: Buffer): Value['content'] {
  if ((tag & 0x20) !== 0) return parse(content);
  if (tag !== tags.octetString) return content;
  try {
    return parse(content);
  } catch {
    return content;
  }
}

export function write({ tag, content }: Value): Buffer {
  return Buffer.isBuffer(content) ? der(tag, content) : der(tag, ...content.map(write));
}
