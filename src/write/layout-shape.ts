import type { Result, Row, Value, Values } from '../shared/records.ts';

/** Which columns a job writes beside those of its input. */
export interface AddedColumns {
  /** Result columns by their names in the table of columns; null: those that the input has, an earlier result. */
  readonly results: readonly string[] | null;
  /** The processors' columns by their whole names. */
  readonly processed: readonly string[];
  readonly prefix: string;
  /** There when the input is an earlier result whose good rows are copied: whole names of columns that may be its. */
  readonly earlier?: ReadonlySet<string>;
}

/** The columns of one job's output. */
export interface Layout {
  /** All names in order. */
  readonly names: readonly string[];
  readonly header: boolean;
  /** Names of the columns that come after the input's. */
  readonly added: readonly string[];
  /** What an own cell is called where an object is written: names differ there. */
  readonly ownKey: (index: number) => string;
  /** What a cell beyond the header is called there: its number in the row. */
  readonly surplusKey: (index: number) => string;
  /** The cells of the input's columns: without those that this run replaces, and filled up where a row is too short. */
  readonly ownCells: (row: Row) => readonly string[];
  /** The values that come after them. @param of what processors gave for this output row; there may be several */
  readonly addedValues: (result: Result, of: Values) => Value[];
  /** The cells beyond the header, which come last: all others stand under their names. */
  readonly surplus: (row: Row) => readonly string[];
  /** Whether the input has a column of this name that is written anew. */
  readonly isReplaced: (name: string) => boolean;
  /** Whether a column of this name stays, but empty in rows that are fetched. */
  readonly isEmptied: (name: string) => boolean;
}
