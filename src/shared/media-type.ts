/** What Content-Type says of a body. */
export interface MediaType {
  /** Type and subtype, in lower case: `text/html`. Empty where nothing that is said is a type. */
  readonly type: string;
  /** Value of the charset parameter as it is written; empty when there is none. */
  readonly charset: string;
}

const unknown: MediaType = { type: '', charset: '' };

let lastSaid = '';
let lastType = unknown;

/**
 * The type of a body by its Content-Type; several headers are given joined by `, `, as some proxies send them too. The
 * last one that is a type counts, with the charset of an earlier one where it is the same type and names none (Fetch
 * Standard, "extract a MIME type").
 */
export function mediaTypeOf(contentType: string): MediaType {
  // Most pages of a list have the same.
  if (contentType === lastSaid) return lastType;
  lastSaid = contentType;
  lastType = extracted(contentType);
  return lastType;
}

/** The type for people: what Content-Type says though it is none stands as it was sent. */
export function shownType(contentType: string): string {
  return mediaTypeOf(contentType).type || (/^[^;]*/.exec(contentType)?.[0] ?? '').trim().toLowerCase();
}

function extracted(contentType: string): MediaType {
  let found = unknown;
  // Commas may stand in quoted values.
  for (const [value] of contentType.matchAll(/(?:[^",]|"(?:[^"\\]|\\.?)*"?)+/g)) {
    const parsed = parse(value);
    if (parsed === null || parsed.type === '*/*') continue;
    const { type, charset } = parsed;
    found = charset === '' && type === found.type ? found : parsed;
  }
  return found;
}

/** MIME Sniffing Standard, section 4.4, "parse a MIME type", as far as type and charset go; null for what is none. */
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
