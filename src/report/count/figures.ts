import { hasFailed } from '../../shared/statuses.ts';
import { Changes } from './changes.ts';
import type { Outcome, ResultColumns } from './columns.ts';
import { Durations } from './durations.ts';
import { FailedRows } from './failed-rows.ts';
import { Hosts } from './hosts.ts';
import { Redirects } from './redirects.ts';
import { SlowestRows } from './slowest-rows.ts';
import { TimeLine } from './time-line.ts';
import { TopCounts } from './top-counts.ts';

/** Statuses and codes that are told apart. A result of ours has fewer, but a file may hold anything. */
const mostCodes = 1000;

/** All that a report shows, counted in one pass over the rows, in bounded memory. */
export class Figures {
  rows = 0;
  /** Rows whose line could not be read as it was written. */
  damaged = 0;
  failed = 0;
  bytes = 0;
  /** Rows by status, such as `200`. Those without one are under an empty text. */
  readonly statuses = new TopCounts(mostCodes);
  readonly errors = new TopCounts(mostCodes);
  /** By the column `change`, unless the file was compared with another one. */
  readonly changes: Changes;
  readonly durations = new Durations();
  readonly timeLine = new TimeLine();
  readonly hosts = new Hosts();
  readonly slowest = new SlowestRows();
  readonly redirects = new Redirects();
  readonly failedRows = new FailedRows();
  /** Whether durations are those to the first byte; else those of the whole last attempt. */
  readonly isFirstByte: boolean;
  readonly #tellsChanges: boolean;

  /** @param since what a comparison with an earlier result has found; null: the column `change` is counted */
  constructor({ at }: ResultColumns, since: Changes | null) {
    this.changes = since ?? new Changes();
    this.#tellsChanges = since === null;
    this.isFirstByte = at.first_byte_ms !== -1;
  }

  add(outcome: Outcome): void {
    const { status, error, bytes, host, at } = outcome;
    const failed = hasFailed(status, error);
    // Without an answer there is no first byte, and the duration is that of giving up.
    const ms = status === null ? null : this.isFirstByte ? outcome.firstByteMs : outcome.ms;
    this.rows++;
    this.bytes += bytes ?? 0;
    this.statuses.add(status === null ? '' : String(status));
    if (error !== null) this.errors.add(error);
    if (this.#tellsChanges) this.changes.addOutcome(outcome);
    if (at !== '') this.timeLine.add(at, failed);
    if (host !== '') this.hosts.add(host, { failed, error, status, ms });
    this.redirects.add(outcome);
    if (ms !== null) {
      this.durations.add(ms);
      this.slowest.add(outcome, ms);
    }
    if (failed) {
      this.failed++;
      this.failedRows.add(outcome);
    }
  }
}
