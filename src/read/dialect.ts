import type { Syntax } from './record-reader.ts';

export type InputFormat = 'csv' | 'tsv' | 'lines' | 'jsonl';

export interface Dialect {
  readonly format: InputFormat;
  /** How lines are cut into cells, where there are any. */
  readonly syntax: Syntax;
  /** Whether the first record is the header. */
  readonly hasHeader: boolean;
  /** How many lines to skip before that record: `sep=;`, comments. */
  readonly skip: number;
  /** How many of these are comments. */
  readonly comments: number;
}

/** What the options say of the input. */
export interface Wanted {
  readonly inputFormat?: InputFormat | undefined;
  readonly delimiter?: string | undefined;
  readonly quote?: string | undefined;
  readonly escape?: string | undefined;
  readonly comment?: string | undefined;
  readonly skipLines?: number;
  readonly noHeader?: boolean;
  readonly headerLine?: boolean;
  readonly urlColumn?: string | undefined;
  readonly urlTemplate?: string | undefined;
  /** A column that the input must have, but not as the first: the delimiter stands before and behind its name. */
  readonly resultColumn?: string | undefined;
  /** A column that the input may have, and by which it is known to be the result of a run. */
  readonly runColumn?: string | undefined;
}
