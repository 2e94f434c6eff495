import { text, toggle } from './define.ts';
import type { Option } from './define.ts';
import { outputOptions, watchOptions } from './table.ts';
import { jobOption } from './submit.ts';

const { outputFormat, outputDelimiter, outputBom, crlf, excelSafe, excel, failOn } = outputOptions;

/** A switch that stays as submitted unless it is said. */
function asSubmitted(option: Option<boolean>): Option<boolean | undefined> {
  return { ...option, read: (said) => (said === undefined ? undefined : option.read(said)) };
}

export const collectOptions = {
  ...jobOption,
  output: text({
    short: 'o',
    hint: 'FILE',
    help: 'Write the result to FILE. Until it is complete, it is named FILE.part. A file whose name ends in .gz is compressed; .tsv, .tab, .jsonl and .ndjson set the format. Default, and "-": standard output.',
  }),
  ordered: toggle({ help: 'Write the rows in the order of the list. Default: piece by piece.' }),
  partial: toggle({ help: 'Write the rows that are there, even if pieces are missing.' }),
  outputFormat: {
    ...outputFormat,
    help: 'Write csv, tsv or jsonl. Default: as submitted, else by the name of FILE, else csv.',
  },
  outputDelimiter,
  outputBom: asSubmitted(outputBom),
  crlf: asSubmitted(crlf),
  excelSafe: asSubmitted(excelSafe),
  excel: asSubmitted(excel),
  failOn,
  summary: {
    ...watchOptions.summary,
    help: 'Write the figures of the result to FILE as JSON at the end (docs/summary.md); times run from the first row that was fetched to the last one. "-" is standard error.',
  },
  quiet: watchOptions.quiet,
};
