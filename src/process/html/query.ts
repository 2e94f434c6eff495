import { percentEncodeAfterEncoding } from '@exodus/bytes/whatwg.js';

/** Encoding Standard, "get an output encoding": queries on pages in these encodings are encoded as UTF-8. */
const unicode = new Set(['UTF-8', 'UTF-16LE', 'UTF-16BE', 'replacement', '']);

/** URL Standard, "special-query percent-encode set", without the characters that are encoded in any case. */
const unsafe = ' "#\'<>';

/**
 * Percent-encodes the query of a link in the encoding of its page (URL Standard, "query state"). The class URL always uses
 * UTF-8, so characters beyond ASCII are encoded before it parses the link.
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
  // In one call, as the encoder starts anew after each letter that the encoding lacks. Line ends and tabs are no
  // part of a URL: its parser drops them.
  const letters = query.slice(from, to).replaceAll(/[\t\n\r]/g, '');
  const encoded = percentEncodeAfterEncoding(charset, letters, unsafe);
  return href.slice(0, start + from) + encoded + href.slice(start + to);
}

const beyondAscii = /[^\0-\u007f]/;
