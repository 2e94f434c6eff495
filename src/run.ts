import { Readable } from 'node:stream';
import type { Writable } from 'node:stream';

import { UsageError } from './shared/errors.ts';
import { Job } from './job/job.ts';
import { libraryLayer, resolveOptions } from './options/resolve.ts';
import type { SaidOf, table } from './options/table.ts';
import { fileSource, streamSource } from './read/source.ts';
import type { Source } from './read/source.ts';
import type { Summary } from './watch/summary.ts';
import { standardOutput } from './write/output.ts';
import type { Output } from './write/output.ts';

/** All options of the command, camelCase, and where to read and write. */
export interface RunOptions extends SaidOf<typeof table> {
  /**
   * Path or paths of the input, or a stream of its bytes (of strings too: they are UTF-8 text). Needed unless
   * `retryFailed` names the only input.
   */
  readonly input?: string | readonly string[] | Readable | undefined;
  /** Where the output goes when there is no `output`. Default: standard output. */
  readonly sink?: Writable;
  /** Ends the run early: what is in flight gets the time that `grace` says. */
  readonly signal?: AbortSignal;
  /** Told what concerns the whole run: the network is down, fewer connections than asked for. */
  readonly onNotice?: (text: string) => void;
}

/**
 * The whole job of the command: reads the input, fetches, processes, writes the output.
 *
 * @returns the run's figures; their `outcome` is `stopped` when `signal` or a limit ended the run early
 * @throws UsageError, InputError, OutputError, or BusyError when another run writes the same output; rows that were
 * done before that are written
 */
export async function run(options: RunOptions): Promise<Summary> {
  const { input, sink = process.stdout, signal, onNotice, ...said } = options;
  const resolved = resolveOptions([libraryLayer(said)]);
  const { retryFailed } = resolved;
  if ((retryFailed === undefined) === (input === undefined)) {
    throw new UsageError('run() needs either `input` or `retryFailed`, whose file is the only input');
  }
  const from = retryFailed ?? input ?? [];
  const sources = from instanceof Readable ? [streamSource(from, 'the input')] : await fileSources(from);
  const withoutFile = (): Output => standardOutput(sink, null);
  const job = await Job.open(resolved, sources, {
    withoutFile,
    environment: process.env,
    onNotice,
    // Standard output may be where the rows go.
    onPrint: (text) => process.stderr.write(text),
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
