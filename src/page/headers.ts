/** The response headers that every row needs, found in one pass over the raw ones. */
export interface KnownHeaders {
  /** Several are joined by `, `. */
  contentType: string;
  contentEncoding: string;
  /** NaN when there is none. */
  contentLength: number;
  /** The first one that is not empty; its bytes beyond ASCII are percent-encoded as they are, as browsers and curl do. */
  location: string | null;
}

/** @param raw names and values in turn, as bytes */
export function knownHeaders(raw: readonly Buffer[]): KnownHeaders {
  const known: KnownHeaders = {
    contentType: '',
    contentEncoding: '',
    contentLength: Number.NaN,
    location: null,
  };
  for (let i = 0; i + 1 < raw.length; i += 2) {
    // The length of the name excludes nearly all headers without making a string of the name.
    switch (raw[i]?.length) {
      case 8:
        if (!known.location && isName(raw[i], 'location')) known.location = percentEncoded(raw[i + 1]);
        break;
      case 12:
        if (isName(raw[i], 'content-type')) known.contentType = joined(known.contentType, latin1(raw[i + 1]));
        break;
      case 14:
        if (isName(raw[i], 'content-length')) known.contentLength = Number(latin1(raw[i + 1]));
        break;
      case 16:
        if (isName(raw[i], 'content-encoding')) known.contentEncoding += `,${latin1(raw[i + 1])}`;
        break;
      default:
    }
  }
  return known;
}

/** The values of one header in order, a character per byte. @param name in lower case */
export function headerValues(raw: readonly Buffer[], name: string): string[] {
  return rawValues(raw, name).map(latin1);
}

/** The value of one header, several values joined by `, `; null when it is missing. @param name in lower case */
export function headerText(raw: readonly Buffer[], name: string): string | null {
  const values = headerTexts(raw, name);
  return values.length === 0 ? null : values.join(', ');
}

/** The values of one header as they are read, one each and in order. @param name in lower case */
export function headerTexts(raw: readonly Buffer[], name: string): string[] {
  return rawValues(raw, name).map(utf8OrLatin1);
}

/** Raw headers as one text, to be sent to another thread: each part is followed by a line feed, a character per byte. */
export function packHeaders(raw: readonly Buffer[]): string {
  return raw.map((part) => `${part.toString('latin1')}\n`).join('');
}

export function unpackHeaders(packed: string): Buffer[] {
  return packed
    .split('\n')
    .slice(0, -1)
    .map((part) => Buffer.from(part, 'latin1'));
}

function rawValues(raw: readonly Buffer[], name: string): Buffer[] {
  return raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.length === name.length && isName(raw[i - 1], name));
}

/** All headers: names in lower case, several values of one name joined by `, `. */
export function headerRecord(raw: readonly Buffer[]): Record<string, string> {
  const headers = Object.create(null) as Record<string, string>;
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = latin1(raw[i]).toLowerCase();
    const value = utf8OrLatin1(raw[i + 1]);
    const before = headers[name];
    headers[name] = before === undefined ? value : `${before}, ${value}`;
  }
  return headers;
}

function joined(before: string, value: string): string {
  return before === '' ? value : `${before}, ${value}`;
}

function isName(raw: Buffer | undefined, name: string): boolean {
  return latin1(raw).toLowerCase() === name;
}

function latin1(raw: Buffer | undefined): string {
  return raw === undefined ? '' : raw.toString('latin1');
}

function percentEncoded(raw: Buffer | undefined): string {
  return latin1(raw).replaceAll(
    /[\x80-\xff]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Header values are bytes. Those beyond ASCII are mostly UTF-8, seldom Latin-1. */
function utf8OrLatin1(raw: Buffer | undefined): string {
  const text = raw?.toString('utf8') ?? '';
  return text.includes('\ufffd') ? latin1(raw) : text;
}

/** Whether a body shows its own end (RFC 9112, section 6.3). */
export function saysItsEnd(rawHeaders: readonly Buffer[]): boolean {
  return ['content-length', 'transfer-encoding'].some((name) => headerValues(rawHeaders, name).length > 0);
}
