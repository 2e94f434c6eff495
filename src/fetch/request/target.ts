import type { FailureCode } from '../../shared/failures.ts';
import { longestUrl } from '../../shared/url-like.ts';

/** Where a request goes. */
export interface Target {
  /** Without credentials, with the fragment. */
  readonly href: string;
  readonly origin: string;
  /** The host name, without port: limits are kept by host, as they spare a machine. */
  readonly host: string;
  /** Path and query. */
  readonly path: string;
  /** Value of the Authorization header made from the URL's credentials; empty without any. */
  readonly authorization: string;
}

export interface TargetFailure {
  readonly error: FailureCode;
  readonly detail: string;
}

/**
 * Reads a URL (WHATWG URL Standard).
 *
 * @param base the URL that a relative one is resolved against
 */
export function parseTarget(text: string, base?: string): Target | TargetFailure {
  const known = base === undefined ? knownTarget(text) : null;
  if (known !== null) return known;
  if (text.length > longestUrl) return { error: 'invalid-url', detail: 'longer than 64 KiB' };
  // These show that the cell was damaged on its way: the request would be for another URL than was meant.
  if (text.includes('\0') || text.includes('\ufffd') || !text.isWellFormed()) {
    return { error: 'invalid-url', detail: 'holds NUL, U+FFFD or half of a surrogate pair' };
  }
  const url = parseUrl(text, base);
  if (url === null) return { error: 'invalid-url', detail: 'not a URL' };
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return { error: 'unsupported-scheme', detail: `${url.protocol.slice(0, -1)} is neither http nor https` };
  }
  const authorization = url.username === '' && url.password === '' ? '' : basic(url.username, url.password);
  if (authorization !== '') {
    url.username = '';
    url.password = '';
  }
  remember(url);
  return {
    href: url.href,
    origin: url.origin,
    host: url.hostname,
    path: url.pathname + url.search,
    authorization,
  };
}

/** Host names by origin, of URLs that were read before. */
const hosts = new Map<string, string>();
const mostHosts = 1000;
/** A path and query that the URL parser would not change. */
const plainPath = /^[\w!$%&()*+,\-./:;=?@~]*$/;

/** Reads a URL without the parser if its origin is known and its path plain, as for most of a list. */
function knownTarget(text: string): Target | null {
  const start = text.indexOf('/', 'https://'.length);
  if (start === -1 || text.length > longestUrl) return null;
  const origin = text.slice(0, start);
  const host = hosts.get(origin);
  if (host === undefined) return null;
  const path = text.slice(start);
  // `/.` and `/%2e` may begin a dot segment; a query that is empty is none.
  if (!plainPath.test(path) || /\/(?:\.|%2e)|\?$/i.test(path)) return null;
  return { href: text, origin, host, path, authorization: '' };
}

function remember({ origin, hostname }: URL): void {
  if (hosts.size >= mostHosts) hosts.clear();
  hosts.set(origin, hostname);
}

function parseUrl(text: string, base?: string): URL | null {
  try {
    return new URL(text, base);
  } catch {
    return null;
  }
}

/** RFC 7617 */
function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${percentDecoded(user)}:${percentDecoded(password)}`).toString('base64')}`;
}

export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
