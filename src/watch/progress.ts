import type { Log } from './log.ts';
import type { Statistics } from './statistics.ts';

/** The data of the progress line. */
export interface ProgressSource {
  readonly statistics: Statistics;
  /** Rows read so far, and in all: null when unknown, an estimate unless `exact`. */
  readonly input: () => { read: number; total: number | null; exact: boolean };
}

/** `live`: a line that is overwritten. `plain`: a new line every 30 s. `asked`: a line for each call of `report()`. */
export type ProgressStyle = 'live' | 'plain' | 'asked';

export interface ProgressOptions {
  readonly style: ProgressStyle;
  /** Columns of the terminal. */
  readonly width: () => number;
}

/** How far a run is. */
interface Figures {
  readonly rows: number;
  readonly total: number | null;
  readonly exact: boolean;
  /** Rows per second during the last 10 s (`live`) or 60 s (`plain`), or since the start (`asked`). */
  readonly rate: number;
  readonly failed: number;
  readonly errors: number;
  readonly etaSeconds: number | null;
}

/** Seconds for which the live line shows no ETA: the rate while everything starts says nothing about the time left. */
const firstEta = 3;

const intervals = { live: 200, plain: 30_000 };

/** Shows the progress of a run until `stop()`. */
export class Progress {
  readonly #source: ProgressSource;
  readonly #log: Log;
  readonly #options: ProgressOptions;
  readonly #timer: NodeJS.Timeout | null;
  /** Times and row counts of earlier lines, from which the present rate is computed: those of the last seconds. */
  readonly #recent: { at: number; rows: number }[] = [];

  constructor(source: ProgressSource, log: Log, options: ProgressOptions) {
    this.#source = source;
    this.#log = log;
    this.#options = options;
    const { style } = options;
    this.#timer = style === 'asked' ? null : setInterval(() => this.#update(), intervals[style]);
    this.#timer?.unref();
  }

  /** Writes the progress as a line that stays. */
  report(): void {
    this.#tell(this.#figures());
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#log.live('');
  }

  #tell(figures: Figures): void {
    this.#log.tell('progress', lineOf(figures), { ...figures, rate: Math.round(figures.rate * 10) / 10 });
  }

  #update(): void {
    const { style, width } = this.#options;
    const figures = this.#figures();
    const { rows, earlierRows, seconds } = this.#source.statistics;
    // Only now: the clock is read anew each time, and the rate since this moment would be 0.
    this.#recent.push({ at: seconds, rows: rows - earlierRows });
    if (style !== 'live') return this.#tell(figures);
    const etaSeconds = seconds < firstEta ? null : figures.etaSeconds;
    this.#log.live(`urlmill: ${lineOf({ ...figures, etaSeconds })}`.slice(0, Math.max(10, width() - 1)));
    return undefined;
  }

  #figures(): Figures {
    const { rows, earlierRows, failed, errors, seconds } = this.#source.statistics;
    const { total, exact } = this.#source.input();
    const rate = this.#rate(rows - earlierRows, seconds);
    const left = total === null || rate === 0 ? null : Math.max(0, (total - rows) / rate);
    return { rows, total, exact, rate, failed, errors, etaSeconds: left === null ? null : Math.floor(left) };
  }

  #rate(rows: number, seconds: number): number {
    const window = this.#options.style === 'live' ? 10 : 60;
    // The latest one stays, however long ago it was: the timer may come late.
    while (this.#recent.length > 1 && (this.#recent[0]?.at ?? 0) < seconds - window) this.#recent.shift();
    const [first = { at: 0, rows: 0 }] = this.#recent;
    return (rows - first.rows) / Math.max(seconds - first.at, 0.001);
  }
}

function lineOf({ rows, total, exact, rate, failed, etaSeconds }: Figures): string {
  return [
    `${grouped(rows)}${total === null ? '' : `/${exact ? '' : '~'}${grouped(total)}`} rows`,
    `${grouped(Math.round(rate))}/s`,
    `${grouped(failed)} failed`,
    ...(etaSeconds === null ? [] : [`ETA ${clock(etaSeconds)}`]),
  ].join(', ');
}

export function grouped(number: number): string {
  // Intl takes 16 ms to load, a tenth of what a short list takes.
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1:02:03`, `2:03` */
export function clock(seconds: number): string {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  return h > 0 ? `${h}:${twoDigits(m)}:${twoDigits(s)}` : `${m}:${twoDigits(s)}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
