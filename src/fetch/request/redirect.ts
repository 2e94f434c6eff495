import { parseTarget } from './target.ts';
import type { Target, TargetFailure } from './target.ts';

/** Statuses whose Location is followed (Fetch Standard, "redirect status"). */
export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/** The method of the next request (Fetch Standard, "HTTP-redirect fetch"); a changed one has no body. */
export function redirectMethod(status: number, method: string): string {
  const post = method === 'POST' && (status === 301 || status === 302);
  // A status below 300 is that of a page with a refresh (`--follow-meta`), which is followed as a link is.
  const other = (status === 303 || status < 300) && method !== 'GET' && method !== 'HEAD';
  return post || other ? 'GET' : method;
}

/**
 * Where a redirect leads.
 *
 * @param from the URL that redirects
 */
export function redirectTarget(location: string, from: string): Target | TargetFailure {
  const target = parseTarget(location.trim(), from);
  if ('error' in target) {
    return target.error === 'unsupported-scheme'
      ? { error: 'redirect-denied', detail: `to ${target.detail}` }
      : { error: 'redirect-invalid', detail: `Location is ${target.detail}` };
  }
  // A target without a fragment keeps that of the URL it was reached from (RFC 9110, section 10.2.2).
  const hash = from.indexOf('#');
  return hash !== -1 && !target.href.includes('#')
    ? { ...target, href: target.href + from.slice(hash) }
    : target;
}
