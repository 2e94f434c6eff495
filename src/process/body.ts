import type { Processor } from '../shared/records.ts';

/** Fills the column of `--body` with the decoded text, unchanged. */
export function bodyProcessor(column: string): Processor {
  return { columns: [column], process: ({ text }) => ({ [column]: text() }) };
}
