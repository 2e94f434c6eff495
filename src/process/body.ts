import type { Processor } from '../shared/records.ts';

/** The column of `--body`: the decoded text as it is. */
export function bodyText(column: string): Processor {
  return { columns: [column], process: ({ text }) => ({ [column]: text() }) };
}
