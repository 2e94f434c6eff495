import type { Outcome } from './columns.ts';
import { shownUrl } from './shown.ts';

/** Rows that are kept. */
const most = 10;

export interface SlowRow {
  readonly row: number;
  readonly url: string;
  readonly status: number | null;
  readonly ms: number;
}

/** Keeps the rows that took longest. */
export class SlowestRows {
  /** The slowest first. */
  readonly rows: SlowRow[] = [];

  add({ row, url, status }: Outcome, ms: number): void {
    const last = this.rows.at(-1);
    if (this.rows.length === most && last !== undefined && ms <= last.ms) return;
    const at = this.rows.findIndex((other) => other.ms < ms);
    this.rows.splice(at === -1 ? this.rows.length : at, 0, { row, url: shownUrl(url), status, ms });
    if (this.rows.length > most) this.rows.pop();
  }
}
