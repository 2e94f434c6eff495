import { choice, count, text, toggle } from './define.ts';
import { inputOptions, outputOptions, processOptions, requestOptions, watchOptions } from './table.ts';

const { outputFormat, outputDelimiter, outputBom, crlf, excelSafe, excel, columns, prefix } = outputOptions;
/** The request options of a run that the job fixes for all workers. --network-wait is given to each worker instead. */
const { networkWait: _, ...jobRequestOptions } = requestOptions;
const {
  threads: __,
  saveAs: _as,
  saveClash: _clash,
  skipSaved: _skip,
  ...jobProcessOptions
} = processOptions;
const { quiet } = watchOptions;

/** The folder of a job. */
export const jobOption = {
  job: text({
    hint: 'DIR',
    help: 'Use this folder for the job. All machines must see it, under this name or another one (docs/scale.md).',
  }),
};

/** How a list is cut. */
export const jobOptions = {
  ...jobOption,
  lanes: count({
    min: 1,
    fallback: 256,
    help: 'Cut the list into this many lanes, 4096 at most. A lane has all rows of its hosts, and one machine at a time works on it: some tens of lanes per machine keep all machines busy.',
  }),
  laneBy: choice({
    hint: 'host|domain',
    choices: ['host', 'domain'],
    fallback: 'host',
    help: 'Choose what stays together in one lane: all rows of a host, or of all hosts of a registrable domain, such as example.co.uk.',
  }),
  pieceRows: count({
    min: 1,
    fallback: 10_000,
    help: 'Cut lanes into pieces of N rows. A piece is committed as a whole; when a machine stops, others take over the results that it has of unfinished pieces.',
  }),
  compress: toggle({ help: 'Compress the pieces of the list with gzip.' }),
  quiet,
};

export { jobProcessOptions, jobRequestOptions };

/** How the result is written. */
export const jobOutputOptions = {
  outputFormat: {
    ...outputFormat,
    help: 'Write csv, tsv or jsonl. urlmill collect may still choose another one, unless the list is JSON Lines. Default: csv.',
  },
  outputDelimiter,
  outputBom,
  crlf,
  excelSafe,
  excel,
  columns,
  prefix,
};

export const submitOptions = {
  ...inputOptions,
  ...jobRequestOptions,
  ...jobProcessOptions,
  ...jobOutputOptions,
  ...jobOptions,
};

const collected = 'urlmill collect writes the result: say it there';
const worked = 'it is for one machine: say it to urlmill work there';
const earlier = 'collect the result first';
const named =
  'workers do not see the names that others have given; save by hashes (--save-bodies alone), and name files by the result';

/** The options of a run that submit does not take: why, and what to do instead. */
export const notSubmitted: Readonly<Record<string, string>> = {
  output: collected,
  ordered: collected,
  failOn: collected,
  grace: worked,
  networkWait: worked,
  threads: worked,
  resume: 'a job is always gone on with: start workers again, or submit again where submit was killed',
  saveAs: named,
  saveClash: named,
  skipSaved: named,
  retryFailed: `${earlier}, then run urlmill --retry-failed on it`,
  since: `each machine would have to search all of the earlier result; ${earlier}, then compare with urlmill diff`,
  changeBy: `it tells how --since compares; ${earlier}, then compare with urlmill diff`,
  sinceMemory: `it is for --since; ${earlier}, then compare with urlmill diff`,
  timeLimit: 'end workers with a signal instead, as timeout(1) does; others go on with their lanes',
  maxFailures: 'no worker knows the failures of others; urlmill status shows them all',
  progress: 'urlmill status --watch shows it, and urlmill work that of one worker',
  summary: 'urlmill collect writes it, and urlmill work that of one worker: say it there',
  metrics: 'urlmill status writes them, and urlmill work those of one worker: say it there',
  logFormat: 'submit says little: say it to urlmill work',
  config: 'submit takes options from its command line alone, so that job.json holds nothing else',
};
