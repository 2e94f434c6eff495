import type { Result, Row, Value, Values } from '../shared/records.ts';

/** The columns that a job adds to those of its input. */
export interface AddedColumns {
  /** Names of result columns without the prefix; null: those that the input, an earlier result, has already. */
  readonly results: readonly string[] | null;
  /** Names of the processors' columns, with the prefix where they have one. */
  readonly processed: readonly string[];
  readonly prefix: string;
  /** Names with the prefix of columns that an earlier run may have written and that are left out. @param names the input's */
  readonly outdated?: (names: readonly string[]) => ReadonlySet<string>;
  /** With `--retry-failed`: names with the prefix of all columns that the earlier run may have written. */
  readonly earlier?: ReadonlySet<string>;
}

/** The columns of one job's output. */
export interface Layout {
  /** All names in order. */
  readonly names: readonly string[];
  readonly header: boolean;
  /** Names of the columns that come after the input's. */
  readonly added: readonly string[];
  /** The key of an input cell in a JSON object. Unlike column names, keys are unique. */
  readonly inputKey: (index: number) => string;
  /** The key in a JSON object of a cell beyond the header: its number in the row. */
  readonly surplusKey: (index: number) => string;
  /** The cells of the input's columns, without those that this run replaces; short rows are filled up with empty cells. */
  readonly inputCells: (row: Row) => readonly string[];
  /** The values of the added columns. @param of the processors' values for this output row, of which there may be several */
  readonly addedValues: (result: Result, of: Values) => Value[];
  /** The cells beyond the header. They come last, so that all others are below their names. */
  readonly surplus: (row: Row) => readonly string[];
  /** Whether a column of this name in the input is replaced by an added one, or left out as of an earlier run. */
  readonly isReplaced: (name: string) => boolean;
  /**
   * Whether it is the name of a processor's column that the user's own members have too, in records of JSON Lines that come after
   * those whose keys are the columns: earlier, it would have been refused.
   */
  readonly isTakenLate: (name: string) => boolean;
  /** Whether a column of this name is kept, but empty in rows that are fetched again. */
  readonly isEmptied: (name: string) => boolean;
}
