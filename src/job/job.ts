import { pipeline } from 'node:stream/promises';

import { OutputError, UsageError } from '../shared/errors.ts';
import { FetchUrls } from '../fetch/fetch-urls.ts';
import { ownFiles, refuseOptions, refuseOwnInput, refuseResume } from './checks.ts';
import { jobColumns } from './columns.ts';
import type { JobColumns } from './columns.ts';
import { InputSize } from './input-read.ts';
import type { InputRead } from './input-read.ts';
import { isAskedNow, namedRows, savingFor } from './named-rows.ts';
import { openedOutput, writerSettings } from './outputs.ts';
import type { JobParts } from './parts.ts';
import { openThreads, processingOf, toldBy } from './processing.ts';
import { sinceOf } from '../since/since.ts';
import type { Since } from '../since/since.ts';
import type { JobSurroundings } from './surroundings.ts';
import { waitingFolders } from './waiting-folders.ts';
import type { Saving } from '../keep/keeping.ts';
import type { Options } from '../options/table.ts';
import type { Threads } from '../process/threads/threads.ts';
import type { Result, Row } from '../shared/records.ts';
import { rowStream } from '../read/row-stream.ts';
import { ReadState, readRows } from '../read/rows.ts';
import type { Source } from '../read/source.ts';
import { outputTarget } from '../shared/output-target.ts';
import { version } from '../shared/version.ts';
import { safety } from '../watch/closing-line.ts';
import type { Load } from '../watch/metrics.ts';
import { MetricsFile } from '../watch/metrics-file.ts';
import { Statistics } from '../watch/statistics.ts';
import type { Figures } from '../watch/statistics.ts';
import { checkSummaryFile, writeSummaryFile } from '../watch/summary-file.ts';
import { summarize } from '../watch/summary.ts';
import type { StopReason, Summary } from '../watch/summary.ts';
import { formatOf } from '../write/formats.ts';
import { layoutOf, leftOut } from '../write/layout.ts';
import type { OpenedOutput } from '../write/open-output.ts';
import type { Output } from '../write/output.ts';
import { WriteResults, checkExploded } from '../write/write-results.ts';

/** The figures that the journal keeps with each commit. */
interface SavedFigures extends Figures {
  readonly saved: ReturnType<Saving['position']>;
}

/** One run, from the input to the complete output. It can be watched and stopped. */
export class Job {
  readonly statistics: Statistics;
  readonly #options: Options;
  readonly #reading = new ReadState();
  readonly #inputSize: InputSize;
  readonly #sources: readonly Source[];
  readonly #own: JobColumns['own'];
  readonly #fetcher: FetchUrls;
  readonly #writer: WriteResults;
  readonly #saving: Saving | null;
  readonly #since: Since | null;
  readonly #named: JobParts['named'];
  readonly #opened: OpenedOutput;
  #tellSummary: JobSurroundings['onSummary'] = ignore;
  #metrics: MetricsFile | null = null;
  /** Why the reading ended before the end of the input. */
  #readFailure: unknown = null;
  /** With `--ordered`: number of the row that was written last. */
  #lastRow: number;
  /** Rows of this run that have failed. */
  #failures = 0;
  #stoppedBy: StopReason | null = null;
  /** Whether the whole input had been read when the run was stopped. */
  #readAll = false;
  /** Whether all rows are written. Completing the output is short and cannot be stopped. */
  #allWritten = false;
  #leftIn: string | null = null;

  /** Checks the options and opens all files. @throws UsageError, InputError, OutputError, BusyError */
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
    { withoutFile, environment, onNotice = ignore, onSummary }: JobSurroundings,
    threads: Threads | null,
  ): Promise<Job> {
    const saving = savingFor(options);
    const processed = [...(saving === null ? [] : [saving.column]), ...(threads?.columns ?? [])];
    if (options.explode !== undefined) checkExploded(options.explode, threads?.columns ?? []);
    const columnsOfJob = jobColumns(options, processed);
    const { results, earlier } = columnsOfJob.added;
    // Fails when two added columns have the same name, before any input is read.
    if (earlier === undefined) layoutOf({ names: [], header: false }, columnsOfJob.added);
    const target = await outputTarget(options.output);
    const directories = await waitingFolders(target);
    const fetcher = new FetchUrls(options, processingOf(saving, threads, options), {
      ...toldBy(options, results, saving, directories),
      environment,
      directories,
    });
    fetcher.on('notice', onNotice);
    const since = sinceOf(options, columnsOfJob, { saving, fetcher, directories, notice: onNotice });
    refuseResume(options, target, sources);
    await refuseOwnInput(options, target, sources);
    if (options.summary !== undefined) await checkSummaryFile(options.summary);
    const metrics = options.metrics === undefined ? null : await MetricsFile.open(options.metrics, onNotice);
    const opened = await openedOutput(target, options, sources, { withoutFile, notice: onNotice, saving });
    const figures = opened.earlier?.figures as SavedFigures | null | undefined;
    try {
      if (opened.output !== null) await saving?.open(figures?.saved ?? null, ownFiles(options, target));
    } catch (error) {
      await opened.output?.abandon();
      throw error;
    }
    const named = namedRows(saving, fetcher.settings, options, directories);
    const job = new Job(options, sources, { fetcher, saving, since, named, opened }, columnsOfJob);
    job.#reading.onFault = (text) => onNotice(`${text} (such rows are bad-row, and the run goes on)`);
    job.#reading.onNotice = onNotice;
    job.#tellSummary = onSummary;
    job.#metrics = metrics;
    return job;
  }

  private constructor(
    options: Options,
    sources: readonly Source[],
    { fetcher, saving, since, named, opened }: JobParts,
    { added, own }: JobColumns,
  ) {
    this.#own = own;
    this.#options = options;
    this.#sources = sources;
    this.#inputSize = new InputSize(this.#reading, sources, options);
    this.#fetcher = fetcher;
    fetcher.on('stop', (reason: StopReason) => this.stop(reason));
    this.#saving = saving;
    this.#since = since;
    this.#named = named;
    this.#opened = opened;
    this.statistics = new Statistics(options.summary !== undefined);
    const { output, earlier } = opened;
    // An earlier output without rows has no figures: it was completed without a commit.
    if (earlier !== null && earlier.figures !== null) this.statistics.goOn(earlier.figures as SavedFigures);
    this.#lastRow = this.statistics.rows;
    this.#writer = new WriteResults({
      ...writerSettings(options, added),
      emptyTable: () => (this.#readFailure === null ? this.#reading.table : null),
      start: earlier?.end ?? 0,
      takes: (result) => output?.resumable !== true || this.#isDone(result),
      onRow: (result) => this.#count(result),
      onBatch: (batch) => output?.add(batch),
      figures: (): SavedFigures => ({ ...this.statistics.figures(), saved: saving?.position() ?? null }),
    });
    // Fails before the first request when the input already has a column of an added name.
    this.#reading.onTable = (table) => {
      const left = leftOut(table, layoutOf(table, added));
      if (left !== null) this.#reading.onNotice(left);
    };
  }

  /** Runs the job to its end. @throws UsageError, InputError, OutputError, or another error that a stage threw */
  async finish(): Promise<Summary> {
    this.#metrics?.start(() => this);
    let outcome: Summary['outcome'] = 'failed';
    try {
      const summary = await this.#finish();
      ({ outcome } = summary);
      return summary;
    } finally {
      await this.#metrics?.end(outcome);
    }
  }

  async #finish(): Promise<Summary> {
    const { output } = this.#opened;
    if (output === null) this.#fetcher.destroy();
    else await this.#run(output);
    return this.#writeSummary(this.#stoppedBy === null ? 'done' : 'stopped');
  }

  /** Ends the run early: reads no more rows, drops those not begun, and gives requests in flight the time of `--grace`. */
  stop(reason: StopReason): void {
    if (this.#allWritten) return;
    if (this.#stoppedBy === null) this.#readAll = this.#reading.done;
    this.#stoppedBy ??= reason;
    this.#reading.stop();
    this.#since?.stop();
    this.#metrics?.stop();
    this.#fetcher.stop(this.#options.grace);
  }

  /** Whether `--resume` can continue this run if it ends early. */
  get canResume(): boolean {
    return this.#opened.output?.resumable === true && this.#sources.every(({ reopens }) => reopens);
  }

  /** The file that holds the rows of a run that has ended early; null when there is none. */
  get leftIn(): string | null {
    return this.#leftIn;
  }

  /** Rows read so far, and in all: exact when all are read, an estimate before (`InputSize`). */
  input(): InputRead {
    return this.#inputSize.now();
  }

  /** What is going on at the hosts. */
  load(): Load {
    return this.#fetcher.load();
  }

  /** The rows up to the end or the first error of the input. The error is thrown later, when all rows are written. */
  async *#batches(): AsyncGenerator<Row[]> {
    const fixedColumns = formatOf(this.#options) !== 'jsonl';
    const { earlier } = this.#opened;
    const isDone = earlier === null ? null : (number: number) => earlier.rows.has(number);
    try {
      const seesAll = this.#named !== null || this.#since !== null;
      const read = { ...this.#options, fixedColumns, isDone: seesAll ? null : isDone, own: this.#own };
      const rows = readRows(this.#sources, read, this.#reading);
      const named = this.#named?.marked(rows, this.#since === null ? isDone : null) ?? rows;
      yield* this.#since?.matched(named, this.#reading, isDone) ?? named;
    } catch (error) {
      this.#readFailure = error;
    }
  }

  async #run(output: Output): Promise<void> {
    const { timeLimit } = this.#options;
    const limit = timeLimit === undefined ? null : setTimeout(() => this.stop('time-limit'), timeLimit);
    try {
      const compare = this.#since === null ? [] : [this.#since.stage()];
      await pipeline([rowStream(this.#batches()), this.#fetcher, ...compare, this.#writer, output.stream]);
      this.#allWritten = true;
      if (this.#readFailure !== null) throw this.#readFailure;
      if (this.#isWhole) this.#stoppedBy = null;
      // A file output syncs saved bodies with each commit.
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
      // The bodies of all committed rows are synced by now.
      await this.#saving?.close().catch(ignore);
      await this.#since?.close();
    }
  }

  /** Whether every row was written although the run was stopped; `--max-failures` counts as a stop even in the last row. */
  get #isWhole(): boolean {
    const { rows, failures } = this.statistics;
    if (!this.#readAll || this.#stoppedBy === 'max-failures') return false;
    return rows === this.#reading.rows && !failures.has('cancelled');
  }

  #count(result: Result): void {
    const before = this.statistics.failed;
    this.statistics.add(result);
    // A row that is copied, or whose file is there, has not failed in this run.
    if (isAskedNow(result.row)) this.#failures += this.statistics.failed - before;
    if (this.#failures >= (this.#options.maxFailures ?? Infinity)) this.stop('max-failures');
  }

  /** Cancelled rows are left to the resumed run and, with `--ordered`, so are all rows after one. */
  #isDone({ row, error }: Result): boolean {
    if (error === 'cancelled' || (this.#options.ordered && row.number !== this.#lastRow + 1)) return false;
    this.#lastRow = row.number;
    return true;
  }

  async #writeSummary(outcome: Summary['outcome']): Promise<Summary> {
    const path = this.#options.summary;
    const how = { outcome, stoppedBy: this.#stoppedBy, comments: this.#reading.comments };
    const summary = summarize(this.statistics, how, this.#options, version);
    if (path !== undefined) await writeSummaryFile(path, summary, this.#tellSummary);
    return summary;
  }
}

function ignore(): void {}
