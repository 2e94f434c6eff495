import type { Statistics } from './statistics.ts';

/** The data of the progress line. */
export interface ProgressSource {
  readonly statistics: Statistics;
  /** Rows read so far, and in all: null when unknown, an estimate unless `exact`. */
  readonly input: () => { read: number; total: number | null; exact: boolean };
}

export interface ProgressOptions {
  readonly write: (text: string) => void;
  /** Whether one line is overwritten; else each update is a new line. */
  readonly live: boolean;
  /** Columns of the terminal. */
  readonly width: () => number;
}

const liveInterval = 200;
const plainInterval = 30_000;

/** Shows the progress of a run until `stop()`. */
export class Progress {
  readonly #source: ProgressSource;
  readonly #options: ProgressOptions;
  readonly #timer: NodeJS.Timeout;
  /** Whether a live line is on the terminal now. */
  #shown = false;
  /** Times and row counts of the last seconds, from which the present rate is computed. */
  #recent: { at: number; rows: number }[] = [];

  constructor(source: ProgressSource, options: ProgressOptions) {
    this.#source = source;
    this.#options = options;
    this.#timer = setInterval(() => this.#show(), options.live ? liveInterval : plainInterval);
    this.#timer.unref();
  }

  /** Removes the live line, so that other lines can be written. */
  clear(): void {
    if (this.#shown) this.#options.write('\r\u001b[K');
    this.#shown = false;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.clear();
  }

  #show(): void {
    const { live, write, width } = this.#options;
    const text = this.#line();
    this.#shown = live;
    write(live ? `\r\u001b[K${text.slice(0, Math.max(10, width() - 1))}` : `${text}\n`);
  }

  #line(): string {
    const { rows, earlierRows, failed, seconds } = this.#source.statistics;
    const { total, exact } = this.#source.input();
    const rate = this.#rate(rows - earlierRows, seconds);
    const left = total === null || rate === 0 ? null : (total - rows) / rate;
    return [
      `urlmill: ${grouped(rows)}${total === null ? '' : `/${exact ? '' : '~'}${grouped(total)}`} rows`,
      `${grouped(Math.round(rate))}/s`,
      `${grouped(failed)} failed`,
      ...(left === null ? [] : [`ETA ${clock(Math.max(0, left))}`]),
    ].join(', ');
  }

  #rate(rows: number, seconds: number): number {
    this.#recent.push({ at: seconds, rows });
    const window = this.#options.live ? 10 : 60;
    this.#recent = this.#recent.filter(({ at }) => at >= seconds - window);
    const first = this.#recent[0] ?? { at: 0, rows: 0 };
    const span = seconds - first.at;
    return span > 0 ? (rows - first.rows) / span : rows / Math.max(seconds, 0.001);
  }
}

export function grouped(number: number): string {
  // Intl takes 16 ms to load, a tenth of what a short list takes.
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

function clock(seconds: number): string {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  return h > 0 ? `${h}:${twoDigits(m)}:${twoDigits(s)}` : `${m}:${twoDigits(s)}`;
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
