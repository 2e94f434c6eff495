import { Readable } from 'node:stream';
import type { Writable } from 'node:stream';

import { UsageError } from './shared/errors.ts';
import { Job } from './job/job.ts';
import type { JobSurroundings } from './job/surroundings.ts';
import { checkSignal } from './shared/abort-signal.ts';
import { libraryLayer, resolveOptions } from './options/resolve.ts';
import type { SaidOf, table } from './options/table.ts';
import { fileSource, streamSource } from './read/source.ts';
import type { Source } from './read/source.ts';
import { tellingFailure } from './watch/metrics-file.ts';
import { summaryText } from './watch/summary-file.ts';
import type { Summary } from './watch/summary.ts';
import { standardOutput } from './write/output.ts';
import type { Output } from './write/output.ts';

/**
 * Options of {@link run}: all options of the command in camelCase (docs/options.md), with the same defaults, and
 * those below.
 *
 * - Durations are in milliseconds or texts like `30s`, sizes in bytes or texts like `10MB`, rates in requests per
 *   second or texts like `600/m`.
 * - `columns` and `extract` are texts separated by commas, or lists of which each element is one name.
 * - What can be repeated on the command line, such as `header`, is a list; a single text is a list of one.
 * - Variables `URLMILL_…` and config files are not read.
 * - `failOn`, `progress`, `logFormat` and `quiet` have no effect: they concern the exit code and standard error of
 *   the command.
 */
export interface RunOptions extends SaidOf<typeof table> {
  /**
   * Path or paths of the input, or a stream of bytes or strings. Several files are read as one list and must have the
   * same columns. A stream cannot be read twice, so `resume` needs files. Required, unless `retryFailed` names the
   * input; then it must not be given.
   */
  readonly input?: string | readonly string[] | Readable | undefined;
  /** Where the output is written, as bytes, if `output` is not given. It is not ended. Default: standard output. */
  readonly sink?: Writable;
  /**
   * Stops the run early when aborted: no more rows are begun, and requests in flight get the time of the option `grace`
   * (5 s by default), then fail as `cancelled`. `run()` resolves, with `outcome: 'stopped'` and `stoppedBy: 'signal'`.
   */
  readonly signal?: AbortSignal;
  /**
   * Called with messages for the user that concern the whole run: the network is down, fewer connections are allowed
   * than `concurrency`. They may hold text from the network, so escape them. Default: they are dropped.
   */
  readonly onNotice?: (text: string) => void;
}

/**
 * Runs the whole job of the command: reads the input, fetches, processes pages, writes the output.
 *
 * A row that fails ends nothing: it is a row of the output with its failure code. As with the command, the file of
 * `output` is FILE.part until all rows are in it, and `resume` goes on with it. As with the command, HTTP_PROXY,
 * SSL_CERT_FILE and the like are taken from the environment. What a `module` prints goes to standard error, and so do
 * the figures with `summary: '-'`.
 *
 * @example
 * const { rows, failed } = await run({ input: 'urls.csv', output: 'result.csv', extract: ['title'], resume: true });
 *
 * @example
 * // For ten minutes at most, from a stream, as JSON Lines, to a stream.
 * const { outcome } = await run({
 *   input: createReadStream('urls.txt'),
 *   sink: createWriteStream('result.jsonl'),
 *   outputFormat: 'jsonl',
 *   hostRate: '60/m',
 *   signal: AbortSignal.timeout(600_000),
 *   onNotice: (text) => console.error(JSON.stringify(text)),
 * });
 *
 * @param options at least `input` or `retryFailed`
 * @returns the run's figures. `outcome` is `done`, or `stopped` when `signal` or a limit ended the run early
 * @throws UsageError for an option that is wrong or unknown, options that contradict each other, or a URL column that
 * cannot be told
 * @throws InputError when the input cannot be read. Rows that were read before are written first
 * @throws OutputError when the output cannot be written. Its message tells how many rows are safe
 * @throws BusyError when another run writes the same output
 */
export async function run(options: RunOptions): Promise<Summary> {
  const { input, sink = process.stdout, signal, onNotice, ...said } = options;
  const resolved = resolveOptions([libraryLayer(said)]);
  checkSignal(signal);
  const { retryFailed } = resolved;
  const from = retryFailed === '-' ? process.stdin : (retryFailed ?? input ?? []);
  // An empty list, too, names no input: the result would be an empty file, in the place of an earlier one.
  const isNone = Array.isArray(from) && from.length === 0;
  if (isNone || (retryFailed !== undefined && input !== undefined)) {
    throw new UsageError('run() needs either `input` or `retryFailed`, whose file is the only input');
  }
  const withoutFile = (): Output => standardOutput(sink, null);
  const surroundings: JobSurroundings = {
    withoutFile,
    environment: process.env,
    onNotice,
    // Standard output may be where the rows go.
    onPrint: (text) => process.stderr.write(text),
    onSummary: (summary) => process.stderr.write(summaryText(summary)),
  };
  const job = await tellingFailure(resolved.metrics, async () => {
    const sources = from instanceof Readable ? [streamSource(from, 'the input')] : await fileSources(from);
    return Job.open(resolved, sources, surroundings);
  });
  const stop = (): void => job.stop('signal');
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  return job.finish().finally(() => signal?.removeEventListener('abort', stop));
}

/** @throws InputError when one of them cannot be read */
export function fileSources(paths: string | readonly string[]): Promise<Source[]> {
  return Promise.all([paths].flat().map((path) => fileSource(path)));
}
