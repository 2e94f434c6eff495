import type { Change, Result } from '../shared/records.ts';
import { hasFailed } from '../shared/statuses.ts';

/** The counts of one host. */
interface HostFigures {
  rows: number;
  failed: number;
  ms: number;
}

/** Hosts that are counted at most. With more, half is forgotten: those with the fewest failures, then the fastest. */
const mostHosts = 10_000;

/** The counts as plain data, which the journal keeps for a resumed run. */
export interface Figures {
  readonly rows: number;
  readonly errors: number;
  readonly failed: number;
  readonly bytes: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byFailure: Readonly<Record<string, number>>;
  /**
   * Statuses of failed rows without a failure code. This and the fields below are missing in journals of earlier
   * versions.
   */
  readonly byFailedStatus?: Readonly<Record<string, number>>;
  /** Rows by what has become of them, and those whose pages were not sent again; only with `--since`. */
  readonly byChange?: Readonly<Record<string, number>>;
  readonly notModified?: number;
  readonly wireBytes?: number;
}

/** Counts the outcomes of rows, in constant memory. */
export class Statistics {
  readonly startedAt = Date.now();
  /** Counts of the runs that this one resumes. They are included in all other counts except those of hosts. */
  earlierRows = 0;
  earlierBytes = 0;
  rows = 0;
  /** Rows with a failure code. */
  errors = 0;
  /** Rows with a failure code or a status of 400 and above. */
  failed = 0;
  /** Decoded bytes of all bodies. */
  bytes = 0;
  /** Bytes of all bodies as they were received. */
  wireBytes = 0;
  readonly statuses = new Map<number, number>();
  readonly failures = new Map<string, number>();
  /** Statuses of 400 and above of rows without a failure code. */
  readonly failedStatuses = new Map<number, number>();
  /** With `--since`: rows by what has become of them. */
  readonly changes = new Map<Change, number>();
  /** Rows whose pages were not sent again, as the server has nothing newer. */
  notModified = 0;
  readonly #hosts: Map<string, HostFigures> | null;
  #started = performance.now();
  #forgotten = false;

  /** @param byHost whether to count hosts too, which costs a little per row */
  constructor(byHost: boolean) {
    this.#hosts = byHost ? new Map() : null;
  }

  /** Starts from the counts of the run that is resumed. */
  goOn(figures: Figures): void {
    const { rows, errors, failed, bytes, byStatus, byFailure, byFailedStatus = {} } = figures;
    const { byChange = {}, notModified = 0, wireBytes = 0 } = figures;
    this.earlierRows = rows;
    this.earlierBytes = bytes;
    this.rows = rows;
    this.errors = errors;
    this.failed = failed;
    this.bytes = bytes;
    this.wireBytes = wireBytes;
    for (const [status, count] of Object.entries(byStatus)) this.statuses.set(Number(status), count);
    for (const [code, count] of Object.entries(byFailure)) this.failures.set(code, count);
    for (const [status, count] of Object.entries(byFailedStatus))
      this.failedStatuses.set(Number(status), count);
    for (const [change, count] of Object.entries(byChange)) this.changes.set(change as Change, count);
    this.notModified = notModified;
  }

  figures(): Figures {
    const { rows, errors, failed, bytes, wireBytes, statuses, failures } = this;
    return {
      rows,
      errors,
      failed,
      bytes,
      wireBytes,
      byStatus: Object.fromEntries(statuses),
      byFailure: Object.fromEntries(failures),
      byFailedStatus: Object.fromEntries(this.failedStatuses),
      byChange: Object.fromEntries(this.changes),
      notModified: this.notModified,
    };
  }

  add(result: Result): void {
    const { status, error, host, ms, sameAs, change, notModified } = result;
    this.rows++;
    if (notModified) this.notModified++;
    // The bytes of a shared result are counted with the row that fetched it, those of an unchanged page in no row.
    else if (sameAs === null) {
      this.#addBytes(result);
      for (const page of result.pagesBefore) this.#addBytes(page);
    }
    if (change !== null) countOne(this.changes, change);
    if (status !== null) countOne(this.statuses, status);
    if (error !== null) {
      this.errors++;
      countOne(this.failures, error);
    } else if (status !== null && status >= 400) countOne(this.failedStatuses, status);
    const isFailed = hasFailed(status, error);
    if (isFailed) this.failed++;
    if (this.#hosts !== null && host !== '') this.#addHost(this.#hosts, host, isFailed, ms ?? 0);
  }

  #addBytes({ bytes, wireBytes }: Pick<Result, 'bytes' | 'wireBytes'>): void {
    this.bytes += bytes ?? 0;
    this.wireBytes += wireBytes ?? 0;
  }

  /** Failure codes and statuses of failed rows with the number of their rows, the most frequent first. */
  reasons(): [string | number, number][] {
    const counts: [string | number, number][] = [...this.failures, ...this.failedStatuses];
    return counts.toSorted(([, a], [, b]) => b - a);
  }

  get seconds(): number {
    return (performance.now() - this.#started) / 1000;
  }

  /**
   * The hosts with the longest mean time per row, and those with the most failed rows.
   *
   * @param most hosts in each list
   * @returns `approximate`: some hosts had to be forgotten
   */
  hosts(most: number): { approximate: boolean; slowest: object[]; worst: object[] } {
    const all = [...(this.#hosts ?? [])].map(([host, { rows, failed, ms }]) => ({
      host,
      rows,
      failed,
      meanMs: Math.round(ms / rows),
    }));
    return {
      approximate: this.#forgotten,
      slowest: all.toSorted((a, b) => b.meanMs - a.meanMs).slice(0, most),
      worst: all
        .filter(({ failed }) => failed > 0)
        .toSorted((a, b) => b.failed - a.failed)
        .slice(0, most),
    };
  }

  #addHost(hosts: Map<string, HostFigures>, host: string, failed: boolean, ms: number): void {
    let figures = hosts.get(host);
    if (figures === undefined) {
      if (hosts.size >= mostHosts) this.#forgetHalf(hosts);
      figures = { rows: 0, failed: 0, ms: 0 };
      hosts.set(host, figures);
    }
    figures.rows++;
    figures.ms += ms;
    if (failed) figures.failed++;
  }

  #forgetHalf(hosts: Map<string, HostFigures>): void {
    this.#forgotten = true;
    const weakest = [...hosts].toSorted(
      ([, a], [, b]) => a.failed - b.failed || a.ms / a.rows - b.ms / b.rows,
    );
    for (const [host] of weakest.slice(0, mostHosts / 2)) hosts.delete(host);
  }
}

function countOne<T>(counts: Map<T, number>, of: T): void {
  counts.set(of, (counts.get(of) ?? 0) + 1);
}
