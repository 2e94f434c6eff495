import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { OutputError, UsageError } from '../shared/errors.ts';
import { FetchUrls } from '../fetch/fetch-urls.ts';
import { jobIdentity, refuseOptions, refuseOwnInput, refuseResume } from './checks.ts';
import { jobColumns } from './columns.ts';
import type { JobColumns } from './columns.ts';
import { openThreads, processingOf } from './processing.ts';
import { savingOf } from '../keep/keeping.ts';
import type { Saving } from '../keep/keeping.ts';
import type { Options } from '../options/table.ts';
import type { Threads } from '../process/threads/threads.ts';
import type { Result, Row } from '../shared/records.ts';
import { rowStream } from '../read/row-stream.ts';
import { ReadState, readRows } from '../read/rows.ts';
import type { Source } from '../read/source.ts';
import { version } from '../shared/version.ts';
import { Statistics } from '../watch/statistics.ts';
import type { Figures } from '../watch/statistics.ts';
import { checkSummaryFile, writeSummaryFile } from '../watch/summary-file.ts';
import { summarize } from '../watch/summary.ts';
import type { StopReason, Summary } from '../watch/summary.ts';
import { charsetColumns, traceColumns } from '../write/columns.ts';
import { formatOf } from '../write/formats.ts';
import { layoutOf } from '../write/layout.ts';
import { openOutput } from '../write/open-output.ts';
import type { OpenedOutput } from '../write/open-output.ts';
import type { Output } from '../write/output.ts';
import { WriteResults } from '../write/write-results.ts';

/** What is committed with the rows. */
interface SavedFigures extends Figures {
  readonly saved: ReturnType<Saving['position']>;
}

export interface JobSurroundings {
  /** The output where none is named. */
  readonly withoutFile: () => Output;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are looked up. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told what concerns the whole run. */
  readonly onNotice?: ((text: string) => void) | undefined;
  /** Gets what a module prints. */
  readonly onPrint: (text: Uint8Array | string) => void;
}

/** A run that can be watched and stopped. */
export class Job {
  readonly statistics: Statistics;
  readonly #options: Options;
  readonly #reading = new ReadState();
  readonly #sources: readonly Source[];
  readonly #own: JobColumns['own'];
  readonly #fetcher: FetchUrls;
  readonly #writer: WriteResults;
  readonly #saving: Saving | null;
  readonly #opened: OpenedOutput;
  /** Why the reading ended before the end of the input. */
  #readFailure: unknown = null;
  /** The row that was written last, where they are in order. */
  #lastRow: number;
  /** Rows of this run that have failed. */
  #failures = 0;
  #stoppedBy: StopReason | null = null;
  /** Whether all of the input had been read when the run was stopped. */
  #readAll = false;
  /** Whether the rows are through: what is left is to make the output final, and too short to be stopped. */
  #isThrough = false;
  /** Where the output was left when it is not whole. */
  #leftIn: string | null = null;

  /** Opens all that the options name. @throws UsageError, InputError, OutputError */
  static async open(
    options: Options,
    sources: readonly Source[],
    surroundings: JobSurroundings,
  ): Promise<Job> {
    refuseOptions(options);
    const { onNotice: notice = ignore, onPrint: print } = surroundings;
    const threads = await openThreads(options, { notice, print });
    try {
      return await Job.#open(options, sources, surroundings, threads);
    } catch (error) {
      threads?.close();
      throw error;
    }
  }

  static async #open(
    options: Options,
    sources: readonly Source[],
    { withoutFile, environment, onNotice = ignore }: JobSurroundings,
    threads: Threads | null,
  ): Promise<Job> {
    const saving = savingOf(options);
    const processed = [...(saving === null ? [] : [saving.column]), ...(threads?.columns ?? [])];
    const columnsOfJob = jobColumns(options, processed);
    const { results, earlier } = columnsOfJob.added;
    // Two columns of one name are found before there is an input.
    if (earlier === undefined) layoutOf({ names: [], header: false }, columnsOfJob.added);
    const fetcher = new FetchUrls(options, processingOf(saving, threads), {
      traces: results === null || results.some((name) => traceColumns.includes(name)),
      exchanges: saving?.exchanges ?? false,
      charsets: results === null || results.some((name) => charsetColumns.includes(name)),
      environment,
      directories: await waitingFolders(options.output),
    });
    fetcher.on('notice', onNotice);
    refuseResume(options, sources);
    await refuseOwnInput(options, sources);
    if (options.summary !== undefined) await checkSummaryFile(options.summary);
    const opened =
      options.output === undefined
        ? { output: withoutFile(), earlier: null }
        : await openOutput(options.output, {
            job: await jobIdentity(options, sources),
            resume: options.resume,
            notice: onNotice,
            beforeCommit: async () => saving?.sync(),
          });
    const figures = opened.earlier?.figures as SavedFigures | null | undefined;
    try {
      if (opened.output !== null) await saving?.open(figures?.saved ?? null);
    } catch (error) {
      await opened.output?.abandon();
      throw error;
    }
    const job = new Job(options, sources, fetcher, saving, opened, columnsOfJob);
    job.#reading.onFault = (text) => onNotice(`${text} (such rows are bad-row, and the run goes on)`);
    job.#reading.onNotice = onNotice;
    return job;
  }

  private constructor(
    options: Options,
    sources: readonly Source[],
    fetcher: FetchUrls,
    saving: Saving | null,
    opened: OpenedOutput,
    { added, own }: JobColumns,
  ) {
    this.#own = own;
    this.#options = options;
    this.#sources = sources;
    this.#fetcher = fetcher;
    fetcher.on('stop', (reason: StopReason) => this.stop(reason));
    this.#saving = saving;
    this.#opened = opened;
    this.statistics = new Statistics(options.summary !== undefined);
    const { output, earlier } = opened;
    // An output without a row may have been whole without a commit.
    if (earlier !== null && earlier.figures !== null) this.statistics.goOn(earlier.figures as SavedFigures);
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
      figures: (): SavedFigures => ({
        ...this.statistics.figures(),
        saved: saving?.position() ?? null,
      }),
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
    if (this.#isThrough) return;
    if (this.#stoppedBy === null) this.#readAll = this.#reading.done;
    this.#stoppedBy ??= reason;
    this.#reading.stop();
    this.#fetcher.stop(this.#options.grace);
  }

  /** Whether `--resume` can go on with what this run leaves when it ends early. */
  get canResume(): boolean {
    return this.#opened.output?.resumable === true && this.#sources.every(({ reopens }) => reopens);
  }

  /** The file that holds the rows of a run that has ended early; null when there is none. */
  get leftIn(): string | null {
    return this.#leftIn;
  }

  /** Rows read, and how many there are in all: known at the end, estimated from the bytes before that. */
  input(): { read: number; total: number | null; exact: boolean } {
    const { rows, bytes, done } = this.#reading;
    const { limit = Infinity } = this.#options;
    if (done) return { read: rows, total: rows, exact: true };
    const sizes = this.#sources.map(({ size }) => size ?? Number.NaN);
    const total = Math.round((rows / bytes) * sizes.reduce((sum, size) => sum + size, 0));
    return {
      read: rows,
      total: Number.isFinite(total) ? Math.min(Math.max(total, rows), limit) : null,
      exact: false,
    };
  }

  /** Rows until the input ends or fails; rows before a failure are fetched and written all the same. */
  async *#batches(): AsyncGenerator<Row[]> {
    const fixedColumns = formatOf(this.#options) !== 'jsonl';
    const { earlier } = this.#opened;
    const isDone = earlier === null ? null : (number: number) => earlier.rows.has(number);
    try {
      const read = { ...this.#options, fixedColumns, isDone, own: this.#own };
      yield* readRows(this.#sources, read, this.#reading);
    } catch (error) {
      this.#readFailure = error;
    }
  }

  async #run(output: Output): Promise<void> {
    const { timeLimit } = this.#options;
    const limit = timeLimit === undefined ? null : setTimeout(() => this.stop('time-limit'), timeLimit);
    try {
      await pipeline(rowStream(this.#batches()), this.#fetcher, this.#writer, output.stream);
      this.#isThrough = true;
      if (this.#readFailure !== null) throw this.#readFailure;
      if (this.#isWhole) this.#stoppedBy = null;
      // A file's commits do that.
      if (!output.resumable) await this.#saving?.sync();
      if (this.#stoppedBy === null) await output.finish();
      else this.#leftIn = await output.abandon();
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
      // What the rows speak of is on disk by now.
      await this.#saving?.close().catch(ignore);
    }
  }

  /** Whether every row is written, though the run was stopped. Too many failures are too many also in the last row. */
  get #isWhole(): boolean {
    const { rows, failures } = this.statistics;
    if (!this.#readAll || this.#stoppedBy === 'max-failures') return false;
    return rows === this.#reading.rows && !failures.has('cancelled');
  }

  #count(result: Result): void {
    const { statistics } = this;
    const before = statistics.failed;
    statistics.add(result);
    // A row that is copied has failed long ago.
    if (result.row.earlierStatus === undefined) this.#failures += statistics.failed - before;
    const { maxFailures = Infinity } = this.#options;
    if (this.#failures >= maxFailures) this.stop('max-failures');
  }

  /** What was cut short is left for the run that goes on, and where rows are in order, all that follows it too. */
  #isDone({ row, error }: Result): boolean {
    if (error === 'cancelled' || (this.#options.ordered && row.number !== this.#lastRow + 1)) return false;
    this.#lastRow = row.number;
    return true;
  }

  async #writeSummary(outcome: Summary['outcome']): Promise<Summary> {
    const how = { outcome, stoppedBy: this.#stoppedBy, comments: this.#reading.comments };
    const summary = summarize(this.statistics, how, this.#options, version);
    const path = this.#options.summary;
    if (path !== undefined) await writeSummaryFile(path, summary);
    return summary;
  }
}

function ignore(): void {}

/** Where rows may wait on disk: beside the output, since the system's folder for temporary files is often in memory. */
async function waitingFolders(output: string | undefined): Promise<string[]> {
  if (output === undefined) return [tmpdir()];
  const there = await stat(output).catch(() => null);
  // Beside a device are devices.
  return there === null || there.isFile() ? [dirname(resolve(output)), tmpdir()] : [tmpdir()];
}

function safety(rows: number, part: string | null, canResume: boolean): string {
  const where = part === null ? '' : ` in ${part}`;
  const next = part !== null && canResume ? '; when it can be written again, go on with --resume' : '';
  return `; ${rows} rows are safe${where}${next}`;
}
