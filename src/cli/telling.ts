import type { Options } from '../options/table.ts';
import type { Log } from '../watch/log.ts';
import { Progress } from '../watch/progress.ts';
import type { ProgressSource } from '../watch/progress.ts';
import { summaryText } from '../watch/summary-file.ts';
import type { Summary } from '../watch/summary.ts';

/** Shows how far something is, as it was asked for. */
export function startProgress(
  { quiet, progress }: Pick<Options, 'quiet' | 'progress'>,
  source: ProgressSource,
  log: Log,
): Progress {
  const { stderr } = process;
  const isLive = log.format === 'text' && (stderr.isTTY || progress === 'always');
  const style = isLive ? 'live' : 'plain';
  return new Progress(source, log, {
    style: quiet || progress === 'never' ? 'asked' : style,
    width: () => stderr.columns || 80,
  });
}

/** `--summary -`: as a file would have it, but within the log where that is JSON. */
export function tellSummary(summary: Summary, log: Log): void {
  if (log.format === 'text') log.print('summary', summaryText(summary));
  else log.tell('summary', 'the figures of the run', { summary });
}

/** What the event `closing` tells of them. */
export function closingFigures({
  hosts: _hosts,
  options: _options,
  ...figures
}: Summary): Readonly<Record<string, unknown>> {
  return figures;
}
