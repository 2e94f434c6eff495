import { ownText } from '../shared/own-text.ts';

/** The response headers that every row needs, found in one pass over the raw ones. */
export interface KnownHeaders {
  /** Several are joined by `, `. */
  contentType: string;
  contentEncoding: string;
  /** The first one that is not empty. Each byte beyond ASCII is percent-encoded, as by browsers and curl. */
  location: string | null;
}

/** @param raw names and values in turn, a character per byte */
export function knownHeaders(raw: readonly string[]): KnownHeaders {
  const known: KnownHeaders = { contentType: '', contentEncoding: '', location: null };
  for (let i = 0; i + 1 < raw.length; i += 2) {
    // The length of the name excludes nearly all headers without making a string of the name.
    switch (raw[i]?.length) {
      case 8:
        if (!known.location && isName(raw[i], 'location')) known.location = percentEncoded(raw[i + 1]);
        break;
      case 12:
        if (isName(raw[i], 'content-type')) known.contentType = joined(known.contentType, raw[i + 1] ?? '');
        break;
      case 16:
        if (isName(raw[i], 'content-encoding')) known.contentEncoding += `,${raw[i + 1]}`;
        break;
      default:
    }
  }
  return known;
}

/** The values of one header in order, a character per byte. They do not keep the whole head in memory. @param name in lower case */
export function headerValues(raw: readonly string[], name: string): string[] {
  return raw.filter((_, i) => i % 2 === 1 && isName(raw[i - 1], name)).map(ownText);
}

/** The value of one header, several values joined by `, `; null when it is missing. @param name in lower case */
export function headerText(raw: readonly string[], name: string): string | null {
  const values = headerTexts(raw, name);
  return values.length === 0 ? null : values.join(', ');
}

/** The values of one header in order, decoded as UTF-8, or else Latin-1. @param name in lower case */
export function headerTexts(raw: readonly string[], name: string): string[] {
  return headerValues(raw, name).map(utf8OrLatin1);
}

/** Raw headers as one text, to be sent to another thread: each part is followed by a line feed, a character per byte. */
export function packHeaders(raw: readonly string[]): string {
  return raw.map((part) => `${part}\n`).join('');
}

export function unpackHeaders(packed: string): string[] {
  return packed.split('\n').slice(0, -1);
}

/** All headers: names in lower case, several values of one name joined by `, `. */
export function headerRecord(raw: readonly string[]): Record<string, string> {
  const headers = Object.create(null) as Record<string, string>;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] ?? '').toLowerCase();
    const value = utf8OrLatin1(ownText(raw[i + 1] ?? ''));
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return headers;
}

function joined(before: string, value: string): string {
  return before === '' ? value : `${before}, ${value}`;
}

/** Whether a header name, in whatever case it was sent, is this one. @param name in lower case */
export function isName(raw: string | undefined, name: string): boolean {
  // The length excludes nearly all headers before a lower-case copy is made.
  return raw?.length === name.length && raw.toLowerCase() === name;
}

function percentEncoded(raw: string | undefined): string {
  return (raw ?? '').replaceAll(
    /[\x80-\xff]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Header values are bytes. Those beyond ASCII are mostly UTF-8, seldom Latin-1. */
function utf8OrLatin1(raw: string): string {
  if (!/[\x80-\xff]/.test(raw)) return raw;
  const text = Buffer.from(raw, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? raw : text;
}
