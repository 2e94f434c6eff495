/** Good and failed rows of one span of time. */
export interface Span {
  /** Milliseconds since 1970 UTC. */
  readonly start: number;
  good: number;
  failed: number;
}

/** Widths of a span in seconds. Each is a multiple of the one before, so that spans can be joined. */
const widths = [1, 5, 15, 60, 300, 900, 3600, 21_600, 86_400, 604_800];

/** Spans at most. When there would be more, all of them become wider. */
export const mostSpans = 120;

/** Counts rows by when they were fetched. */
export class TimeLine {
  /** The earliest and the latest time, as the rows have them; empty without any. */
  first = '';
  last = '';
  readonly #spans = new Map<number, Span>();
  #width = 1000;
  #from = Infinity;
  #to = -Infinity;

  /** The width of a span, in milliseconds. */
  get width(): number {
    return this.#width;
  }

  /** @param at UTC, ISO 8601, as urlmill writes it; other text is ignored */
  add(at: string, failed: boolean): void {
    if (!isTime.test(at)) return;
    const time = Date.parse(at);
    if (Number.isNaN(time)) return;
    if (this.first === '' || at < this.first) this.first = at;
    if (at > this.last) this.last = at;
    let number = this.#reach(time);
    while (this.#to - this.#from >= mostSpans) {
      this.#widen();
      number = this.#reach(time);
    }
    const span = this.#span(number);
    if (failed) span.failed++;
    else span.good++;
  }

  /** All spans in order, also those without rows. */
  spans(): Span[] {
    const empty = (number: number): Span => ({ start: number * this.#width, good: 0, failed: 0 });
    if (this.#spans.size === 0) return [];
    return Array.from({ length: this.#to - this.#from + 1 }, (_, index) => {
      const number = this.#from + index;
      return this.#spans.get(number) ?? empty(number);
    });
  }

  #reach(time: number): number {
    const number = Math.floor(time / this.#width);
    this.#from = Math.min(this.#from, number);
    this.#to = Math.max(this.#to, number);
    return number;
  }

  #span(number: number): Span {
    let span = this.#spans.get(number);
    if (span === undefined) {
      span = { start: number * this.#width, good: 0, failed: 0 };
      this.#spans.set(number, span);
    }
    return span;
  }

  #widen(): void {
    const next = widths.find((seconds) => seconds * 1000 > this.#width);
    this.#width = next === undefined ? this.#width * 4 : next * 1000;
    const old = [...this.#spans.values()];
    this.#spans.clear();
    this.#from = Infinity;
    this.#to = -Infinity;
    for (const { start, good, failed } of old) {
      const span = this.#span(this.#reach(start));
      span.good += good;
      span.failed += failed;
    }
  }
}

const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
