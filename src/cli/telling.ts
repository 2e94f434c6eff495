import type { Options } from '../options/table.ts';
import type { Log } from '../watch/log.ts';
import { Progress } from '../watch/progress.ts';
import type { ProgressSource } from '../watch/progress.ts';
import { summaryText } from '../watch/summary-file.ts';
import type { Summary } from '../watch/summary.ts';

/** Starts to show progress, in the style that the options ask for. */
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

/** Writes the summary of `--summary -`: as it would be in a file, or with --log-format json as an event of the log. */
export function tellSummary(summary: Summary, log: Log): void {
  if (log.format === 'text') log.print('summary', summaryText(summary));
  else log.tell('summary', 'the figures of the run', { summary });
}

/** The figures of the event `closing`: a summary without hosts and options. */
export function closingFigures({
  hosts: _hosts,
  options: _options,
  ...figures
}: Summary): Readonly<Record<string, unknown>> {
  return figures;
}
