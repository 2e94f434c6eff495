import { isIPv4, isIPv6 } from 'node:net';

/** Why a text is not a URL, in words that repeat nothing of the text, as it may hold a password. */
export interface NotUrl {
  readonly detail: string;
}

/**
 * Reads a URL from a text. White space, quotes and brackets around it are removed, and a host without a scheme gets
 * `defaultScheme`. A URL with a scheme is not checked any further. An empty text gives an empty URL.
 *
 * @param defaultScheme put before a host; `none`: a host alone is not a URL
 */
export function urlOf(text: string, defaultScheme: string): string | NotUrl {
  if (plainUrl.test(text)) return text;
  const bare = withoutSpace(text);
  // A text that is too long is refused later; it is not searched here.
  if (bare === '' || bare.length > longestUrl) return bare;
  return readBare(bare, defaultScheme);
}

/** Whether a text looks like a URL: it has a scheme, or is a host that can get one. */
export function looksLikeUrl(text: string): boolean {
  const url = urlOf(text, 'https');
  return typeof url === 'string' && url !== '';
}

/** Whether a text looks like a host, with or without port and path. */
export function looksLikeHost(text: string): boolean {
  return isHost(withoutSpace(text));
}

/** Maximum length of a URL in UTF-16 units. */
export const longestUrl = 64 * 1024;

/** Matches nearly all URLs: printable ASCII, with colons only behind the scheme and before the port. */
const plainUrl = /^[a-z][a-z\d+.-]+:\/\/[a-z\d.-]+(?::\d{1,5})?(?:[/?#][!-9;-~]*)?$/i;

/** How many nested pairs of quotes and brackets are removed. */
const mostWraps = 3;

function readBare(bare: string, defaultScheme: string, wraps = mostWraps): string | NotUrl {
  if (opaque.test(bare)) return bare;
  if (hasScheme(bare)) return holdsSeveral(bare) ? several : bare;
  if (isHost(bare)) return readHost(bare.replace(/^\/\//, ''), defaultScheme);
  const inner = wraps > 0 ? unwrapped(bare) : '';
  const url = inner === '' ? several : readBare(inner, defaultScheme, wraps - 1);
  return typeof url === 'string' ? url : { detail: `not a URL: ${whatElse(bare)}` };
}

function readHost(host: string, defaultScheme: string): string | NotUrl {
  if (isListOfUrls(host)) return several;
  if (defaultScheme === 'none') return { detail: 'not a URL: it has no scheme' };
  const url = `${defaultScheme}://${host}`;
  return holdsSeveral(url) ? several : url;
}

/** Schemes that are recognised without `//`. Any other word before a colon may be a host. */
const opaque = /^(?:about|blob|data|file|geo|gopher|javascript|magnet|mailto|news|sms|tel|urn|view-source):/i;

/** `http:a` and `http:\\a` are URLs too (URL Standard). A single letter before a colon is a drive and not a scheme. */
const known = /^(?:https?:|[a-z][a-z\d+.-]+:\/\/)/i;

/** Whether a text begins with a scheme; `example.org:8080/a` does not. */
export function hasScheme(text: string): boolean {
  const start = text.trimStart();
  return known.test(start) || opaque.test(start);
}

/** Whether the text is more than one URL, with separators between them. */
function isListOfUrls(text: string): boolean {
  const parts = text.split(separators).filter((part) => part !== '');
  return parts.length > 1 && parts.every(isUrlText);
}

function isUrlText(text: string): boolean {
  return hasScheme(text) || isHost(text);
}

/** Whether a text is a host that cannot be mistaken for other text, with or without port and path. */
function isHost(text: string): boolean {
  const [, name = '', address] = hostAndPort.exec(text) ?? [];
  if (address !== undefined) return isIPv6(address);
  return isIPv4(name) || /^localhost\.?$/i.test(name) || isHostName(name);
}

/** Letters, digits and symbols of any script, and the full stops that count as dots in a host (UTS #46). */
const hostAndPort =
  /^(?:\/\/)?([\p{L}\p{M}\p{N}\p{So}_.\u3002\uff0e\uff61-]+|\[([^\]]*)\])(?::\d*)?(?:[/?#\\]|$)/u;

/** Letters of any script, or letters and digits: `host.zone1`. */
const topLevel = /^(?:xn--[a-z\d-]+|[\p{L}\p{M}]{2,}|\p{L}[\p{L}\p{M}\p{N}-]*[\p{L}\p{M}\p{N}])$/iu;

function isHostName(name: string): boolean {
  const labels = name.replace(/[.\u3002\uff0e\uff61]$/, '').split(/[.\u3002\uff0e\uff61]/);
  const last = labels.at(-1) ?? '';
  if (labels.length < 2 || labels.includes('')) return false;
  if (!topLevel.test(last) || fileExtensions.has(last.toLowerCase())) return false;
  const isVersion = labels.slice(0, -1).every((label) => /^v?\d+$/i.test(label));
  return !isVersion || !/\d/.test(last) || /^xn--/i.test(last);
}

/** Extensions of files. None of them is a top-level domain. */
const fileExtensions = new Set(
  (
    'asp aspx cfm cgi css htm html js json jsonl jsp mjs ndjson php rss shtml ts tsx xhtml xml yaml yml ' +
    'bmp gif heic ico jpeg jpg png svg tif tiff webp avi flac m4a mkv mp3 mp4 mpeg mpg ogg wav webm wmv ' +
    'csv doc docx eml epub ics log md5 odp ods odt parquet pdf ppt pptx rtf sha256 sql tsv txt warc xls xlsx ' +
    '7z apk bak bin bz2 cfg conf db deb dll dmg exe gz ini iso jar rar rpm tar tgz tmp ttf woff woff2 xz zst'
  ).split(' '),
);

const several: NotUrl = { detail: 'not a URL: several URLs in one cell' };

/** Separators in a list of URLs. */
const separators = /[\s,;|]+/;

/** Text before a URL that is a part of another one's path or query: `/web/2020/http://a/`, `?u=http://b`. */
const leadsIn = /[/\\=:?&#+\-_~@!*$([{]$|%[\da-f]{2}$/i;

/**
 * Whether a text that begins with a scheme is several URLs: others follow behind white space, a comma, a semicolon or
 * nothing. URLs that are a part of the first one do not count, as in `?u=http://a,http://b`.
 */
function holdsSeveral(text: string): boolean {
  if (/\s(?:[a-z][a-z\d+.-]+:\/\/|www\.)/i.test(text)) return true;
  const [authority = '', inAuthority = ''] = /^[a-z][a-z\d+.-]*:[\\/]*([^\\/?#]*)/i.exec(text) ?? [];
  const host = inAuthority.slice(inAuthority.lastIndexOf('@') + 1);
  if (isListOfUrls(host)) return true;
  // `http://http://a.test/` is a URL of the host "http", for browsers too.
  const isDoubled = /^https?:$/i.test(host);
  let from = authority.length;
  let isList = false;
  for (const { index } of text.matchAll(/https?:[\\/]{2}/gi)) {
    if (index === 0 || (isDoubled && index < authority.length)) continue;
    if (index < authority.length) return true;
    const before = text.slice(from, index);
    isList = isList && /^[^&#]*[,;]$/.test(before);
    if (!isList && !leadsIn.test(before)) return true;
    isList ||= before.endsWith('=');
    from = index;
  }
  return false;
}

const closers: Readonly<Record<string, string>> = {
  '"': '"',
  "'": "'",
  '`': '`',
  '<': '>',
  '(': ')',
  '[': ']',
  '{': '}',
  '\u201c': '\u201d',
  '\u201d': '\u201d',
  '\u201e': '\u201c\u201d',
  '\u2018': '\u2019',
  '\u201a': '\u2018\u2019',
  '\u00ab': '\u00bb',
  '\u2039': '\u203a',
};

/** The text within the quotes or brackets that enclose all of it; empty when there are none. */
function unwrapped(text: string): string {
  const open = text[0] ?? '';
  const close = text.at(-1) ?? '';
  if (text.length < 3 || closers[open]?.includes(close) !== true) return '';
  const inner = text.slice(1, -1);
  let depth = 0;
  for (const symbol of inner) {
    if (symbol === close) depth--;
    else if (symbol === open) depth++;
    if (depth < 0) return '';
  }
  return depth === 0 ? withoutSpace(inner) : '';
}

/** White space and invisible characters: zero-width ones, byte order marks, direction marks. */
const invisible = /^[\s\p{Cf}\p{Cc}]$/u;

/** The text without white space and invisible characters around it. */
export function withoutSpace(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isInvisible(text, start)) start++;
  while (end > start && isInvisible(text, end - 1)) end--;
  return text.slice(start, end);
}

function isInvisible(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  // NUL is not removed, as it is a sign of damage.
  return code !== 0 && (code <= 0x20 || code >= 0x7f) && invisible.test(text.charAt(at));
}

/** What cells often hold instead of a URL. The first match is named. */
const others: readonly (readonly [RegExp, string])[] = [
  [/^=/, 'it is a formula'],
  [/https?:[\\/]{2}.*https?:[\\/]{2}/is, 'several URLs in one cell'],
  [/https?:[\\/]{2}/i, 'there is other text around one'],
  [/^[^\s@/:]*:[^\s@/]*@/, 'a password needs a scheme before it'],
  [/^[^\s@/]+@[^\s@/]+$/, 'it looks like an e-mail address'],
  [/^(?:[a-z]:[\\/]|\\\\)/i, 'it looks like the path of a file'],
  [/^[/\\.?#]|^[^:]*[/\\]/, 'it looks like a path without a host'],
  [/^[^\p{L}]+$/u, 'it holds no letter'],
];

function whatElse(text: string): string {
  if (isListOfUrls(text)) return 'several URLs in one cell';
  const found = others.find(([pattern]) => pattern.test(text));
  return found?.[1] ?? 'without a scheme, a host name with a dot or an IP address is needed';
}
