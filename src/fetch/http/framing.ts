import { isName } from '../../page/headers.ts';

/** Where the body of a reply ends, and what becomes of its connection then (RFC 9112, sections 6 and 9.3). */
export interface Framing {
  /** Bytes of the body; null: it is chunked, or lasts until the connection ends. */
  readonly length: number | null;
  readonly isChunked: boolean;
  /** Whether the server keeps the connection once the reply has ended. */
  readonly keepsAlive: boolean;
  /** Milliseconds for which the server keeps the connection without a request; Infinity: it does not say. */
  readonly keptFor: number;
}

/**
 * Reads the framing out of the fields of a head.
 *
 * @param isStrict whether a body with `chunked` before its last coding is read to the end of its connection, as
 *   RFC 9112 says; browsers read its chunks
 * @returns null when the fields contradict each other, or Content-Length is not a number
 */
export function framingOf(fields: readonly string[], version: string, isStrict: boolean): Framing | null {
  let length: string | null = null;
  let codings = '';
  let options = '';
  let keptFor = Infinity;
  for (let i = 0; i < fields.length; i += 2) {
    // The length of the name excludes nearly all fields without making another string of the name.
    switch (fields[i]?.length) {
      case 10:
        if (isName(fields[i], 'connection')) options += `,${fields[i + 1]}`;
        else if (isName(fields[i], 'keep-alive')) keptFor = secondsIn(fields[i + 1]) * 1000;
        break;
      case 14:
        if (!isName(fields[i], 'content-length')) break;
        if (length !== null) return null;
        length = fields[i + 1] ?? '';
        break;
      case 17:
        if (isName(fields[i], 'transfer-encoding')) codings += `,${fields[i + 1]}`;
        break;
      default:
    }
  }
  if (length !== null && (codings !== '' || !/^\d{1,19}$/.test(length))) return null;
  const isChunked = codings !== '' && isChunk(codings.slice(codings.lastIndexOf(',') + 1));
  // `chunked, identity`: the body lasts until the connection ends, but servers that say so send chunks.
  if (codings !== '' && !isChunked && !isStrict && codings.split(',').some(isChunk)) return null;
  return {
    length: length === null ? null : Number(length),
    isChunked,
    // RFC 9112, section 6.1: HTTP/1.0 knows no chunks, so others on the way may see another end.
    keepsAlive: keepsAlive(options, version) && (codings === '' || version === '1.1'),
    keptFor,
  };
}

/** Whether one value of Transfer-Encoding is `chunked`. */
export function isChunk(coding: string): boolean {
  return /^[ \t]*chunked[ \t]*$/i.test(coding);
}

/** @param options values of Connection, each behind a comma */
function keepsAlive(options: string, version: string): boolean {
  if (options === '') return version === '1.1';
  // A shortcut for the most frequent value.
  if (options === ',keep-alive') return true;
  const words = options.toLowerCase().split(',');
  const said = new Set(words.map((word) => word.trim()));
  return !said.has('close') && (version === '1.1' || said.has('keep-alive'));
}

/** `timeout=5, max=100` */
function secondsIn(value = ''): number {
  const digits = /timeout=(\d+)/.exec(value)?.[1];
  return digits === undefined ? Infinity : Number(digits);
}
