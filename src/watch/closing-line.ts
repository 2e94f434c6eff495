import { grouped } from './progress.ts';
import type { Statistics } from './statistics.ts';
import type { Summary } from './summary.ts';

/** What the closing line needs besides the summary. */
export interface Ending {
  readonly statistics: Pick<Statistics, 'reasons'>;
  /** The file that holds the rows of a run that ended early; null when there is none. */
  readonly leftIn: string | null;
  readonly canResume: boolean;
}

/** How many reasons for failed rows are named. */
const mostReasons = 3;

/** The last line of a run: number of rows, duration, how many failed and why, and how to go on after an early end. */
export function closingLine(
  { rows, earlierRows, comments, seconds, failed, byChange, outcome, stoppedBy }: Summary,
  { statistics, leftIn, canResume }: Ending,
): string {
  const earlier = earlierRows === 0 ? '' : `, ${grouped(earlierRows)} of them by earlier runs`;
  const result = `${grouped(rows - failed)} ok, ${grouped(failed)} failed${reasonsText(failed, statistics.reasons())}`;
  const besides = comments === 0 ? '' : `, ${grouped(comments)} comment${comments === 1 ? '' : 's'} besides,`;
  const figures = `${grouped(rows)} rows${earlier}${besides} in ${seconds.toFixed(1)} s: ${result}${changesText(byChange)}`;
  if (outcome === 'done') return figures;
  const reason = stoppedBy === 'signal' || stoppedBy === null ? '' : ` by --${stoppedBy}`;
  const where = leftIn === null ? '' : `; they are in ${leftIn}`;
  const next = canResume ? 'go on with --resume' : 'the other rows were not fetched';
  return `stopped early${reason}: ${figures}${where}; ${next}`;
}

/** ` (404: 2, dns-not-found: 1, …)`; the ellipsis stands for all other reasons. */
export function reasonsText(failed: number, reasons: ReturnType<Statistics['reasons']>): string {
  if (failed === 0) return '';
  const named = reasons.slice(0, mostReasons);
  const others = failed - named.reduce((sum, [, count]) => sum + count, 0);
  const texts = named.map(([reason, count]) => `${reason}: ${grouped(count)}`);
  return ` (${[...texts, ...(others > 0 ? ['…'] : [])].join(', ')})`;
}

/** `; 12 new, 9,850 same`; empty without --since. */
function changesText(byChange: Summary['byChange']): string {
  const texts = Object.entries(byChange).map(([change, count]) => `${grouped(count)} ${change}`);
  return texts.length === 0 ? '' : `; since last time: ${texts.join(', ')}`;
}

/** What follows the message of an output that cannot be written: how many rows are safe, where, and how to go on. */
export function safety(rows: number, part: string | null, canResume: boolean): string {
  const where = part === null ? '' : ` in ${part}`;
  const next = part !== null && canResume ? '; when it can be written again, go on with --resume' : '';
  return `; ${rows} rows are safe${where}${next}`;
}
