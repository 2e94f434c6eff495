import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { Turns } from '../shared/turns.ts';
import type { Figures } from '../watch/statistics.ts';
import { presentPieces } from './collect.ts';
import { sumOf } from './figures.ts';
import type { JobFolder, PieceStats, WrittenStats } from './job-folder.ts';
import { pieceName } from './pieces.ts';
import type { Piece } from './pieces.ts';

/** How far a job is, as its folder tells. `urlmill status --json` writes it. */
export interface JobStatus {
  readonly id: string;
  /** When it was submitted: UTC, ISO 8601. */
  readonly submitted: string;
  /** Rows in all, and those of pieces that are done. */
  readonly rows: number;
  readonly rowsDone: number;
  readonly pieces: number;
  readonly piecesDone: number;
  /** Lanes that have rows. */
  readonly lanes: number;
  readonly lanesDone: number;
  /** Rows per second during the ten minutes before the last commit. */
  readonly rate: number;
  /** Seconds until all rows are done, by that rate; null while there is none. */
  readonly etaSeconds: number | null;
  /** When something was last written to the folder, UTC, ISO 8601. */
  readonly lastChange: string;
  /** Rows with a failure code, or a status of 400 and above. */
  readonly failed: number;
  readonly bytes: number;
  readonly wireBytes: number;
  /** Rows with a failure code. */
  readonly errors: number;
  /**
   * When the first row was fetched, and when the last commit was: UTC, ISO 8601, by the workers' clocks; null while
   * nothing is committed.
   */
  readonly start: string | null;
  readonly end: string | null;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly byFailure: Readonly<Record<string, number>>;
  readonly byFailedStatus: Readonly<Record<string, number>>;
  /**
   * Rows that are done and not in these figures, as their worker ended between the commit and the writing of its
   * figures.
   */
  readonly rowsWithoutFigures: number;
  /** How many rows each worker has done. */
  readonly rowsByWorker: Readonly<Record<string, number>>;
}

/** Files that are read at once. */
const readAtOnce = 16;

/** Milliseconds before the last commit: the pieces that were committed within them give the rate. */
const lately = 600_000;

/** Reads how far a job is, as often as it is asked. The figures of a piece that is done are read once only. */
export class StatusReader {
  readonly #job: JobFolder;
  readonly #stats = new Map<string, WrittenStats>();

  constructor(job: JobFolder) {
    this.#job = job;
  }

  /** @throws InputError when the folder cannot be read */
  async read(): Promise<JobStatus> {
    const { file, pieces, path } = this.#job;
    const { done, missing } = await presentPieces(this.#job);
    const stats = await this.#statsOf(done);
    const { rows: _, ...sums } = sumOf(stats.map(({ figures }) => figures));
    const rowsDone = rowsOf(done);
    const openLanes = new Set(missing.map(({ lane }) => lane));
    const rate = rateOf(stats);
    return {
      id: file.id,
      submitted: file.submittedAt,
      rows: file.rows,
      rowsDone,
      pieces: pieces.length,
      piecesDone: done.length,
      lanes: file.lanes.length,
      lanesDone: file.lanes.length - openLanes.size,
      rate: Math.round(rate * 10) / 10,
      etaSeconds: missing.length === 0 ? 0 : rate === 0 ? null : Math.ceil((file.rows - rowsDone) / rate),
      lastChange: new Date(await lastChange(path)).toISOString(),
      failed: sums.failed,
      bytes: sums.bytes,
      wireBytes: sums.wireBytes ?? 0,
      errors: sums.errors,
      ...spanOf(stats),
      byStatus: sums.byStatus,
      byFailure: sums.byFailure,
      byFailedStatus: sums.byFailedStatus ?? {},
      rowsWithoutFigures: rowsDone - stats.reduce((sum, { figures }) => sum + figures.rows, 0),
      rowsByWorker: rowsByWorker(stats),
    };
  }

  async #statsOf(done: readonly Piece[]): Promise<WrittenStats[]> {
    const turns = new Turns(readAtOnce);
    const unread = done.filter((piece) => !this.#stats.has(pieceName(piece)));
    await Promise.all(
      unread.map((piece) =>
        turns.take(async () => {
          const stats = await this.#job.stats(piece);
          if (stats !== null) this.#stats.set(pieceName(piece), stats);
        }),
      ),
    );
    return done.flatMap((piece) => this.#stats.get(pieceName(piece)) ?? []);
  }
}

function rowsOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { rows }) => sum + rows, 0);
}

function rowsByWorker(stats: readonly PieceStats[]): Record<string, number> {
  const rows = new Map<string, number>();
  for (const { worker, figures } of stats) rows.set(worker, (rows.get(worker) ?? 0) + figures.rows);
  return Object.fromEntries(rows);
}

/** When workers began, and when they committed last. */
export function spanOf(stats: readonly PieceStats[]): Pick<JobStatus, 'start' | 'end'> {
  if (stats.length === 0) return { start: null, end: null };
  const start = stats.reduce((time, { startedAt }) => Math.min(time, startedAt), Infinity);
  const end = stats.reduce((time, { endedAt }) => Math.max(time, endedAt), -Infinity);
  return { start: new Date(start).toISOString(), end: new Date(end).toISOString() };
}

/**
 * Rows per second up to the last commit; 0 while nothing is committed. By the clock of the folder, as those of workers may differ:
 * each of them only tells how long its piece took.
 */
function rateOf(stats: readonly WrittenStats[]): number {
  const last = stats.reduce((time, { writtenAt }) => Math.max(time, writtenAt), -Infinity);
  const recent = stats.filter(({ writtenAt }) => writtenAt > last - lately);
  const begun = recent.reduce(
    (time, { writtenAt, startedAt, endedAt }) => Math.min(time, writtenAt - (endedAt - startedAt)),
    Infinity,
  );
  const first = Math.max(last - lately, begun);
  const rows = recent.reduce((sum, { figures }) => sum + figures.rows, 0);
  return rows === 0 ? 0 : rows / Math.max(0.001, (last - first) / 1000);
}

/** When something was last written: results that are on the way, or a piece. In milliseconds since 1970 UTC. */
async function lastChange(path: string): Promise<number> {
  const tmp = join(path, 'tmp');
  const names = await readdir(tmp).catch(() => []);
  const paths = [join(path, 'job.json'), join(path, 'out'), ...names.map((name) => join(tmp, name))];
  const times = await Promise.all(
    paths.map(async (file) => {
      const there = await stat(file).catch(() => null);
      return there?.mtimeMs ?? 0;
    }),
  );
  return Math.max(...times);
}

/** The figures of a status as `Statistics.goOn()` takes them. */
export function figuresOf(status: JobStatus): Figures {
  const { rowsDone: rows, failed, errors, bytes, wireBytes, byStatus, byFailure, byFailedStatus } = status;
  return { rows, failed, errors, bytes, wireBytes, byStatus, byFailure, byFailedStatus };
}
