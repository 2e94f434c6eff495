import type * as Library from '@exodus/bytes/encoding.js';

let library: typeof Library | null = null;

/**
 * Loads the encodings of the web, which takes 20 ms. All other functions here need it to be done first.
 *
 * Node's TextDecoder differs from browsers: it lacks half of the Korean syllables, gives private characters for a quarter
 * of Big5, swaps controls in Shift_JIS, and on Node 20 decodes windows-1252 as Latin-1 and lacks ISO-8859-16.
 */
export async function loadEncodings(): Promise<void> {
  library = await import('@exodus/bytes/encoding.js');
}

/**
 * The name of the encoding for a label, as in `document.characterSet`: `latin1` → `windows-1252`
 * (Encoding Standard, section 4.2).
 *
 * @returns null for a label that no browser knows
 */
export function encodingOf(label: string): string | null {
  return loaded().labelToName(label);
}

/** The encoding of a byte order mark: UTF-8, UTF-16LE or UTF-16BE; null without one. */
export function markedEncoding(bytes: Buffer): string | null {
  const label = loaded().getBOMEncoding(bytes);
  return label === null ? null : encodingOf(label);
}

/**
 * Decodes text as a browser does (Encoding Standard, section 6, "decode"): a byte order mark overrides `encoding` and is
 * removed, malformed bytes become U+FFFD.
 *
 * @param encoding a name that `encodingOf` gives
 */
export function decodeText(bytes: Buffer, encoding: string): string {
  return loaded().legacyHookDecode(bytes, encoding);
}

/** Decodes a text that comes in chunks. Malformed bytes become U+FFFD; a byte order mark stays. */
export interface ChunkDecoder {
  /** @param isLast whether this is the last chunk, so that an unfinished character is malformed */
  decode(bytes: Buffer, isLast: boolean): string;
}

/** @param encoding a name that `encodingOf` gives, except `replacement`, which stands for encodings that are unsafe */
export function chunkDecoder(encoding: string): ChunkDecoder {
  const { TextDecoder } = loaded();
  const decoder = new TextDecoder(encoding, { ignoreBOM: true });
  return { decode: (bytes, isLast) => decoder.decode(bytes, { stream: !isLast }) };
}

function loaded(): typeof Library {
  if (library === null) throw new TypeError('the encodings are not loaded yet');
  return library;
}
