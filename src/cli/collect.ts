import { realpath } from 'node:fs/promises';
import { dirname, sep } from 'node:path';

import { UsageError } from '../shared/errors.ts';
import { outputTarget } from '../shared/output-target.ts';
import { refuseOwnInput } from '../job/checks.ts';
import type { collectOptions } from '../options/collect.ts';
import { collect as write, planOf, presentPieces } from '../scale/collect.ts';
import { JobFolder } from '../scale/job-folder.ts';
import { jobSummary } from '../scale/job-figures.ts';
import type { Piece } from '../scale/pieces.ts';
import { reasonsText } from '../watch/closing-line.ts';
import { grouped } from '../watch/progress.ts';
import { Statistics } from '../watch/statistics.ts';
import { checkSummaryFile, writeSummaryFile } from '../watch/summary-file.ts';
import { refuseOutputName } from '../write/output-name.ts';
import type { Call } from './call.ts';
import { exitCodes } from './exit-codes.ts';
import { namedJob } from './named-job.ts';
import { tellSummary } from './telling.ts';
import { openWholeOutput } from './whole-output.ts';

/** Joins the pieces of all workers into one result. @returns the exit code */
export async function collect({
  options,
  standardOutput,
  tell,
  log,
}: Call<typeof collectOptions>): Promise<number> {
  const { output, partial, quiet, failOn, summary } = options;
  const notice = (text: string): void => void (quiet || tell(text));
  const path = namedJob(options.job);
  const job = await JobFolder.open(path);
  const plan = planOf(job, options);
  refuseOutputName({ output, outputFormat: options.outputFormat ?? job.options.outputFormat });
  const { done, missing } = await presentPieces(job);
  if (missing.length > 0 && !partial) {
    tell(`${missingText(job, missing)} are missing; start workers, or write what is there with --partial`);
    return exitCodes.limited.code;
  }
  const target = await outputTarget(output);
  await refuseAmongPieces(path, target);
  await refuseOwnInput({ summary, retryFailed: undefined }, target, job.ownFiles);
  if (summary !== undefined) await checkSummaryFile(summary);
  const opened = await openWholeOutput(target, standardOutput, notice);
  const statistics = new Statistics(summary !== undefined);
  await write(job, done, plan, options.ordered, opened, statistics);
  if (summary !== undefined) {
    const figures = await jobSummary(job, statistics, missing.length === 0);
    await writeSummaryFile(summary, figures, (told) => tellSummary(told, log));
  }
  notice(closingLine(statistics, missing.length === 0 ? null : missingText(job, missing)));
  return exitCode(statistics, failOn, tell);
}

/** @throws UsageError for an output inside the job's folder, where it could overwrite a piece */
async function refuseAmongPieces(job: string, target: string | number): Promise<void> {
  if (typeof target === 'number') return;
  const [folder, output] = await Promise.all([
    realpath(job),
    realpath(dirname(target)).catch(() => dirname(target)),
  ]);
  if (!output.startsWith(`${folder}${sep}`)) return;
  throw new UsageError(`--output: ${target} is among the pieces of the job; name a file elsewhere`);
}

function missingText({ file, pieces }: JobFolder, missing: readonly Piece[]): string {
  const rows = missing.reduce((sum, piece) => sum + piece.rows, 0);
  return `${grouped(missing.length)} of ${grouped(pieces.length)} pieces, with ${grouped(rows)} of ${grouped(file.rows)} rows,`;
}

function closingLine(statistics: Statistics, missing: string | null): string {
  const { rows, failed } = statistics;
  const reasons = reasonsText(failed, statistics.reasons());
  const all = `${grouped(rows)} rows: ${grouped(rows - failed)} ok, ${grouped(failed)} failed${reasons}`;
  return missing === null ? all : `${all}; ${missing} are missing`;
}

function exitCode(
  { rows, failed }: Statistics,
  failOn: number | undefined,
  tell: (text: string) => void,
): number {
  if (failOn === undefined || failed * 100 <= failOn * rows) return exitCodes.done.code;
  const share = ((failed / rows) * 100).toPrecision(3);
  tell(
    `${grouped(failed)} of ${grouped(rows)} rows have failed: ${share} %, more than --fail-on ${failOn} allows`,
  );
  return exitCodes.failures.code;
}
