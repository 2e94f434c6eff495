import { UsageError } from '../shared/errors.ts';
import { environmentName } from '../options/table.ts';
import type { ValuesOf } from '../options/table.ts';
import type { workOptions } from '../options/work.ts';
import { JobFolder } from '../scale/job-folder.ts';
import { queueAddress } from '../scale/queue/address.ts';
import { loadPeers } from '../scale/queue/peers.ts';
import { QueueLostError } from '../scale/queue/redis-link.ts';
import { LaneWorker } from '../scale/work/work.ts';
import { Log } from '../watch/log.ts';
import { Progress, grouped } from '../watch/progress.ts';
import type { Call } from './call.ts';
import { exitCodes } from './exit-codes.ts';
import { Signals } from './signals.ts';

/** Milliseconds for which a lock holds. Tests have no time for that. */
const lockTime = Number(process.env['URLMILL_TEST_LOCK_TIME'] ?? 30_000);

/** Fetches rows of a job until all are done. */
export async function work({ options, printError, environment }: Call<typeof workOptions>): Promise<number> {
  const { job, queue, quiet } = options;
  if (job === undefined) throw new UsageError('--job: name the folder of the job');
  const address = queueAddress(queue, environment[environmentName('queue')] ?? '');
  const folder = await JobFolder.open(job);
  const peers = await loadPeers();
  const log = new Log(
    (data) => printError(typeof data === 'string' ? data : Buffer.from(data).toString()),
    () => 'text',
  );
  const notice = (text: string): void => void (quiet || log.tell('notice', text));
  const worker = new LaneWorker(folder, options, {
    lockTime,
    environment,
    onNotice: notice,
    onPrint: (text, stream) => log.print('module-print', text, stream),
  });
  const line = startProgress(options, worker, log);
  const signals = new Signals({ stop: () => worker.stop(), report: () => line.report() });
  try {
    const end = await worker.work(peers, address);
    line.stop();
    const rows = `${grouped(worker.statistics.rows)} rows fetched`;
    if (end === 'done') notice(`${rows}; the job is done: urlmill collect --job ${job} -o FILE`);
    else log.tell('notice', `${rows}; stopped, its lanes are given back`);
    return end === 'done' ? exitCodes.done.code : exitCodes.limited.code;
  } catch (error) {
    if (!(error instanceof QueueLostError)) throw error;
    log.tell('error', error.message);
    return exitCodes.limited.code;
  } finally {
    line.stop();
    signals.dispose();
  }
}

function startProgress(
  { quiet, progress }: Pick<ValuesOf<typeof workOptions>, 'quiet' | 'progress'>,
  { statistics }: LaneWorker,
  log: Log,
): Progress {
  const { stderr } = process;
  // How many rows others do is not known here.
  const source = { statistics, input: () => ({ read: statistics.rows, total: null, exact: false }) };
  return new Progress(source, log, {
    style: quiet || progress === 'never' ? 'asked' : stderr.isTTY || progress === 'always' ? 'live' : 'plain',
    width: () => stderr.columns || 80,
  });
}
