import { stat, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { OutputError, UsageError, systemReason } from './errors.ts';
import { FetchUrls } from './fetch/fetch-urls.ts';
import { libraryLayer, resolveOptions } from './options/resolve.ts';
import type { Options, SaidOf, table } from './options/table.ts';
import { chosenExtractors } from './process/extractors.ts';
import { loadModule } from './process/module.ts';
import type { Row } from './records.ts';
import { rowStream } from './read/row-stream.ts';
import { ReadState, readRows } from './read/rows.ts';
import { fileSource, streamSource } from './read/source.ts';
import type { Source } from './read/source.ts';
import { version } from './version.ts';
import { Statistics } from './watch/statistics.ts';
import { summarize } from './watch/summary.ts';
import type { Summary } from './watch/summary.ts';
import { chosenColumns, traceColumns } from './write/columns.ts';
import { formatOf } from './write/formats.ts';
import { layoutOf } from './write/layout.ts';
import { fileOutput, partOf, standardOutput } from './write/output.ts';
import type { Output } from './write/output.ts';
import { WriteResults } from './write/write-results.ts';

/** All options of the command, camelCase, and where to read and write. */
export interface RunOptions extends SaidOf<typeof table> {
  /** Path or paths of the input, or a stream of its bytes. */
  readonly input: string | readonly string[] | Readable;
  /** Where the output goes when there is no `output`. Default: standard output. */
  readonly sink?: Writable;
  /** Ends the run early: what is in flight gets five seconds. */
  readonly signal?: AbortSignal;
  /** Told what concerns the whole run: the network is down, fewer connections than asked for. */
  readonly onNotice?: (text: string) => void;
}

/** How long requests in flight may go on after a run was told to stop, in milliseconds. */
export const stopGrace = 5000;

/**
 * The whole job of the command: reads the input, fetches, processes, writes the output.
 *
 * @returns the run's figures; their `outcome` is `stopped` when `signal` ended the run early
 * @throws UsageError, InputError or OutputError; rows that were done before that are written
 */
export async function run(options: RunOptions): Promise<Summary> {
  const { input, sink = process.stdout, signal, onNotice, ...said } = options;
  const sources = input instanceof Readable ? [streamSource(input, 'the input')] : await fileSources(input);
  const standard = (): Output => standardOutput(sink, null);
  const job = await Job.open(resolveOptions([libraryLayer(said)]), sources, standard, onNotice);
  const stop = (): void => job.stop();
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted === true) stop();
  return job.finish().finally(() => signal?.removeEventListener('abort', stop));
}

/** @throws InputError when one of them cannot be read */
export function fileSources(paths: string | readonly string[]): Promise<Source[]> {
  return Promise.all([paths].flat().map((path) => fileSource(path)));
}

/** A run that can be watched and stopped. */
export class Job {
  readonly statistics: Statistics;
  readonly #options: Options;
  readonly #reading = new ReadState();
  readonly #sources: readonly Source[];
  readonly #fetcher: FetchUrls;
  readonly #writer: WriteResults;
  readonly #output: Output;
  /** Why the reading ended before the end of the input. */
  #readFailure: unknown = null;

  /** Opens all that the options name. @throws UsageError, InputError, OutputError */
  static async open(
    options: Options,
    sources: readonly Source[],
    withoutFile: () => Output,
    onNotice: (text: string) => void = () => {},
  ): Promise<Job> {
    const extractors =
      options.extract === undefined ? [] : await chosenExtractors(options.extract, options.prefix);
    const module = options.module === undefined ? [] : [await loadModule(options.module)];
    const processors = [...extractors, ...module];
    const results = chosenColumns(options.columns);
    const processed = processors.flatMap(({ columns }) => columns);
    const fetcher = new FetchUrls(options, processors, {
      traces: results.some((name) => traceColumns.includes(name)),
      environment: process.env,
    });
    fetcher.on('notice', onNotice);
    if (options.output !== undefined) await refuseOwnInput(options.output, sources);
    const output = options.output === undefined ? withoutFile() : await fileOutput(options.output);
    return new Job(options, sources, fetcher, output, { results, processed, prefix: options.prefix });
  }

  private constructor(
    options: Options,
    sources: readonly Source[],
    fetcher: FetchUrls,
    output: Output,
    added: Parameters<typeof layoutOf>[1],
  ) {
    this.#options = options;
    this.#sources = sources;
    this.#fetcher = fetcher;
    this.#output = output;
    this.statistics = new Statistics(options.summary !== undefined);
    this.#writer = new WriteResults({
      format: formatOf(options),
      gzip: /\.gz$/i.test(options.output ?? ''),
      added,
      emptyTable: () => (this.#readFailure === null ? this.#reading.table : null),
      written: output.written,
      onRow: (result) => this.statistics.add(result),
    });
    // A column that is there already is found before the first request.
    this.#reading.onTable = (table) => void layoutOf(table, added);
  }

  /** Runs to the end. @returns the figures @throws UsageError, InputError, OutputError */
  async finish(): Promise<Summary> {
    try {
      await pipeline(rowStream(this.#batches()), this.#fetcher, this.#writer, this.#output.stream);
      if (this.#readFailure !== null) throw this.#readFailure;
      if (this.stopped) await this.#output.abandon(this.statistics.rows === 0 ? 0 : this.#output.written());
      else await this.#output.commit();
    } catch (error) {
      this.#reading.stream?.destroy();
      const part = await this.#output.abandon(this.#writer.safeBytes);
      if (!(error instanceof UsageError)) await this.#writeSummary('failed').catch(() => {});
      throw withSafeRows(error, this.#writer.safeRows, part);
    }
    return this.#writeSummary(this.stopped ? 'stopped' : 'done');
  }

  /** Ends early: reads no more, drops what has not begun, gives what is in flight five seconds. */
  stop(): void {
    this.#reading.stop();
    this.#fetcher.stop(stopGrace);
  }

  get stopped(): boolean {
    return this.#reading.stopped;
  }

  /** Rows read, and how many there are in all: known at the end, estimated from the bytes before that. */
  input(): { read: number; total: number | null; exact: boolean } {
    const { rows, bytes, done } = this.#reading;
    if (done) return { read: rows, total: rows, exact: true };
    const sizes = this.#sources.map(({ size }) => size ?? Number.NaN);
    const total = Math.round((rows / bytes) * sizes.reduce((sum, size) => sum + size, 0));
    return { read: rows, total: Number.isFinite(total) ? Math.max(total, rows) : null, exact: false };
  }

  /** Rows until the input ends or fails; rows before a failure are fetched and written all the same. */
  async *#batches(): AsyncGenerator<Row[]> {
    const fixedColumns = formatOf(this.#options) !== 'jsonl';
    try {
      yield* readRows(this.#sources, { ...this.#options, fixedColumns }, this.#reading);
    } catch (error) {
      this.#readFailure = error;
    }
  }

  async #writeSummary(outcome: Summary['outcome']): Promise<Summary> {
    const summary = summarize(this.statistics, outcome, this.#options, version);
    const path = this.#options.summary;
    if (path !== undefined) {
      await writeFile(path, `${JSON.stringify(summary, null, 2)}\n`).catch((error: unknown) => {
        throw new OutputError(`--summary: ${path} cannot be written: ${systemReason(error)}`);
      });
    }
    return summary;
  }
}

/** The output and its .part must not be what is read. */
async function refuseOwnInput(output: string, sources: readonly Source[]): Promise<void> {
  for (const path of [output, partOf(output)]) {
    const there = await stat(path).catch(() => null);
    if (there === null) continue;
    for (const { name, reopens } of sources) {
      const input = reopens ? await stat(name).catch(() => null) : null;
      if (input !== null && input.dev === there.dev && input.ino === there.ino) {
        throw new UsageError(`--output: ${path} is the input; name another file`);
      }
    }
  }
}

function withSafeRows(error: unknown, rows: number, part: string | null): unknown {
  if (error instanceof OutputError) {
    const where = part === null ? '' : ` in ${part}`;
    error.message += `; ${rows} rows are safe${where}`;
  }
  return error;
}
