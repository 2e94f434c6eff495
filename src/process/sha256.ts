import { createHash } from 'node:crypto';

import type { Page } from '../shared/records.ts';

/** SHA-256 of the decoded body (content codings removed), in hexadecimal. */
export function sha256({ body }: Page): string {
  return createHash('sha256').update(body).digest('hex');
}
