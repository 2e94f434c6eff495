import type { Table } from '../shared/records.ts';
import type { Fault } from './fault.ts';

/** A record as its format gives it. */
export interface Entry {
  readonly cells: readonly string[];
  /** The record's own text, where the format is JSON Lines. */
  readonly json: string | null;
  /** What is fetched where the record itself tells, as a line of a list does; null: the URL column does. */
  readonly url: string | null;
  /** Why it is no good row, though it was read. */
  readonly fault: Fault | null;
  /** Where its first line begins, in bytes of the text from which lines are read (`InputText`). */
  readonly start: number;
}

/** One source with its header read. */
export interface Content {
  readonly table: Table;
  /** The records in the batches in which they were read; the first batch may be empty. */
  readonly batches: AsyncGenerator<Entry[]>;
  /**
   * Reads one record again. To be called when all have been read.
   *
   * @param bytes of the text from the record's `start` on, perhaps up to the next one
   * @returns the record, which stands in line 1; null when there is none
   */
  readonly entryIn: (bytes: Buffer) => Entry | null;
}
