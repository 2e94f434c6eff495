import { isIPv4, isIPv6 } from 'node:net';

/** Host, then a port and what follows it, perhaps. */
const parts = /^(\[[^\]]*\]|[^\s/?#:@[\]]+)(?::\d{1,5})?(?:[/?#]\S*)?$/;

/** Labels of letters, digits, hyphens and underscores of any script; the last one begins with a letter. */
const dottedName = /^(?:[\p{L}\p{M}\p{N}_-]+\.)+\p{L}[\p{L}\p{M}\p{N}-]*\.?$/u;

/** Whether a text without a scheme may be a URL's: a host name with a dot, `localhost` or a whole IP address leads it. */
export function looksLikeHost(text: string): boolean {
  const host = parts.exec(text.trim())?.[1] ?? '';
  if (host.startsWith('[')) return isIPv6(host.slice(1, -1));
  return dottedName.test(host) || isIPv4(host) || host.toLowerCase() === 'localhost';
}

/** Whether a text is an http or https URL, or could be one without its scheme. */
export function looksLikeUrl(text: string): boolean {
  return /^\s*https?:/i.test(text) ? URL.canParse(text) : looksLikeHost(text);
}
