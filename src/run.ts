import { Readable } from 'node:stream';
import type { Writable } from 'node:stream';

import { UsageError } from './shared/errors.ts';
import { Job } from './job/job.ts';
import type { JobSurroundings } from './job/surroundings.ts';
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
 * Options of {@link run}: all options of the command in camelCase, with the same defaults, and those below. Durations are in
 * milliseconds or texts like `30s`, sizes in bytes or texts like `10MB`, rates in requests per second or texts like `600/m`.
 * `columns` and `extract` are texts separated by commas, or lists, of which each element is one name.
 */
export interface RunOptions extends SaidOf<typeof table> {
  /**
   * Path or paths of the input, or a stream of bytes or strings. Several files are read as one list. Required, unless
   * `retryFailed` names the input.
   */
  readonly input?: string | readonly string[] | Readable | undefined;
  /** Where the output is written if `output` is not given. It is not ended. Default: standard output. */
  readonly sink?: Writable;
  /** Stops the run early when aborted. Requests in flight get the time of the option `grace`. */
  readonly signal?: AbortSignal;
  /**
   * Called with texts for people that concern the whole run: the network is down, fewer connections are allowed than
   * `concurrency`. They may hold text from the network, so escape them. Default: they are dropped.
   */
  readonly onNotice?: (text: string) => void;
}

/**
 * Runs the whole job of the command: reads the input, fetches, processes pages, writes the output. As for the command,
 * proxies are also taken from the environment. Output that a module prints goes to standard error.
 *
 * @example
 * const { rows, failed } = await run({ input: 'urls.csv', output: 'result.csv', extract: ['title'], resume: true });
 *
 * @returns the run's figures. `outcome` is `stopped` when `signal` or a limit ended the run early
 * @throws UsageError for a wrong option, InputError when the input cannot be read, OutputError when the output cannot be
 *   written, BusyError when another run writes the same output. Rows that were done before an error are written
 */
export async function run(options: RunOptions): Promise<Summary> {
  const { input, sink = process.stdout, signal, onNotice, ...said } = options;
  const resolved = resolveOptions([libraryLayer(said)]);
  const { retryFailed } = resolved;
  if ((retryFailed === undefined) === (input === undefined)) {
    throw new UsageError('run() needs either `input` or `retryFailed`, whose file is the only input');
  }
  const from = retryFailed === '-' ? process.stdin : (retryFailed ?? input ?? []);
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
