import { createHash } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { OutputError, UsageError, systemReason } from './errors.ts';
import { FetchUrls } from './fetch/fetch-urls.ts';
import { libraryLayer, resolveOptions } from './options/resolve.ts';
import { flagName, shapingNames } from './options/table.ts';
import type { Options, SaidOf, table } from './options/table.ts';
import { chosenExtractors } from './process/extractors.ts';
import { loadModule } from './process/module.ts';
import type { Result, Row } from './records.ts';
import { rowStream } from './read/row-stream.ts';
import { ReadState, readRows } from './read/rows.ts';
import { fileSource, identityOf, streamSource } from './read/source.ts';
import type { Source } from './read/source.ts';
import { version } from './version.ts';
import { Statistics } from './watch/statistics.ts';
import type { Figures } from './watch/statistics.ts';
import { summarize } from './watch/summary.ts';
import type { StopReason, Summary } from './watch/summary.ts';
import { chosenColumns, traceColumns } from './write/columns.ts';
import { formatOf } from './write/formats.ts';
import { journalOf, partOf } from './write/file-output.ts';
import type { JobIdentity } from './write/job-identity.ts';
import { layoutOf } from './write/layout.ts';
import { openOutput } from './write/open-output.ts';
import type { OpenedOutput } from './write/open-output.ts';
import { standardOutput } from './write/output.ts';
import type { Output } from './write/output.ts';
import { WriteResults } from './write/write-results.ts';

/** All options of the command, camelCase, and where to read and write. */
export interface RunOptions extends SaidOf<typeof table> {
  /** Path or paths of the input, or a stream of its bytes. */
  readonly input: string | readonly string[] | Readable;
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
  const sources = input instanceof Readable ? [streamSource(input, 'the input')] : await fileSources(input);
  const standard = (): Output => standardOutput(sink, null);
  const job = await Job.open(resolveOptions([libraryLayer(said)]), sources, standard, onNotice);
  const stop = (): void => job.stop('signal');
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
  readonly #opened: OpenedOutput;
  /** Why the reading ended before the end of the input. */
  #readFailure: unknown = null;
  /** The row that was written last, where they are in order. */
  #lastRow: number;
  #stoppedBy: StopReason | null = null;

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
      charsets: results.includes('charset'),
      environment: process.env,
    });
    fetcher.on('notice', onNotice);
    refuseResume(options, sources);
    await refuseOwnInput(options, sources);
    const opened =
      options.output === undefined
        ? { output: withoutFile(), earlier: null }
        : await openOutput(options.output, {
            job: await jobIdentity(options, sources),
            resume: options.resume,
            notice: onNotice,
          });
    return new Job(options, sources, fetcher, opened, { results, processed, prefix: options.prefix });
  }

  private constructor(
    options: Options,
    sources: readonly Source[],
    fetcher: FetchUrls,
    opened: OpenedOutput,
    added: Parameters<typeof layoutOf>[1],
  ) {
    this.#options = options;
    this.#sources = sources;
    this.#fetcher = fetcher;
    this.#opened = opened;
    this.statistics = new Statistics(options.summary !== undefined);
    const { output, earlier } = opened;
    if (earlier !== null) this.statistics.goOn(earlier.figures as Figures);
    this.#lastRow = this.statistics.rows;
    this.#writer = new WriteResults({
      format: formatOf(options),
      gzip: /\.gz$/i.test(options.output ?? ''),
      added,
      emptyTable: () => (this.#readFailure === null ? this.#reading.table : null),
      start: earlier?.end ?? 0,
      takes: (result) => output?.resumable !== true || this.#isDone(result),
      onRow: (result) => this.#count(result),
      onBatch: (batch) => output?.add(batch),
      figures: () => this.statistics.figures(),
    });
    // A column that is there already is found before the first request.
    this.#reading.onTable = (table) => void layoutOf(table, added);
  }

  /** Runs to the end. @returns the figures @throws UsageError, InputError, OutputError */
  async finish(): Promise<Summary> {
    const { output } = this.#opened;
    if (output === null) this.#fetcher.destroy();
    else await this.#run(output);
    return this.#writeSummary(this.#stoppedBy === null ? 'done' : 'stopped');
  }

  /** Ends early: reads no more, drops what has not begun, gives what is in flight the time of `--grace`. */
  stop(reason: StopReason): void {
    this.#stoppedBy ??= reason;
    this.#reading.stop();
    this.#fetcher.stop(this.#options.grace);
  }

  /** Whether `--resume` can go on with what this run leaves when it ends early. */
  get canResume(): boolean {
    return this.#opened.output?.resumable === true && this.#sources.every(({ reopens }) => reopens);
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
    const { earlier } = this.#opened;
    const isDone = earlier === null ? null : (number: number) => earlier.rows.has(number);
    try {
      yield* readRows(this.#sources, { ...this.#options, fixedColumns, isDone }, this.#reading);
    } catch (error) {
      this.#readFailure = error;
    }
  }

  async #run(output: Output): Promise<void> {
    const { timeLimit } = this.#options;
    const limit = timeLimit === undefined ? null : setTimeout(() => this.stop('time-limit'), timeLimit);
    try {
      await pipeline(rowStream(this.#batches()), this.#fetcher, this.#writer, output.stream);
      if (this.#readFailure !== null) throw this.#readFailure;
      if (this.#stoppedBy === null) await output.finish();
      else await output.abandon();
    } catch (error) {
      this.#reading.stream?.destroy();
      const part = await output.abandon();
      if (!(error instanceof UsageError)) await this.#writeSummary('failed').catch(() => {});
      if (error instanceof OutputError) {
        error.message += safety(output.safeRows(), part, this.canResume);
      }
      throw error;
    } finally {
      if (limit !== null) clearTimeout(limit);
    }
  }

  #count(result: Result): void {
    const { statistics } = this;
    statistics.add(result);
    const { maxFailures = Infinity } = this.#options;
    if (statistics.failed - statistics.earlierFailed >= maxFailures) this.stop('max-failures');
  }

  /** What was cut short is left for the run that goes on, and where rows are in order, all that follows it too. */
  #isDone({ row, error }: Result): boolean {
    if (error === 'cancelled' || (this.#options.ordered && row.number !== this.#lastRow + 1)) return false;
    this.#lastRow = row.number;
    return true;
  }

  async #writeSummary(outcome: Summary['outcome']): Promise<Summary> {
    const how = { outcome, stoppedBy: this.#stoppedBy };
    const summary = summarize(this.statistics, how, this.#options, version);
    const path = this.#options.summary;
    if (path !== undefined) {
      await writeFile(path, `${JSON.stringify(summary, null, 2)}\n`).catch((error: unknown) => {
        throw new OutputError(`--summary: ${path} cannot be written: ${systemReason(error)}`);
      });
    }
    return summary;
  }
}

/** What is written must not be what is read. */
async function refuseOwnInput({ output, summary }: Options, sources: readonly Source[]): Promise<void> {
  const outputs = output === undefined ? [] : [output, partOf(output), journalOf(output)];
  const inputs = sources.filter(({ reopens }) => reopens).map(({ name }) => name);
  for (const path of outputs) {
    if (await isOneOf(path, inputs))
      throw new UsageError(`--output: ${path} is the input; name another file`);
  }
  if (summary !== undefined && (await isOneOf(summary, [...inputs, ...outputs]))) {
    throw new UsageError(`--summary: ${summary} is the input or the output; name another file`);
  }
}

async function isOneOf(path: string, others: readonly string[]): Promise<boolean> {
  const there = await stat(path).catch(() => null);
  for (const other of others) {
    const that = await stat(other).catch(() => null);
    if (
      that === null ? resolve(path) === resolve(other) : that.dev === there?.dev && that.ino === there.ino
    ) {
      return true;
    }
  }
  return false;
}

function refuseResume({ resume, output }: Options, sources: readonly Source[]): void {
  if (!resume) return;
  if (output === undefined) throw new UsageError('--resume: name the file to go on with by --output FILE');
  const stream = sources.find(({ reopens }) => !reopens);
  if (stream !== undefined) {
    throw new UsageError(
      `--resume: ${stream.name} cannot be read a second time from where it was left; save it as a file and name that`,
    );
  }
}

async function jobIdentity(options: Options, sources: readonly Source[]): Promise<JobIdentity> {
  const shaping = shapingNames.map((name) => [flagName(name), hash(JSON.stringify(options[name] ?? null))]);
  const inputs = await Promise.all(sources.map(identityOf));
  return { version, inputs, options: Object.fromEntries(shaping) as Record<string, string> };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function safety(rows: number, part: string | null, canResume: boolean): string {
  const where = part === null ? '' : ` in ${part}`;
  const next = part !== null && canResume ? '; when it can be written again, go on with --resume' : '';
  return `; ${rows} rows are safe${where}${next}`;
}
