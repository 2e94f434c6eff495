import { percentEncodeAfterEncoding } from '@exodus/bytes/whatwg.js';

/** Encoding Standard, "get an output encoding": what is decoded from these is encoded as UTF-8, as all of a URL is. */
const unicode = new Set(['UTF-8', 'UTF-16LE', 'UTF-16BE', 'replacement', '']);

/** URL Standard, "special-query percent-encode set", less what is always encoded. */
const unsafe = ' "#\'<>';

/**
 * URL Standard, "query state": the query of a link is in the encoding of the page that it stands in. The class URL knows
 * UTF-8 only, so what is not ASCII is encoded before it gets to see it.
 *
 * @param charset a name that Page.charset gives
 */
export function queryEncoded(href: string, charset: string): string {
  if (unicode.has(charset)) return href;
  const start = href.indexOf('?');
  const hash = href.indexOf('#');
  const end = hash === -1 ? href.length : hash;
  if (start === -1 || start > end) return href;
  const query = href.slice(start, end);
  const from = query.search(beyondAscii);
  if (from === -1) return href;
  let to = query.length;
  while (query.charCodeAt(to - 1) < 0x80) to--;
  // All at once, for a letter that the encoding lacks costs a start of its own. Line ends and tabs are no part of a URL.
  const letters = query.slice(from, to).replaceAll(/[\t\n\r]/g, '');
  const encoded = percentEncodeAfterEncoding(charset, letters, unsafe);
  return href.slice(0, start + from) + encoded + href.slice(start + to);
}

const beyondAscii = /[^\0-\u007f]/;
