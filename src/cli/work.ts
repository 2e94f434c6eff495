import { UsageError } from '../shared/errors.ts';
import { environmentName } from '../options/table.ts';
import type { workOptions } from '../options/work.ts';
import { JobFolder } from '../scale/job-folder.ts';
import { queueAddress } from '../scale/queue/address.ts';
import { loadPeers } from '../scale/queue/peers.ts';
import { QueueLostError } from '../scale/queue/redis-link.ts';
import { LaneWorker } from '../scale/work/work.ts';
import { Progress, grouped } from '../watch/progress.ts';
import type { Call } from './call.ts';
import { exitCodes } from './exit-codes.ts';
import { Signals } from './signals.ts';

/** Milliseconds for which a lock holds. Tests have no time for that. */
const lockTime = Number(process.env['URLMILL_TEST_LOCK_TIME'] ?? 30_000);

/** Fetches rows of a job until all are done. */
export async function work({ options, tell, printError }: Call<typeof workOptions>): Promise<number> {
  const { job, queue, quiet, progress, ...limits } = options;
  if (job === undefined) throw new UsageError('--job: name the folder of the job');
  const address = queueAddress(queue, process.env[environmentName('queue')] ?? '');
  const folder = await JobFolder.open(job);
  const peers = await loadPeers();
  let line: Progress | null = null;
  const aboveLine = (write: () => void): void => (line === null ? write() : line.above(write));
  const notice = (text: string): void => void (quiet || aboveLine(() => tell(text)));
  const worker = new LaneWorker(folder, limits, {
    lockTime,
    environment: process.env,
    onNotice: notice,
    onPrint: (text) => aboveLine(() => process.stderr.write(text)),
  });
  const source = {
    statistics: worker.statistics,
    input: () => ({ read: worker.statistics.rows, total: null, exact: false }),
  };
  const { stderr } = process;
  const shown = stderr.isTTY || progress === 'always' ? 'live' : 'plain';
  const shownLine = new Progress(source, {
    write: printError,
    style: quiet || progress === 'never' ? 'asked' : shown,
    width: () => stderr.columns || 80,
  });
  line = shownLine;
  const signals = new Signals({ stop: () => worker.stop(), report: () => shownLine.report() });
  try {
    const end = await worker.work(peers, address);
    shownLine.stop();
    const rows = `${grouped(worker.statistics.rows)} rows fetched`;
    if (end === 'done') notice(`${rows}; the job is done: urlmill collect --job ${job} -o FILE`);
    else tell(`${rows}; stopped, its lanes are given back`);
    return end === 'done' ? exitCodes.done.code : exitCodes.limited.code;
  } catch (error) {
    shownLine.stop();
    if (!(error instanceof QueueLostError)) throw error;
    tell(error.message);
    return exitCodes.limited.code;
  } finally {
    shownLine.stop();
    signals.dispose();
  }
}
