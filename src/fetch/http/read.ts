import { hash } from 'node:crypto';

import { likenessOf } from '../../page/likeness.ts';
import type { ResponsePage } from '../../page/page.ts';
import { isSuccess } from '../../shared/statuses.ts';
import type { EngineReply, EngineRequest } from '../messages.ts';

/** The fields of a reply that describe its body. */
export type Read = Pick<EngineReply, 'charset' | 'charsetFrom' | 'sha256' | 'likeness'>;

export const nothingRead: Read = { charset: '', charsetFrom: '', sha256: '', likeness: null };

/** Describes the body of a page, as far as the options or its request ask for it. */
export function readOf(
  page: ResponsePage,
  decoded: Buffer,
  { method, compared }: EngineRequest,
  { charsets, digests }: { readonly charsets: boolean; readonly digests: boolean },
): Read {
  if (!charsets && !digests && compared === null) return nothingRead;
  // A reply to HEAD has no body, so the page's body is not known.
  const body = method === 'HEAD' ? null : decoded;
  const isCompared = compared !== null && isSuccess(page.status);
  return {
    charset: charsets ? page.charset : '',
    charsetFrom: charsets ? page.charsetFrom : '',
    sha256: digests && body !== null ? hash('sha256', body, 'hex') : '',
    likeness: isCompared ? likenessOf(body, page.contentType, compared) : null,
  };
}
