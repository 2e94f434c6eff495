import type { Outcome } from './columns.ts';
import { shownUrl } from './shown.ts';
import { TopCounts } from './top-counts.ts';

/** Rows that are listed for each kind of change, at most. */
export const mostOfChange = 50;

/** Kinds of change that are told apart. A comparison has fewer, but a column of a file may hold anything. */
const mostKinds = 100;

export interface ChangedRow {
  readonly change: string;
  readonly url: string;
  /** Columns that differ, as far as they are known. */
  readonly columns: readonly string[];
}

/** Counts what has become of rows since an earlier result. */
export class Changes {
  readonly counts = new TopCounts(mostKinds);
  /** How many rows differ, by column; empty if the columns are not known. */
  readonly columns = new TopCounts(mostKinds);
  readonly #rows: ChangedRow[] = [];

  /** @param change fit to be shown @param columns that differ */
  add(change: string, url: string, columns: readonly string[] = []): void {
    const { count } = this.counts.add(change);
    for (const name of columns) this.columns.add(name);
    if (change === 'same' || count > mostOfChange || this.counts.size === mostKinds) return;
    this.#rows.push({ change, url: shownUrl(url), columns });
  }

  addOutcome({ change, url }: Outcome): void {
    if (change !== '') this.add(change, url);
  }

  /** Rows that are in both results and differ in any way. */
  get differing(): number {
    const others = ['same', 'new', 'gone'].reduce((sum, key) => sum + (this.counts.get(key)?.count ?? 0), 0);
    return this.counts.total - others;
  }

  /** The first rows of each kind of change except `same`. */
  get rows(): readonly ChangedRow[] {
    return this.#rows;
  }
}
