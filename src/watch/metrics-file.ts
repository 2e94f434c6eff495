import { lstat, readFile } from 'node:fs/promises';
import { basename } from 'node:path';

import { BusyError, OutputError } from '../shared/errors.ts';
import { behindLinks } from '../shared/output-target.ts';
import { version } from '../shared/version.ts';
import { tryToMake, writeWhole } from '../shared/whole-file.ts';
import { found, modeOf, naming, refuseFolder } from '../shared/small-file.ts';
import { isOfRun, lastSuccessIn, metricsText } from './metrics.ts';
import type { MetricsSource, Outcome } from './metrics.ts';
import { Statistics } from './statistics.ts';

const interval = 15_000;

/** The file of `--metrics`: written at the start of a run, every 15 seconds and at the end, each time by a rename. */
export class MetricsFile {
  readonly #name: string;
  /** The file behind all links. */
  readonly #path: string;
  readonly #notice: (text: string) => void;
  #source: (() => MetricsSource) | null = null;
  #lastSuccess: number | null = null;
  #saidFailure = false;
  /** The outcome that is written until `end()` is called. */
  #until: Outcome = 'running';
  #timer: NodeJS.Timeout | null = null;
  /** The latest write. Each one waits for the one before it, so that the newest figures stay. */
  #written: Promise<void> = Promise.resolve();

  /**
   * Checks that the metrics can be written, without changing an existing file.
   *
   * @param notice is told once when a write fails later; the run goes on
   * @throws OutputError when FILE cannot be replaced: a directory, a pipe, a descriptor of the process
   */
  static async open(name: string, notice: (text: string) => void): Promise<MetricsFile> {
    const file = new MetricsFile(name, await replaceable(name), notice);
    file.#lastSuccess = lastSuccessIn(await readFile(file.#path, 'utf8').catch(() => ''));
    return file;
  }

  private constructor(name: string, path: string, notice: (text: string) => void) {
    this.#name = name;
    this.#path = path;
    this.#notice = notice;
  }

  /** @param source is asked with each write */
  start(source: () => MetricsSource): void {
    this.#source = source;
    this.#write(this.#until);
    this.#timer = setInterval(() => this.#write(this.#until), interval).unref();
  }

  /** Tells that the run is being stopped. This is written at once, as a second signal would leave no time for it. */
  stop(): void {
    this.#until = 'stopped';
    this.#write('stopped');
  }

  /**
   * Writes it for the last time.
   *
   * @param at when it has ended, in milliseconds since 1970. Default: now
   * @param source the figures. Default: those that `start()` was given
   */
  async end(outcome: Outcome, { at = Date.now(), source = this.#source } = {}): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    if (outcome === 'done') this.#lastSuccess = at / 1000;
    this.#source = source;
    this.#write(outcome);
    await this.#written;
  }

  #write(outcome: Outcome): void {
    if (this.#source === null) return;
    const run = basename(this.#name).replace(/\.prom$/, '');
    const text = metricsText(this.#source(), { run, version, outcome, lastSuccess: this.#lastSuccess });
    this.#written = this.#written
      .then(() => this.#replace(text))
      .catch((error: Error) => this.#sayFailure(error));
  }

  #replace(text: string): Promise<void> {
    return naming('--metrics', this.#name, async () =>
      writeWhole(this.#path, text, modeOf(await found(lstat(this.#path)))),
    );
  }

  #sayFailure({ message }: Error): void {
    if (!this.#saidFailure) this.#notice(`${message}; the run goes on without it`);
    this.#saidFailure = true;
  }
}

/**
 * Begins a run. If that fails, the metrics file says so: otherwise it would keep the figures of the last run, as if all
 * were well.
 *
 * @param name the value of `--metrics`. A file that holds no metrics of a run is left alone, as it may be anything
 */
export async function tellingFailure<T>(name: string | undefined, begin: () => Promise<T>): Promise<T> {
  try {
    return await begin();
  } catch (error) {
    // If another run holds the output, the metrics are of that run.
    if (name !== undefined && !(error instanceof BusyError)) await tellFailure(name).catch(() => {});
    throw error;
  }
}

async function tellFailure(name: string): Promise<void> {
  // Comes before the file is read, as it refuses pipes: reading one would wait.
  const metrics = await MetricsFile.open(name, () => {});
  if (isOfRun(await readFile(name, 'utf8'))) await metrics.end('failed', { source: () => nothingDone });
}

const nothingDone: MetricsSource = {
  statistics: new Statistics(false),
  input: () => ({ read: 0, total: null, exact: false }),
  load: () => ({ inFlight: 0, hostsDown: 0 }),
};

/** The path behind all links, when a file can be put there. @throws OutputError when not */
async function replaceable(name: string): Promise<string> {
  let path = '';
  await naming('--metrics', name, async () => {
    await refuseFolder('--metrics', name);
    const target = name === '-' ? null : await behindLinks(name);
    if (typeof target !== 'string' || (await found(lstat(target)))?.isFile() === false) {
      throw new OutputError(`--metrics: ${name} is no file that can be replaced; name one`);
    }
    await tryToMake(target);
    path = target;
  });
  return path;
}
