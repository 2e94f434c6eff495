import type { FailureCode } from '../../shared/failures.ts';
import { longestUrl } from '../../shared/url-like.ts';

/** Where a request goes. */
export interface Target {
  /** Without credentials, with the fragment. */
  readonly href: string;
  readonly origin: string;
  /** The host that limits are kept for: no port, as they spare a machine. */
  readonly host: string;
  /** Path and query. */
  readonly path: string;
  /** Value of the Authorization header that the URL's credentials make; empty without. */
  readonly authorization: string;
}

export interface TargetFailure {
  readonly error: FailureCode;
  readonly detail: string;
}

/**
 * Reads a URL (WHATWG URL Standard).
 *
 * @param base what a relative one is relative to
 */
export function parseTarget(text: string, base?: string): Target | TargetFailure {
  if (text.length > longestUrl) return { error: 'invalid-url', detail: 'longer than 64 KiB' };
  // These tell that the cell was damaged on its way; a request for something else would not be the truth.
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
  return {
    href: url.href,
    origin: url.origin,
    host: url.hostname,
    path: url.pathname + url.search,
    authorization,
  };
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
