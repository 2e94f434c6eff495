import { version } from '../shared/version.ts';
import type { MetricsSource } from '../watch/metrics.ts';
import type { Statistics } from '../watch/statistics.ts';
import { summarize } from '../watch/summary.ts';
import type { Summary } from '../watch/summary.ts';
import type { JobFolder } from './job-folder.ts';
import { StatusReader } from './status.ts';
import type { JobStatus } from './status.ts';

/**
 * The summary of a job, in the form of a run's. Its time is from the first row that was fetched to the last commit,
 * by the clocks of the workers.
 *
 * @param statistics of the rows that were collected
 * @param isWhole whether these are all rows
 */
export async function jobSummary(job: JobFolder, statistics: Statistics, isWhole: boolean): Promise<Summary> {
  const how = {
    outcome: isWhole ? 'done' : 'stopped',
    stoppedBy: null,
    comments: job.file.comments,
  } as const;
  const summary = summarize(statistics, how, job.options, version);
  const status = await new StatusReader(job).read();
  const { start, end } = status;
  const seconds = Math.max(0.001, secondsOf(status));
  return {
    ...summary,
    start: start ?? job.file.submittedAt,
    end: end ?? job.file.submittedAt,
    seconds,
    rowsPerSecond: Math.round((summary.rows / seconds) * 10) / 10,
    bytesPerSecond: Math.round(summary.bytes / seconds),
  };
}

/** The figures of a job, as the source of its metrics. */
export function jobMetrics(status: JobStatus): MetricsSource {
  const { rows, rowsDone, failed, bytes, wireBytes, byStatus, byFailure, submitted, start } = status;
  return {
    statistics: {
      rows: rowsDone,
      failed,
      bytes,
      wireBytes,
      statuses: new Map(Object.entries(byStatus).map(([code, count]) => [Number(code), count])),
      failures: new Map(Object.entries(byFailure)),
      startedAt: Date.parse(start ?? submitted),
      seconds: secondsOf(status),
    },
    input: () => ({ read: rowsDone, total: rows, exact: true }),
    load: () => null,
  };
}

/** Seconds from the first row that was fetched to the last commit; 0 while nothing is committed. */
function secondsOf({ start, end }: JobStatus): number {
  return start === null || end === null ? 0 : (Date.parse(end) - Date.parse(start)) / 1000;
}
