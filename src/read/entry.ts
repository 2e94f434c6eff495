import type { Table } from '../shared/records.ts';
import type { Fault } from './fault.ts';

/** A record as its format gives it. */
export interface Entry {
  readonly cells: readonly string[];
  /** The record's own text, where the format is JSON Lines. */
  readonly json: string | null;
  /** The text of the URL where the record is one, as a line of a list is; null: the URL column has it. */
  readonly url: string | null;
  /** Why the record becomes a `bad-row`; null: nothing is wrong. */
  readonly fault: Fault | null;
  /** Where its first line begins, in bytes of the text from which lines are read (`Reader.onText`). */
  readonly start: number;
}

/** One source with its header read. */
export interface Content {
  readonly table: Table;
  /** The records in the batches in which they were read; the first batch may be empty. */
  readonly batches: AsyncGenerator<Entry[]>;
  /**
   * Reads one record again. Only to be called after all have been read.
   *
   * @param bytes of the text from the record's `start` on, perhaps up to the next one
   * @returns the record, which stands in line 1; null when there is none
   */
  readonly entryIn: (bytes: Buffer) => Entry | null;
}
