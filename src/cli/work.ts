import { version } from '../shared/version.ts';
import { refuseOwnInput } from '../job/checks.ts';
import { environmentName } from '../options/table.ts';
import type { workOptions } from '../options/work.ts';
import { JobFolder } from '../scale/job-folder.ts';
import { queueAddress } from '../scale/queue/address.ts';
import { loadPeers } from '../scale/queue/peers.ts';
import { QueueLostError } from '../scale/queue/redis-link.ts';
import { LaneWorker } from '../scale/work/work.ts';
import type { Log } from '../watch/log.ts';
import { MetricsFile } from '../watch/metrics-file.ts';
import { grouped } from '../watch/progress.ts';
import { checkSummaryFile, writeSummaryFile } from '../watch/summary-file.ts';
import { summarize } from '../watch/summary.ts';
import type { Summary } from '../watch/summary.ts';
import type { Call } from './call.ts';
import { exitCodes } from './exit-codes.ts';
import { namedJob } from './named-job.ts';
import { Signals } from './signals.ts';
import { closingFigures, startProgress, tellSummary } from './telling.ts';

/** Milliseconds for which the lock of a lane holds. */
const usualLockTime = 30_000;

/** Fetches rows of a job until all are done. @returns the exit code */
export async function work({ options, log, environment }: Call<typeof workOptions>): Promise<number> {
  const { queue, quiet, summary, metrics } = options;
  const job = namedJob(options.job);
  const address = queueAddress(queue, environment[environmentName('queue')] ?? '');
  const folder = await JobFolder.open(job);
  const peers = await loadPeers();
  const notice = (text: string): void => void (quiet || log.tell('notice', text));
  const files = { summary, metrics, retryFailed: undefined };
  await refuseOwnInput(files, 1, folder.ownFiles);
  if (summary !== undefined) await checkSummaryFile(summary);
  const metricsFile = metrics === undefined ? null : await MetricsFile.open(metrics, notice);
  const worker = new LaneWorker(folder, options, {
    // Tests set a shorter time.
    lockTime: Number(environment['URLMILL_TEST_LOCK_TIME'] ?? usualLockTime),
    environment,
    onNotice: notice,
    onPrint: (text, stream) => log.print('module-print', text, stream),
  });
  const line = startProgress(options, worker, log);
  const signals = new Signals({
    stop: () => worker.stop(),
    report: () => line.report(),
    abandon: (exitCode) => {
      log.tell('error', 'ended at once by a second signal; other workers go on with its lanes', { exitCode });
    },
  });
  let outcome: Summary['outcome'] = 'failed';
  const figures = async (end: Omit<Ending, 'lost'>): Promise<Summary> => {
    const summarized = summarize(worker.statistics, { ...end, comments: 0 }, worker.options, version);
    if (summary !== undefined) await writeSummaryFile(summary, summarized, (told) => tellSummary(told, log));
    return summarized;
  };
  metricsFile?.start(() => worker);
  try {
    const ending = await endingOf(worker.work(peers, address));
    ({ outcome } = ending);
    line.stop();
    tellEnd(await figures(ending), ending, { job, quiet, log });
    return outcome === 'done' ? exitCodes.done.code : exitCodes.limited.code;
  } catch (error) {
    // The first error is the one to report.
    if (outcome === 'failed') await figures({ outcome, stoppedBy: null }).catch(() => {});
    throw error;
  } finally {
    line.stop();
    signals.dispose();
    await metricsFile?.end(outcome);
  }
}

interface Ending extends Pick<Summary, 'outcome' | 'stoppedBy'> {
  /** Why the queue was given up; null: it was not. */
  readonly lost: QueueLostError | null;
}

async function endingOf(working: ReturnType<LaneWorker['work']>): Promise<Ending> {
  try {
    const end = await working;
    if (end === 'done') return { outcome: 'done', stoppedBy: null, lost: null };
    return { outcome: 'stopped', stoppedBy: end === 'stopped' ? 'signal' : end, lost: null };
  } catch (error) {
    if (!(error instanceof QueueLostError)) throw error;
    return { outcome: 'stopped', stoppedBy: 'queue-wait', lost: error };
  }
}

function tellEnd(
  figures: Summary,
  { outcome, lost }: Ending,
  { job, quiet, log }: { job: string; quiet: boolean; log: Log },
): void {
  if (lost !== null) return log.tell('error', lost.message, { exitCode: exitCodes.limited.code });
  if (quiet && outcome === 'done') return undefined;
  const end =
    outcome === 'done'
      ? `the job is done: urlmill collect --job ${job} -o FILE`
      : 'stopped, its lanes are given back';
  return log.tell('closing', `${grouped(figures.rows)} rows fetched; ${end}`, closingFigures(figures));
}
