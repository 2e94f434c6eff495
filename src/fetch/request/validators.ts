import type { Earlier } from '../../shared/records.ts';
import { valueFault } from '../../options/checks.ts';
import type { Target } from './target.ts';

/**
 * The headers that make a request conditional, names and values in turn: it asks for what is newer than what an earlier run
 * has got (RFC 9110, sections 13.1.2 and 13.1.3). Both are sent where both are known, as browsers do; servers that know
 * tags look at the tag alone.
 *
 * Validators belong to the URL that gave them, which is the last one of a chain of redirects, so no other URL gets them.
 *
 * @param sent the other headers of the request: what they say of conditions is the user's word, and counts alone
 */
export function validatorsFor(
  { url, etag = '', lastModified = '' }: Earlier,
  { href }: Target,
  sent: readonly string[],
): readonly string[] {
  if (withoutFragment(href) !== withoutFragment(url)) return none;
  if (sent.some((name, i) => i % 2 === 0 && /^if-/i.test(name))) return none;
  return [...field('if-none-match', etag), ...field('if-modified-since', lastModified)];
}

const none: readonly string[] = [];

/** The texts may come from a file that was edited: what is no field value as bytes is not sent. */
function field(name: string, value: string): readonly string[] {
  const isBytes = !/[^\0-\xff]/.test(value) && valueFault(name, value) === null;
  return value === '' || !isBytes ? none : [name, value];
}

function withoutFragment(href: string): string {
  const hash = href.indexOf('#');
  return hash === -1 ? href : href.slice(0, hash);
}
