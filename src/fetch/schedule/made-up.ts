import { randomBytes } from 'node:crypto';

import { secretQuery } from '../request/secret-params.ts';
import type { Target } from '../request/target.ts';

/** A URL that nobody has made, beside another one. */
export interface MadeUp {
  readonly target: Target;
  /** What no other URL has in it. */
  readonly name: string;
}

/** The folder that a URL is in, with its host. A slash at the end is a part of the name: `/a/b/` is in `/a/`. */
export function folderOf({ origin, path }: Target): string {
  const [pathname = ''] = path.split('?', 1);
  return origin + pathname.replace(/[^/]+\/?$/, '');
}

/**
 * A URL in the folder of this one, of the same form: with its ending, or its slash. Of a query nothing is left, as that may be what
 * names the page, but for parameters that let in.
 */
export function madeUpBeside(target: Target, secretNames: readonly string[]): MadeUp {
  const [pathname = ''] = target.path.split('?', 1);
  const [, ending = ''] = /[^/](\.[a-z\d]{1,8}|\/)$/i.exec(pathname) ?? [];
  // No digits, and no word that a search could find something for.
  const name = randomBytes(12)
    .toString('hex')
    .replaceAll(/\d/g, (digit) => 'qwxzvkjpyh'[Number(digit)] ?? '');
  const href = folderOf(target) + name + ending + secretQuery(target.path, secretNames);
  return { target: { ...target, href, path: href.slice(target.origin.length) }, name };
}
