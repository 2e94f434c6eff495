import type { RowRequest } from './request.ts';
import type { Target } from './target.ts';

/** What makes two requests the same, as a text: all that is sent. The fragment of a URL is not. */
export function requestIdentity(method: string, target: Target, request: RowRequest): string {
  const { headers, ownHeaders, hostHeaders, body } = request;
  const sent = [method, target.origin, target.path, target.authorization, headers, ownHeaders, hostHeaders];
  return JSON.stringify([...sent, body?.toString('latin1') ?? null]);
}
