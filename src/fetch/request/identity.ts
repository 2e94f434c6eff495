import { hash } from 'node:crypto';

import type { RowRequest } from './request.ts';
import type { Target } from './target.ts';

/** What requests send besides their target, hashed: most rows of a list share one. */
const known = new WeakMap<RowRequest, string>();

/** What makes two requests the same, as a text: all that is sent. The fragment of a URL is not. */
export function requestIdentity(
  method: string,
  { origin, path, authorization }: Target,
  request: RowRequest,
): string {
  return `${method} ${origin}${path}\n${authorization}\n${contentOf(request)}`;
}

function contentOf(request: RowRequest): string {
  const before = known.get(request);
  if (before !== undefined) return before;
  const { headers, ownHeaders, hostHeaders, body } = request;
  const all = [headers, ownHeaders, hostHeaders, body?.toString('latin1') ?? null];
  const content = hash('sha256', JSON.stringify(all), 'base64');
  known.set(request, content);
  return content;
}
