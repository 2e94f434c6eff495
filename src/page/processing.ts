import type { ProcessCode, Values } from '../shared/records.ts';
import type { ResponsePage } from './page.ts';

/** What the processors have made of a page. */
export interface Processed {
  readonly error: ProcessCode | null;
  readonly detail: string;
  readonly values: Values;
  /** What a processor gave that gave a list: an output row each; null when none did. */
  readonly rows: readonly Values[] | null;
}

/** Takes values out of pages, in this thread or in others. */
export interface Processing {
  /**
   * What goes wrong with a page is in what comes of it.
   *
   * @throws (or rejects with) what ends the run
   */
  readonly process: (page: ResponsePage) => Processed | Promise<Processed>;
  /** Gives up what is not done, without a word. */
  readonly close: () => void;
}

/** A page that nothing was taken out of. */
export const blankProcessed: Processed = { error: null, detail: '', values: Object.freeze({}), rows: null };

export function failedBy(error: unknown): Processed {
  const detail = error instanceof Error ? error.message : String(error);
  return { ...blankProcessed, error: 'process-failed', detail };
}

export function timedOut(milliseconds: number): Processed {
  return { ...blankProcessed, error: 'process-timeout', detail: `not done within ${milliseconds} ms` };
}

/** One after the other; what the first has found stays, whatever becomes of the page in the second. */
export function inTurn(first: Processing, second: Processing): Processing {
  return {
    async process(page) {
      const found = await first.process(page);
      if (found.error !== null) return found;
      const { values, rows, ...rest } = await second.process(page);
      return { ...rest, values: { ...found.values, ...values }, rows: rows ?? found.rows };
    },
    close() {
      first.close();
      second.close();
    },
  };
}
