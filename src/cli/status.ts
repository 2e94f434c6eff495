import { setInterval } from 'node:timers/promises';

import { UsageError } from '../shared/errors.ts';
import type { statusOptions } from '../options/status.ts';
import { JobFolder } from '../scale/job-folder.ts';
import { StatusReader, figuresOf } from '../scale/status.ts';
import type { JobStatus } from '../scale/status.ts';
import { reasonsText } from '../watch/closing-line.ts';
import { clock, grouped } from '../watch/progress.ts';
import { Statistics } from '../watch/statistics.ts';
import type { Call } from './call.ts';
import { exitCodes } from './exit-codes.ts';

/** Milliseconds between two looks. */
const watchInterval = 2000;

/** Milliseconds after which a job that nobody has written to is taken for one that stands still. */
const stillAfter = 15 * 60_000;

/** Shows how far a job is. @returns the exit code */
export async function status({ options, print, tell }: Call<typeof statusOptions>): Promise<number> {
  const { job: path, watch, json, check } = options;
  if (path === undefined) throw new UsageError('--job: name the folder of the job, --job DIR');
  const reader = new StatusReader(await JobFolder.open(path));
  let now = await reader.read();
  if (check) return checked(now, tell);
  const shown = json ? (one: JobStatus): string => `${JSON.stringify(one)}\n` : statusText;
  await print(shown(now));
  if (!watch || isDone(now)) return exitCodes.done.code;
  for await (const _ of setInterval(watchInterval)) {
    now = await reader.read();
    await print(shown(now));
    if (isDone(now)) break;
  }
  return exitCodes.done.code;
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

function statusText(now: JobStatus): string {
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
    `last change ${now.lastChange}`,
    '',
  ].join('\n');
}
