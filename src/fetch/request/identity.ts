import { hash } from 'node:crypto';

import type { RowRequest } from './request.ts';
import type { Target } from './target.ts';

/** Hashes of what requests send besides their target, kept as most rows of a list share one `RowRequest`. */
const known = new WeakMap<RowRequest, string>();

/** A text that is equal for requests that send the same. The fragment of a URL is not sent. */
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
