import type { Exchanged, ProcessCode, Values } from '../shared/records.ts';
import { messageWithPlace } from '../shared/own-place.ts';
import type { ResponsePage } from './page.ts';

/** The outcome of processing a page. */
export interface Processed {
  readonly error: ProcessCode | null;
  readonly detail: string;
  readonly values: Values;
  /** An output row each, when a processor returned a list; else null. */
  readonly rows: readonly Values[] | null;
  /** URL of the next page, if that was asked for (`--next`) and there is one; it may be relative. */
  readonly next: string | null;
}

/** Takes values from pages, in this thread or in others. */
export interface Processing {
  /**
   * Processes one page. A failure of the page is reported in the outcome and not thrown.
   *
   * @throws (or rejects with) an error that ends the run
   */
  readonly process: (page: ResponsePage) => Processed | Promise<Processed>;
  /**
   * Takes the redirects of a row that has ended without a page. Default: they are ignored.
   *
   * @throws an error that ends the run
   */
  readonly processHops?: ((hops: readonly Exchanged[]) => Promise<void>) | undefined;
  /** Abandons unfinished pages: their promises may never settle. */
  readonly close: () => void;
}

/** The outcome of a page from which nothing was taken. */
export const blankProcessed: Processed = {
  error: null,
  detail: '',
  values: Object.freeze({}),
  rows: null,
  next: null,
};

export function failedBy(error: unknown): Processed {
  return { ...blankProcessed, error: 'process-failed', detail: messageWithPlace(error) };
}

export function timedOut(milliseconds: number): Processed {
  return { ...blankProcessed, error: 'process-timeout', detail: `not done within ${milliseconds} ms` };
}

/** Runs one after the other. The values of the first are kept even when the second fails. */
export function inTurn(first: Processing, second: Processing): Processing {
  return {
    async process(page) {
      const found = await first.process(page);
      if (found.error !== null) return found;
      const { values, rows, ...rest } = await second.process(page);
      return { ...rest, values: { ...found.values, ...values }, rows: rows ?? found.rows };
    },
    processHops: first.processHops,
    close() {
      first.close();
      second.close();
    },
  };
}
