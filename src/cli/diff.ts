import { UsageError } from '../shared/errors.ts';
import { outputTarget } from '../shared/output-target.ts';
import { refuseOwnInput } from '../job/checks.ts';
import { waitingFolders } from '../job/waiting-folders.ts';
import type { diffOptions } from '../options/diff.ts';
import { diff as compare } from '../diff/diff.ts';
import type { DiffSummary } from '../diff/counts.ts';
import { fileSource, streamSource } from '../read/source.ts';
import { grouped } from '../watch/progress.ts';
import { checkSummaryFile, summaryText, writeSummaryFile } from '../watch/summary-file.ts';
import { dialectOf } from '../write/dialect.ts';
import { formatOf } from '../write/formats.ts';
import { refuseOutputName } from '../write/output-name.ts';
import type { Call } from './call.ts';
import { exitCodes } from './exit-codes.ts';
import { openWholeOutput } from './whole-output.ts';

/** Compares two results. @returns the exit code */
export async function diff({
  operands: [old = '', now = ''],
  options,
  standardOutput,
  standardInput,
  tell,
  printError,
}: Call<typeof diffOptions>): Promise<number> {
  const notice = (text: string): void => void (options.quiet || tell(text));
  if (old === '-') throw new UsageError('OLD is to be a file; "-" can only be NEW');
  refuseOutputName(options);
  dialectOf(options, formatOf(options));
  const target = await outputTarget(options.output);
  const source = now === '-' ? streamSource(standardInput, 'standard input') : await fileSource(now);
  const inputs = [{ name: old, reopens: true }, source];
  await refuseOwnInput({ ...options, retryFailed: undefined }, target, inputs);
  if (options.summary !== undefined) await checkSummaryFile(options.summary);
  const summary = await compare(old, source, options, {
    openOutput: () => openWholeOutput(target, standardOutput, notice),
    directories: await waitingFolders(target),
    onNotice: notice,
  });
  if (options.summary !== undefined)
    await writeSummaryFile(options.summary, summary, (figures) => printError(summaryText(figures)));
  notice(closingLine(summary));
  return exitCode(summary, options.failOn, tell);
}

function closingLine({ rows, different, byChange }: DiffSummary): string {
  const parts = Object.entries(byChange).flatMap(([change, count]) =>
    count > 0 && change !== 'same' ? [`${grouped(count)} ${change}`] : [],
  );
  const of = `${grouped(rows)} rows`;
  return different === 0 ? `${of}: all are the same` : `${of}: ${parts.join(', ')}`;
}

function exitCode(
  { rows, different }: DiffSummary,
  failOn: number | undefined,
  tell: (text: string) => void,
): number {
  if (failOn === undefined || different * 100 <= failOn * rows) return exitCodes.done.code;
  const share = ((different / rows) * 100).toPrecision(3);
  tell(
    `${grouped(different)} of ${grouped(rows)} rows differ: ${share} %, more than --fail-on ${failOn} allows`,
  );
  return exitCodes.failures.code;
}
