import { setInterval } from 'node:timers/promises';

import type { statusOptions } from '../options/status.ts';
import { environmentName } from '../options/table.ts';
import { refuseOwnInput } from '../job/checks.ts';
import { jobMetrics } from '../scale/job-figures.ts';
import { JobFolder } from '../scale/job-folder.ts';
import { StatusReader, figuresOf } from '../scale/status.ts';
import type { JobStatus } from '../scale/status.ts';
import { queueAddress } from '../scale/queue/address.ts';
import { loadPeers } from '../scale/queue/peers.ts';
import { QueueView } from '../scale/queue/queue-view.ts';
import type { QueueFigures } from '../scale/queue/queue-view.ts';
import { QueueLostError } from '../scale/queue/redis-link.ts';
import { reasonsText } from '../watch/closing-line.ts';
import { printable } from '../watch/escape.ts';
import { MetricsFile } from '../watch/metrics-file.ts';
import { clock, grouped } from '../watch/progress.ts';
import { Statistics } from '../watch/statistics.ts';
import type { Call } from './call.ts';
import { exitCodes } from './exit-codes.ts';
import { namedJob } from './named-job.ts';

/** Milliseconds between two updates of --watch. */
const watchInterval = 2000;

/** Milliseconds without a write to its folder after which a job counts as standing still. */
const stillAfter = 15 * 60_000;

/** Shows how far a job is. @returns the exit code */
export async function status({
  options: { job: named, queue: said, ...how },
  environment,
  ...call
}: Call<typeof statusOptions>): Promise<number> {
  const path = namedJob(named);
  const job = await JobFolder.open(path);
  const reader = new StatusReader(job);
  if (how.metrics !== undefined)
    await refuseOwnInput({ metrics: how.metrics, retryFailed: undefined }, 1, job.ownFiles);
  if (how.check) return checked(await reader.read(), call.tell);
  const inEnvironment = environment[environmentName('queue')] ?? '';
  const isAsked = said !== undefined || inEnvironment !== '';
  const view = isAsked
    ? new QueueView(await loadPeers(), queueAddress(said, inEnvironment), job.file.id)
    : null;
  try {
    const metrics = how.metrics === undefined ? null : await MetricsFile.open(how.metrics, call.tell);
    await show(reader, view, { ...how, metrics }, call.print);
    return exitCodes.done.code;
  } catch (error) {
    if (!(error instanceof QueueLostError)) throw error;
    call.tell(error.message);
    return exitCodes.limited.code;
  } finally {
    view?.close();
  }
}

/** Writes the status once, or with `--watch` until the job is done. */
async function show(
  reader: StatusReader,
  view: QueueView | null,
  { watch, json, metrics }: { watch: boolean; json: boolean; metrics: MetricsFile | null },
  print: (text: string) => Promise<void>,
): Promise<void> {
  const shown = async (): Promise<JobStatus> => {
    const now = await reader.read();
    const queue = (await view?.read()) ?? null;
    await print(json ? `${JSON.stringify({ ...now, queue })}\n` : statusText(now, queue));
    return now;
  };
  let now = await shown();
  if (watch && !isDone(now)) {
    metrics?.start(() => jobMetrics(now));
    for await (const _ of setInterval(watchInterval)) {
      now = await shown();
      if (isDone(now)) break;
    }
  }
  await metrics?.end(isDone(now) ? 'done' : 'running', {
    at: Date.parse(now.end ?? now.lastChange),
    source: () => jobMetrics(now),
  });
}

function isDone({ pieces, piecesDone }: JobStatus): boolean {
  return pieces === piecesDone;
}

function checked(now: JobStatus, tell: (text: string) => void): number {
  if (isDone(now)) {
    tell('the job is done');
    return exitCodes.done.code;
  }
  const isMoving = Date.now() - Date.parse(now.lastChange) < stillAfter;
  const rows = `${grouped(now.rowsDone)} of ${grouped(now.rows)} rows are done`;
  tell(`${rows}; ${isMoving ? 'the job is worked on' : `nothing was written since ${now.lastChange}`}`);
  return isMoving ? exitCodes.done.code : exitCodes.limited.code;
}

function statusText(now: JobStatus, queue: QueueFigures | null): string {
  const { rows, rowsDone, pieces, piecesDone, lanes, lanesDone, rate, etaSeconds, failed } = now;
  const share = rows === 0 ? 100 : Math.floor((rowsDone / rows) * 1000) / 10;
  const statistics = new Statistics(false);
  statistics.goOn(figuresOf(now));
  const left = etaSeconds === null ? '' : `, ETA ${clock(etaSeconds)}`;
  const without = now.rowsWithoutFigures;
  return [
    `${grouped(rowsDone)}/${grouped(rows)} rows (${share} %), ${grouped(Math.round(rate))}/s${left}`,
    `${grouped(piecesDone)}/${grouped(pieces)} pieces, ${grouped(lanesDone)}/${grouped(lanes)} lanes`,
    `${grouped(failed)} failed${reasonsText(failed, statistics.reasons())}`,
    ...(without === 0 ? [] : [`${grouped(without)} rows that are done are in no figures`]),
    ...(queue === null ? [] : [queueText(queue)]),
    `last change ${now.lastChange}`,
    '',
  ].join('\n');
}

function queueText({ workers, activeLanes, waitingLanes }: QueueFigures): string {
  const names = workers.length === 0 ? '' : ` (${printable(workers.join(', '), 1000)})`;
  const lanes = `${grouped(activeLanes.length)} lanes active, ${grouped(waitingLanes)} waiting`;
  return `${grouped(workers.length)} workers${names}, ${lanes}`;
}
