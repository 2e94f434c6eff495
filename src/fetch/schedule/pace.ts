/**
 * How late a start may be without the next ones being late as well: timers are late by a millisecond or two, which
 * would slow a fast pace down by a part of it.
 */
const slack = 5;

/** Milliseconds over which the rate of starts is measured. */
const span = 4000;

/** The slowest pace that a server can bring about by answering 429: a request in 30 seconds. */
const slowest = 30_000;

/**
 * How fast requests may be started: never faster than one per `floor` milliseconds, and slower for a while after
 * the server has said that it was too much (additive increase, multiplicative decrease).
 */
export class Pace {
  /** No start before this time of `performance.now()`. */
  next = 0;
  #floor: number;
  /** Milliseconds between two starts that were learned; 0: no limit was learned. */
  #learned = 0;
  /** Starts per millisecond that were too many. */
  #tooMany = 0;
  #cutAt = 0;
  #changedAt = 0;
  #starts = 0;
  #since = 0;

  /** @param floor milliseconds between two starts; 0: no limit */
  constructor(floor: number) {
    this.#floor = floor;
  }

  /** Whether there is anything that would have to be remembered of it. */
  get learned(): boolean {
    return this.#learned > 0;
  }

  get interval(): number {
    return Math.max(this.#floor, this.#learned);
  }

  /** Makes the limit at least so strict (Crawl-delay). */
  atLeast(floor: number): void {
    this.#floor = Math.max(this.#floor, floor);
  }

  started(now: number): void {
    const { interval } = this;
    // Counted from when it was due: a late start is made up for, but not by more than the slack.
    if (interval > 0) this.next = Math.max(this.next, now - slack) + interval;
    if (this.#starts === 0) this.#since = now;
    else if (now - this.#since > span) {
      // Half of what was before stays, so that the measure has no gap.
      this.#since = Math.max(this.#since + span / 2, now - span);
      this.#starts /= 2;
    }
    this.#starts++;
  }

  /**
   * The server had too much: half the rate of late. Replies to what was started before the last cut say nothing new.
   *
   * @param startedAt when the request was started that was refused
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

  /** A good reply: a twentieth of what was too much comes back each second, until it is twice as much. */
  recover(now: number): void {
    if (this.#learned === 0) return;
    const rate = 1 / this.#learned + ((now - this.#changedAt) / 1000) * (this.#tooMany / 20);
    this.#changedAt = now;
    this.#learned = rate > 2 * this.#tooMany ? 0 : 1 / rate;
  }
}
