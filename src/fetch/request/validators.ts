import type { Earlier } from '../../shared/records.ts';
import { valueFault } from '../../options/checks.ts';

/**
 * The headers that make a request conditional, names and values in turn: it asks only for what is newer than what an
 * earlier run has got (RFC 9110, sections 13.1.2 and 13.1.3). Both are sent where both are known, as browsers do;
 * servers that know tags look at the tag alone.
 *
 * Validators belong to the URL that gave them, which is the last one of a chain of redirects, so no other URL gets
 * them.
 *
 * @param shown the URL of the request, as a result would show it
 * @param sent the other headers of the request: if the user has set a condition there, none is added
 */
export function validatorsFor(
  { url, etag = '', lastModified = '' }: Earlier,
  shown: string,
  sent: readonly string[],
): readonly string[] {
  if (withoutFragment(shown) !== withoutFragment(url)) return none;
  if (sent.some((name, i) => i % 2 === 0 && /^if-/i.test(name))) return none;
  return [...field('if-none-match', etag), ...field('if-modified-since', lastModified)];
}

const none: readonly string[] = [];

/** Leaves out what is no field value: the text may come from a file that was edited. */
function field(name: string, value: string): readonly string[] {
  const isBytes = !/[^\0-\xff]/.test(value) && valueFault(name, value) === null;
  return value === '' || !isBytes ? none : [name, value];
}

function withoutFragment(href: string): string {
  const hash = href.indexOf('#');
  return hash === -1 ? href : href.slice(0, hash);
}
