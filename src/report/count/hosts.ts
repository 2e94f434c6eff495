import { CodesBySlot } from './codes-by-slot.ts';
import type { Reason } from './codes-by-slot.ts';
import type { Outcome } from './columns.ts';
import { DurationsBySlot } from './durations.ts';
import type { DurationFigures } from './durations.ts';
import { TopCounts } from './top-counts.ts';
import type { Counted } from './top-counts.ts';

/** Up to this many hosts, all counts are exact. */
export const mostHosts = 20_000;

/** What is counted of a row for its host. */
export interface HostOutcome extends Pick<Outcome, 'error' | 'status'> {
  readonly failed: boolean;
  readonly ms: number | null;
}

export interface SlowHost {
  readonly host: string;
  readonly figures: DurationFigures;
}

export interface FailingHost {
  readonly host: string;
  readonly failed: number;
  /** All rows of the host; null where the count is not exact. */
  readonly rows: number | null;
  /** Codes and statuses of these rows, the most frequent first. */
  readonly reasons: readonly Reason[];
}

export interface TlsFault extends Reason {
  readonly host: string;
}

/** Counts by host. */
export class Hosts {
  readonly #rows = new TopCounts(mostHosts);
  readonly #durations = new DurationsBySlot(mostHosts);
  readonly #failed = new TopCounts(mostHosts);
  readonly #reasons = new CodesBySlot(mostHosts);
  /** Keyed by `host code`: neither of them contains a space. */
  readonly #tls = new TopCounts(mostHosts);

  add(host: string, { failed, error, status, ms }: HostOutcome): void {
    const { slot } = this.#rows.add(host, (fresh) => this.#durations.clear(fresh));
    if (ms !== null) this.#durations.add(slot, ms);
    if (!failed) return;
    const { slot: place } = this.#failed.add(host, (fresh) => this.#reasons.clear(fresh));
    this.#reasons.add(place, error ?? String(status));
    if (error?.startsWith('tls-') === true) this.#tls.add(`${host} ${error}`);
  }

  /** How many hosts there are if `isExact`; else how many are kept. */
  get count(): number {
    return this.#rows.size;
  }

  get isExact(): boolean {
    return this.#rows.isExact;
  }

  /** How many hosts have failed rows, how many rows, and whether all counts are exact. */
  get failing(): Pick<TopCounts, 'size' | 'isExact' | 'total'> {
    return this.#failed;
  }

  /** The same figures for pairs of a host and a TLS failure. */
  get tls(): Pick<TopCounts, 'size' | 'isExact' | 'total'> {
    return this.#tls;
  }

  /**
   * The hosts with the longest median.
   *
   * @param least rows with a duration that a host must have, as one row says little of a host
   */
  slowest(most: number, least: number): SlowHost[] {
    return this.#rows
      .all()
      .map(({ key, slot }) => ({ host: key, figures: this.#durations.figures(slot) }))
      .filter(({ figures }) => figures.count >= least)
      .toSorted((a, b) => b.figures.median - a.figures.median || b.figures.mean - a.figures.mean)
      .slice(0, most);
  }

  /** The hosts with the most failed rows. */
  worst(most: number): FailingHost[] {
    return this.#failed.top(most).map((entry) => ({
      host: entry.key,
      failed: certain(entry),
      rows: this.#rows.isExact ? (this.#rows.get(entry.key)?.count ?? null) : null,
      reasons: this.#reasons.reasons(entry.slot),
    }));
  }

  /** The hosts with the most TLS failures of one kind. */
  tlsFaults(most: number): TlsFault[] {
    return this.#tls.top(most).map((entry) => {
      const [host = '', code = ''] = entry.key.split(' ');
      return { host, code, count: certain(entry) };
    });
  }
}

function certain({ count, over }: Counted): number {
  return count - over;
}
