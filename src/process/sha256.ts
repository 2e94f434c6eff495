import { createHash } from 'node:crypto';

import type { Processor } from '../records.ts';

/** SHA-256 of the decoded body (content codings removed), in hexadecimal. */
export function sha256(column: string): Processor {
  return {
    columns: [column],
    process: ({ body }) => ({ [column]: createHash('sha256').update(body).digest('hex') }),
  };
}
