import type { Statistics } from './statistics.ts';

/** The data of the progress line. */
export interface ProgressSource {
  readonly statistics: Statistics;
  /** Rows read so far, and in all: null when unknown, an estimate unless `exact`. */
  readonly input: () => { read: number; total: number | null; exact: boolean };
}

/** How the line is shown: as one that is overwritten, as a new one now and then, or only when it is asked for. */
export type ProgressStyle = 'live' | 'plain' | 'asked';

export interface ProgressOptions {
  readonly write: (text: string) => void;
  readonly style: ProgressStyle;
  /** Columns of the terminal. */
  readonly width: () => number;
}

const intervals = { live: 200, plain: 30_000 };

const wipe = '\r\u001b[K';

/** Shows the progress of a run until `stop()`. */
export class Progress {
  readonly #source: ProgressSource;
  readonly #options: ProgressOptions;
  readonly #timer: NodeJS.Timeout | null;
  /** The live line that is on the terminal now; empty when there is none. */
  #shown = '';
  /** Times and row counts of the last seconds, from which the present rate is computed. */
  #recent: { at: number; rows: number }[] = [];

  constructor(source: ProgressSource, options: ProgressOptions) {
    this.#source = source;
    this.#options = options;
    const { style } = options;
    this.#timer = style === 'asked' ? null : setInterval(() => this.#update(), intervals[style]);
    this.#timer?.unref();
  }

  /** Lets others write to the terminal: the live line is wiped before, and drawn again below. */
  above(write: () => void): void {
    const line = this.#shown;
    this.#clear();
    write();
    if (line !== '') this.#draw(line);
  }

  /** Writes the line as one that stays, because somebody asks for it. */
  report(): void {
    const line = this.#line();
    this.above(() => this.#options.write(`${line}\n`));
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#clear();
  }

  #update(): void {
    const { style, width } = this.#options;
    this.#remember();
    if (style === 'live') this.#draw(this.#line().slice(0, Math.max(10, width() - 1)));
    else this.report();
  }

  #draw(line: string): void {
    this.#shown = line;
    this.#options.write(wipe + line);
  }

  #clear(): void {
    if (this.#shown !== '') this.#options.write(wipe);
    this.#shown = '';
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
    const first = this.#recent[0] ?? { at: 0, rows: 0 };
    const span = seconds - first.at;
    return span > 0 ? (rows - first.rows) / span : rows / Math.max(seconds, 0.001);
  }

  #remember(): void {
    const { rows, earlierRows, seconds } = this.#source.statistics;
    const window = this.#options.style === 'live' ? 10 : 60;
    this.#recent.push({ at: seconds, rows: rows - earlierRows });
    this.#recent = this.#recent.filter(({ at }) => at >= seconds - window);
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
