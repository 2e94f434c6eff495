import { randomBytes } from 'node:crypto';

import { secretQuery } from '../request/secret-params.ts';
import type { Target } from '../request/target.ts';

/** A made-up URL, beside another one. */
export interface MadeUp {
  readonly target: Target;
  /** The random part of its path, which no other URL has. */
  readonly name: string;
}

/** The folder that a URL is in, with its host. A slash at the end is a part of the name: `/a/b/` is in `/a/`. */
export function folderOf({ origin, path }: Target): string {
  const [pathname = ''] = path.split('?', 1);
  return origin + pathname.replace(/[^/]+\/?$/, '');
}

/**
 * A URL in the folder of this one, of the same form: with its ending, or its slash. The query is dropped, as
 * it may be what names the page, except for secret parameters, which may be needed for access.
 */
export function madeUpBeside(target: Target, secretNames: readonly string[]): MadeUp {
  const [pathname = ''] = target.path.split('?', 1);
  const [, ending = ''] = /[^/](\.[a-z\d]{1,8}|\/)$/i.exec(pathname) ?? [];
  // Digits are replaced, and letters are random, so that a site's search finds nothing for the name.
  const name = randomBytes(12)
    .toString('hex')
    .replaceAll(/\d/g, (digit) => 'qwxzvkjpyh'[Number(digit)] ?? '');
  const href = folderOf(target) + name + ending + secretQuery(target.path, secretNames);
  return { target: { ...target, href, path: href.slice(target.origin.length) }, name };
}
