import { ownText } from '../../shared/own-text.ts';
import { shownUrl, shownText } from './shown.ts';
import type { Outcome } from './columns.ts';
import { TopCounts } from './top-counts.ts';

/** Rows that a page shows at most. */
export const mostRows = 2000;

/**
 * The first rows of each code, up to this many, come before all others, so that a rare code is not lost among
 * frequent ones.
 */
export const firstOfCode = 100;

/** A failed row as it is shown. */
export interface FailedRow {
  readonly row: number;
  /** The failure code, else the status. */
  readonly code: string;
  /** The status of a row with a failure code, where it had one. */
  readonly status: number | null;
  readonly url: string;
  readonly detail: string;
  readonly ms: number | null;
  readonly attempts: number | null;
  readonly at: string;
}

/** Keeps some of the failed rows: the first of each code, and the first of all. */
export class FailedRows {
  readonly codes = new TopCounts(1000);
  readonly #ofCode: FailedRow[] = [];
  readonly #others: FailedRow[] = [];

  add(outcome: Outcome): void {
    const code = outcome.error ?? String(outcome.status);
    const { count } = this.codes.add(code);
    if (count <= firstOfCode && this.#ofCode.length < mostRows) this.#ofCode.push(shown(code, outcome));
    else if (this.#others.length < mostRows) this.#others.push(shown(code, outcome));
  }

  /** The rows that are kept, sorted by their numbers. */
  shown(): FailedRow[] {
    const others = this.#others.slice(0, mostRows - this.#ofCode.length);
    return [...this.#ofCode, ...others].toSorted((a, b) => a.row - b.row);
  }
}

function shown(code: string, { status, error, url, detail, row, ms, attempts, at }: Outcome): FailedRow {
  return {
    row,
    code: ownText(code),
    status: error === null ? null : status,
    url: shownUrl(url),
    detail: shownText(detail, 200),
    ms,
    attempts,
    at: shownText(at, 30),
  };
}
