import { looksLikeUrl } from '../shared/url-like.ts';

/** Schemes that are followed by no `//`; anything else before a colon is a host and its port. */
const opaque = /^(?:about|blob|data|file|geo|gopher|javascript|magnet|mailto|news|sms|tel|urn|view-source):/i;

/** Whether the text begins with a scheme, as against `example.org:8080/a` or `www.example.org`. */
export function hasScheme(text: string): boolean {
  return /^\s*(?:[a-z][a-z0-9+.-]*:\/\/|https?:\/)/i.test(text) || opaque.test(text.trimStart());
}

/** Whether a cell or a line seems to be meant as a URL, of whatever scheme. */
export function isUrlText(text: string): boolean {
  return hasScheme(text) || looksLikeUrl(text);
}

/** The text of a cell as a URL with a scheme; the cell as it is where `none` is the default scheme. */
export function withScheme(cell: string, defaultScheme: string): string {
  const text = cell.trim();
  if (text === '' || hasScheme(text) || defaultScheme === 'none') return text;
  return text.startsWith('//') ? `${defaultScheme}:${text}` : `${defaultScheme}://${text}`;
}
