import { token } from '../../shared/http-token.ts';
import { framingOf, isChunk } from './framing.ts';
import type { Framing } from './framing.ts';
import type { HeadFault, ReplyHead } from './reply-head.ts';
import { withoutBlanks, withoutCrs } from './trim.ts';

const statusLine = /^HTTP(?:\/([0-2])(?:\.(\d+))?)?[ \t]*(\d{3})(?!\d)(.*)$/is;

const noFraming: Framing = { length: null, isChunked: false, keepsAlive: false, keptFor: Infinity };

/** How many characters of a line are shown. */
const longestShown = 60;

/**
 * Reads a head that breaks HTTP/1.1 as browsers and curl do.
 *
 * - A line ends with LF, whatever number of CRs stands before it (RFC 9112, section 2.2).
 * - The status line may lack its version, a part of that, or the blank before the reason, and may have too many
 *   blanks. Up to four other bytes may stand before it, as in Chromium; a byte order mark is three.
 * - A line without a colon, or whose name is no token, is left out; blanks may stand before the colon. A line
 *   that begins with a blank continues the one before it (section 5.2).
 * - The length is made plain: one Content-Length of several equal ones; none where the body is chunked (section 6.3).
 *   `+42` and `42 bytes` are 42, as in curl; any other value that is no length is ignored, as in browsers.
 *
 * @param text up to the end of the empty line, a character per byte
 */
export function carelessHead(text: string): ReplyHead | HeadFault {
  const found = statusIn(text);
  if ('fault' in found) return found;
  // A 1xx reply only announces another one, so its fields are not read.
  if (found.status < 200 && found.status !== 101)
    return { ...found, fields: [], framing: noFraming, isMended: true };
  // Browsers and curl refuse it, too.
  if (text.includes('\0')) return { fault: 'the head of the reply holds a NUL' };
  const fields = framed(fieldsOf(text.slice(text.indexOf('\n', startOf(text)) + 1)));
  if ('fault' in fields) return fields;
  const flat = fields.flat();
  const framing = framingOf(flat, found.version, true);
  if (framing === null) return { fault: 'the length of the reply is no number' };
  return { ...found, fields: flat, framing, isMended: true };
}

/**
 * Why a text cannot be the beginning of a head; null while it may be. Asked before the head is whole, as a
 * server of another protocol may wait for more from us.
 */
export function beginningFault(text: string): HeadFault | null {
  if (text.includes('\n', startOf(text))) {
    const found = statusIn(text);
    return 'fault' in found ? found : null;
  }
  const letters = text
    .slice(startOf(text))
    .replace(/^[\x80-\xff]{1,4}/, '')
    .slice(0, 4);
  return 'http'.startsWith(letters.toLowerCase()) ? null : notHttp(text);
}

function statusIn(text: string): Pick<ReplyHead, 'status' | 'reason' | 'version'> | HeadFault {
  const start = startOf(text);
  const line = withoutCrs(text.slice(start, text.indexOf('\n', start)));
  const [, major = '1', minor = '0', status = '', reason = ''] = statusLine.exec(line) ?? [];
  if (status === '') return notHttp(line);
  const version = major === '0' || (major === '1' && minor === '0') ? '1.0' : '1.1';
  return { status: Number(status), reason: valueOf(reason), version };
}

/** Where the status line begins, behind a few other bytes. */
function startOf(text: string): number {
  return Math.max(0, text.slice(0, 8).search(/http/i));
}

type Field = readonly [name: string, value: string];

function fieldsOf(text: string): Field[] {
  const fields: Field[] = [];
  let before: [string, string] | null = null;
  for (const line of text.split('\n').map(withoutCrs)) {
    if (/^[ \t]/.test(line)) {
      const more = valueOf(line);
      if (before !== null) before[1] += before[1] === '' || more === '' ? more : ` ${more}`;
      continue;
    }
    const colon = line.indexOf(':');
    const name = withoutBlanks(line, 0, Math.max(colon, 0));
    before = token.test(name) ? [name, valueOf(line.slice(colon + 1))] : null;
    if (before !== null) fields.push(before);
  }
  return fields;
}

function valueOf(text: string): string {
  // RFC 9112, section 2.2: a CR that ends no line.
  return withoutBlanks(text.replaceAll('\r', ' '));
}

/** The fields with Content-Length and Transfer-Encoding, which say where the body ends, made plain. */
function framed(fields: readonly Field[]): Field[] | HeadFault {
  const valuesOf = (wanted: string): string[] =>
    fields.filter(([name]) => name.toLowerCase() === wanted).flatMap(([, value]) => value.split(','));
  const others = fields.filter(([name]) => !/^(?:content-length|transfer-encoding)$/i.test(name));
  if (valuesOf('transfer-encoding').some(isChunk)) return [...others, ['Transfer-Encoding', 'chunked']];
  const lengths = new Set(valuesOf('content-length').map(lengthOf));
  lengths.delete(null);
  if (lengths.size > 1) return { fault: 'the reply has two Content-Lengths that differ' };
  const [length = null] = lengths;
  return length === null ? others : [...others, ['Content-Length', length]];
}

/** `42`, `+42` and `42 bytes` are 42; null for a value that is no length. */
function lengthOf(value: string): string | null {
  const digits = /^\+?(\d+)(?:[\s;].*)?$/.exec(value.trim())?.[1]?.replace(/^0+(?=\d)/, '');
  return digits === undefined || !Number.isSafeInteger(Number(digits)) ? null : digits;
}

function notHttp(line: string): HeadFault {
  const shown = line.slice(0, longestShown).replaceAll(/[^ -~]/g, '?');
  return { fault: `the reply is not HTTP/1: it begins with "${shown}"` };
}
