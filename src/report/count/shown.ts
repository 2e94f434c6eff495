import { withoutCredentials, withoutUserInfo } from '../../shared/credentials.ts';
import { printable } from '../../watch/escape.ts';

/** URLs are cut after this many characters. */
const longestUrl = 300;

/**
 * Text of a file as it can be shown: without the credentials of URLs in it, control characters and those that change the
 * direction of text as \u escapes, cut when it is longer.
 */
export function shownText(text: string, longest: number): string {
  return cut(withoutCredentials(text), longest);
}

/** A URL, or what stands in its place, as it can be shown: see `shownText`. */
export function shownUrl(url: string): string {
  return cut(withoutUserInfo(url), longestUrl);
}

/** Cuts before the search for what is to be escaped, too, as a cell may be very long. */
function cut(text: string, longest: number): string {
  return printable(text.slice(0, longest + 1), longest);
}
