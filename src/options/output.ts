import { choice, count, duration, percent, text, toggle } from './define.ts';

export const outputOptions = {
  output: text({
    short: 'o',
    hint: 'FILE',
    help: 'Written as FILE.part, renamed to FILE when every row is in it. .gz compresses; .tsv, .tab, .jsonl and .ndjson choose the format. Names of other formats (.json, .xlsx) are refused without --output-format, those of other compressions (.zst) in any case. Default: standard output.',
  }),
  outputFormat: choice({
    shapes: true,
    hint: 'F',
    choices: ['csv', 'tsv', 'jsonl'],
    help: 'Default: by the name of FILE, else csv.',
  }),
  columns: text({
    shapes: true,
    hint: 'LIST',
    fallback: '',
    help: 'Result columns (docs/columns.md): names, "+name" adds to the default set, "-name" drops from it, "all".',
  }),
  prefix: text({
    shapes: true,
    hint: 'S',
    fallback: 'fetch_',
    help: 'Prefix of the result columns. A column of the input with such a name is replaced.',
  }),
  retryFailed: text({
    shapes: true,
    hint: 'FILE',
    help: 'A second pass over FILE, an earlier result and the only input: rows with a failure code, without a status, or with 408, 425, 429, 500 and above are fetched again, all others are copied. FILE may be the output too. Without --columns the result columns are those of FILE.',
  }),
  ordered: toggle({
    shapes: true,
    help: 'Rows in the order of the input instead of the order of completion. A slow row then holds back at most --look-ahead rows.',
  }),
  resume: toggle({
    help: 'Go on where a killed or stopped run of the same job into FILE has left off; nothing to resume: start. What another job has left there is kept under a dated name.',
  }),
  failOn: percent({
    help: 'Exit with 5 when more than P % of all rows have failed: a failure code, or a status of 400 and above. 0: any.',
  }),
  timeLimit: duration({ help: 'Stop early after that time, with exit code 6; --resume goes on.' }),
  maxFailures: count({
    min: 1,
    help: 'Stop early when so many rows of this run have failed (as for --fail-on), with exit code 6; --resume goes on.',
  }),
  grace: duration({
    fallback: '5s',
    help: 'For requests in flight when the run is stopped early, by a signal or a limit.',
  }),
};
