/**
 * Milliseconds by which a start may be late without delaying the next ones. Timers are late by one or two,
 * which would slow down a fast pace.
 */
const slack = 5;

/** Milliseconds over which the rate of starts is measured. */
const span = 4000;

/** The slowest pace that a server can bring about by answering 429: one request in 30 seconds. */
const slowest = 30_000;

/**
 * How fast requests may be started: at most one per `floor` milliseconds, and more slowly for a while after the server
 * has refused some as too many (additive increase, multiplicative decrease).
 */
export class Pace {
  /** No start before this time of `performance.now()`. */
  next = 0;
  #floor: number;
  /** Milliseconds between two starts, learned from refusals; 0: nothing was learned. */
  #learned = 0;
  /** The rate, in starts per millisecond, at which the server last refused. */
  #tooMany = 0;
  #cutAt = 0;
  #changedAt = 0;
  #starts = 0;
  #since = 0;

  /** @param floor milliseconds between two starts; 0: no limit */
  constructor(floor: number) {
    this.#floor = floor;
  }

  /** Whether a refusal has made it slower. */
  get learned(): boolean {
    return this.#learned > 0;
  }

  get interval(): number {
    return Math.max(this.#floor, this.#learned);
  }

  /** Raises the interval to this many milliseconds, unless it is longer already (Crawl-delay). */
  atLeast(floor: number): void {
    this.#floor = Math.max(this.#floor, floor);
  }

  started(now: number): void {
    const { interval } = this;
    // The next start is counted from when this one was due, so a late start is made up for, up to the slack.
    if (interval > 0) this.next = Math.max(this.next, now - slack) + interval;
    if (this.#starts === 0) this.#since = now;
    else if (now - this.#since > span) {
      // Half of the earlier count stays, so that there is always something to measure.
      this.#since = Math.max(this.#since + span / 2, now - span);
      this.#starts /= 2;
    }
    this.#starts++;
  }

  /**
   * The server refused a request as one too many: the rate is halved. A refusal of a request that was started before
   * the last cut says nothing new.
   *
   * @param startedAt when the refused request was started
   */
  slowDown(startedAt: number, now: number): void {
    if (startedAt < this.#cutAt) return;
    const measured = this.#starts / Math.max(now - this.#since, 100);
    const rate = this.#learned > 0 ? Math.min(measured, 1 / this.#learned) : measured;
    this.#tooMany = rate;
    this.#learned = Math.min(2 / rate, slowest);
    this.#cutAt = now;
    this.#changedAt = now;
    this.next = Math.max(this.next, now + this.#learned);
  }

  /**
   * A good reply came: the rate grows each second by a twentieth of the rate that was too high. At twice that
   * rate the limit ends.
   */
  recover(now: number): void {
    if (this.#learned === 0) return;
    const rate = 1 / this.#learned + ((now - this.#changedAt) / 1000) * (this.#tooMany / 20);
    this.#changedAt = now;
    this.#learned = rate > 2 * this.#tooMany ? 0 : 1 / rate;
  }
}
