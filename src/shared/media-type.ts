import { ownText } from './own-text.ts';

/** A parsed Content-Type. */
export interface MediaType {
  /** Type and subtype in lower case: `text/html`. Empty without a valid type. */
  readonly type: string;
  /** Value of the charset parameter as written; empty when there is none. */
  readonly charset: string;
}

const unknown: MediaType = { type: '', charset: '' };

let lastSaid = '';
let lastType = unknown;

/**
 * Parses Content-Type; several headers are joined by `, `, as some proxies send them. The last valid type counts. Without a
 * charset, it keeps that of an earlier header of the same type (Fetch Standard, "extract a MIME type").
 */
export function mediaTypeOf(contentType: string): MediaType {
  // Most pages of a list have the same Content-Type.
  if (contentType === lastSaid) return lastType;
  lastSaid = ownText(contentType);
  lastType = extracted(lastSaid);
  return lastType;
}

/** The type to show in results: an invalid one as it was sent. */
export function shownType(contentType: string): string {
  return mediaTypeOf(contentType).type || (/^[^;]*/.exec(contentType)?.[0] ?? '').trim().toLowerCase();
}

function extracted(contentType: string): MediaType {
  let found = unknown;
  // Not at commas in quoted values.
  for (const [value] of contentType.matchAll(/(?:[^",]|"(?:[^"\\]|\\.?)*"?)+/g)) {
    const parsed = parse(value);
    if (parsed === null || parsed.type === '*/*') continue;
    const { type, charset } = parsed;
    found = charset === '' && type === found.type ? found : parsed;
  }
  return found;
}

/** MIME Sniffing Standard, section 4.4, "parse a MIME type", for type and charset only; null for an invalid type. */
function parse(value: string): MediaType | null {
  const end = value.indexOf(';');
  const type = (end === -1 ? value : value.slice(0, end)).trim().toLowerCase();
  if (!/^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+$/.test(type)) return null;
  return { type, charset: end === -1 ? '' : charsetIn(value.slice(end)) };
}

/** The first charset counts. @param parameters from the first semicolon on */
function charsetIn(parameters: string): string {
  const each = /;\s*([^;=]*)(?:=\s*(?:"((?:[^"\\]|\\.?)*)"?[^;]*|([^;]*)))?/g;
  for (const [, name = '', inQuotes, plain = ''] of parameters.matchAll(each)) {
    if (name.trim().toLowerCase() !== 'charset') continue;
    const charset = inQuotes === undefined ? plain.trim() : inQuotes.replaceAll(/\\(.)/g, '$1');
    if (charset !== '' || inQuotes !== undefined) return charset;
  }
  return '';
}
