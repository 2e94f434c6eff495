import { withoutContent } from '../request/request.ts';
import type { RowRequest } from '../request/request.ts';
import type { Target } from '../request/target.ts';
import type { Task } from './task.ts';

/**
 * The request of a row for another URL, to which its page has led. It has no body, as a link has none. Headers that
 * may be secret go along within the origin of the row's own URL, unless a redirect or an earlier page has led away
 * from it.
 */
export function leadOn(
  { request, target: from, home, away }: Task,
  target: Target,
): { readonly request: RowRequest; readonly home: Target } {
  const isAtHome = !away && target.origin === from.origin;
  const { headers, ownHeaders, hostHeaders, body } = request;
  return {
    request: {
      headers: body === null ? headers : withoutContent(headers),
      ownHeaders: isAtHome ? ownHeaders : [],
      hostHeaders,
      body: null,
    },
    home: { ...target, authorization: target.authorization || (isAtHome ? home.authorization : '') },
  };
}
