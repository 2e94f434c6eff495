import { token } from '../../shared/http-token.ts';

/** The head of a reply that breaks HTTP/1.1, as browsers and curl read it. */
export interface ReadHead {
  /** The same as RFC 9112 has it, but for bytes in values. */
  readonly head: Buffer;
  /** How many bytes it was, those of what stood before it with them. */
  readonly length: number;
}

/** Why a reply cannot be read, in words. */
export interface HeadFault {
  readonly fault: string;
}

const statusLine = /^HTTP(?:\/([0-2])(?:\.(\d+))?)?[ \t]*(\d{3})(?!\d)[ \t]*(.*)$/i;

/** How many characters of a line are shown. */
const longestShown = 60;

/**
 * Reads the head of the final reply out of what a server has sent; replies of 1xx before it are left out, but for
 * 101.
 *
 * - A line ends with LF, whatever number of CRs stands before it (RFC 9112, section 2.2).
 * - The status line may lack its version, a part of that, or the blank before the reason, and have blanks too many. Up
 *   to four other bytes may stand before it, as in Chromium; a byte order mark is three.
 * - A line without a colon, or whose name is no token, is left out; blanks may stand before the colon. A line that begins with a blank goes on with the one
 *   before it (section 5.2).
 * - The length is made plain: one Content-Length of several equal ones; none where the body is chunked (section 6.3).
 *   `+42` and `42 bytes` are 42, as for curl; what is no length counts as not said, as for browsers.
 *
 * @returns null when more of it has to come
 */
export function readHead(received: Buffer): ReadHead | HeadFault | null {
  const text = received.toString('latin1');
  let start = startOf(text);
  for (;;) {
    const line = lineAt(text, start);
    if (line === null) return mayBegin(text.slice(start)) ? null : notHttp(text.slice(start));
    const [, major = '1', minor = '0', status = '', reason = ''] = statusLine.exec(line) ?? [];
    if (status === '') return notHttp(line);
    const end = endOfHead(text, start);
    if (end === -1) return null;
    if (isFinal(status)) {
      // Browsers and curl refuse it, too.
      if (text.slice(start, end).includes('\0')) return { fault: 'the head of the reply holds a NUL' };
      const fields = framed(fieldsOf(text.slice(text.indexOf('\n', start) + 1, end)));
      if ('fault' in fields) return fields;
      const version = major === '0' || (major === '1' && minor === '0') ? '1.0' : '1.1';
      const lines = [
        `HTTP/${version} ${status} ${valueOf(reason)}`,
        ...fields.map((field) => field.join(': ')),
      ];
      return { head: Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), length: end };
    }
    start = end;
  }
}

/** How many bytes a head has that is right and there whole, those of 1xx replies before it with them. */
export function headLength(received: Buffer): number {
  const text = received.toString('latin1');
  let start = startOf(text);
  for (;;) {
    const status = statusLine.exec(lineAt(text, start) ?? '')?.[3] ?? '';
    start = endOfHead(text, start);
    if (isFinal(status)) return start;
  }
}

function isFinal(status: string): boolean {
  return !status.startsWith('1') || status === '101';
}

/** Where the first reply begins, behind empty lines and a little else. */
function startOf(text: string): number {
  const begin = text.search(/[^\r\n]/);
  if (begin === -1) return text.length;
  return begin + Math.max(0, text.slice(begin, begin + 8).search(/http/i));
}

/** Whether a reply may still come of its first bytes. */
function mayBegin(text: string): boolean {
  const letters = text.replace(/^[\x80-\xff]{1,4}/, '').slice(0, 4);
  return 'http'.startsWith(letters.toLowerCase());
}

function lineAt(text: string, start: number): string | null {
  const end = text.indexOf('\n', start);
  return end === -1 ? null : text.slice(start, end).replace(/\r+$/, '');
}

/** The position behind the empty line that ends a head; -1: not there yet. */
function endOfHead(text: string, start: number): number {
  const emptyLine = /\n\r*\n/g;
  emptyLine.lastIndex = start;
  return emptyLine.test(text) ? emptyLine.lastIndex : -1;
}

type Field = readonly [name: string, value: string];

function fieldsOf(text: string): Field[] {
  const fields: Field[] = [];
  let before: [string, string] | null = null;
  for (const line of text.split(/\r*\n/)) {
    if (/^[ \t]/.test(line)) {
      if (before !== null) before[1] = `${before[1]} ${valueOf(line)}`.trim();
      continue;
    }
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).replace(/[ \t]+$/, '');
    before = token.test(name) ? [name, valueOf(line.slice(colon + 1))] : null;
    if (before !== null) fields.push(before);
  }
  return fields;
}

function valueOf(text: string): string {
  // RFC 9112, section 2.2: a CR that ends no line.
  return text.replaceAll('\r', ' ').replaceAll(/^[ \t]+|[ \t]+$/g, '');
}

/** The fields with those that say where the body ends made plain. */
function framed(fields: readonly Field[]): Field[] | HeadFault {
  const valuesOf = (wanted: string): string[] =>
    fields.filter(([name]) => name.toLowerCase() === wanted).flatMap(([, value]) => value.split(','));
  const others = fields.filter(([name]) => !/^(?:content-length|transfer-encoding)$/i.test(name));
  if (valuesOf('transfer-encoding').some(isChunked)) {
    return [...others, ['Transfer-Encoding', 'chunked']];
  }
  const lengths = new Set(valuesOf('content-length').map(lengthOf));
  lengths.delete(null);
  if (lengths.size > 1) return { fault: 'the reply has two Content-Lengths that differ' };
  const [length = null] = lengths;
  return length === null ? others : [...others, ['Content-Length', length]];
}

/** Whether one value of Transfer-Encoding is `chunked`. */
export function isChunked(coding: string): boolean {
  return /^[ \t]*chunked[ \t]*$/i.test(coding);
}

/** `42`, `+42` and `42 bytes` are 42; null for what is no length. */
function lengthOf(value: string): string | null {
  const digits = /^\+?0*(\d+)(?:[\s;].*)?$/.exec(value.trim())?.[1];
  return digits === undefined || !Number.isSafeInteger(Number(digits)) ? null : digits;
}

function notHttp(line: string): HeadFault {
  const shown = line.slice(0, longestShown).replaceAll(/[^ -~]/g, '?');
  return { fault: `the reply is not HTTP/1: it begins with "${shown}"` };
}
