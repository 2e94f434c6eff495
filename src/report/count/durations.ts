/**
 * Limits of the buckets of a histogram in milliseconds: five for each power of ten, at the preferred numbers of ISO 3 (R5),
 * so that they are nearly equally wide on a logarithmic axis. The first bucket begins at 0, the last one has no end.
 */
export const bucketLimits: readonly number[] = [
  1, 1.6, 2.5, 4, 6.3, 10, 16, 25, 40, 63, 100, 160, 250, 400, 630, 1000, 1600, 2500, 4000, 6300, 10_000,
  16_000, 25_000, 40_000, 63_000, 100_000,
];

const bucketCount = bucketLimits.length + 1;

/** Index of the bucket of a duration. */
export function bucketOf(ms: number): number {
  let low = 0;
  let high = bucketLimits.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ms < (bucketLimits[middle] as number)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Milliseconds up to which durations are counted to the millisecond. */
const longest = 100_000;

/** Durations of all rows: a histogram, and quantiles to the millisecond. */
export class Durations {
  count = 0;
  max = 0;
  readonly buckets = new Uint32Array(bucketCount);
  readonly #byMs = new Uint32Array(longest + 1);

  add(ms: number): void {
    this.count++;
    this.max = Math.max(this.max, ms);
    const bucket = bucketOf(ms);
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1;
    const whole = Math.min(Math.round(ms), longest);
    this.#byMs[whole] = (this.#byMs[whole] ?? 0) + 1;
  }

  /**
   * The duration that this share of all does not exceed, in whole milliseconds; NaN if it is over 100 s, or nothing
   * was added.
   */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.count));
    let seen = 0;
    for (let ms = 0; ms < longest; ms++) {
      seen += this.#byMs[ms] ?? 0;
      if (seen >= rank) return ms;
    }
    return Number.NaN;
  }
}

/** The durations of one slot, in milliseconds. */
export interface DurationFigures {
  readonly count: number;
  /** Within 6 % of the true one, where that is from 1 ms to 100 s. */
  readonly median: number;
  readonly mean: number;
  readonly max: number;
}

/** Narrower buckets for the medians of slots: 20 for each power of ten from 1 ms to 100 s, and one at each end. */
const finePerPower = 20;
const fineCount = 5 * finePerPower + 2;

function fineBucketOf(ms: number): number {
  if (ms < 1) return 0;
  return Math.min(Math.floor(Math.log10(ms) * finePerPower) + 1, fineCount - 1);
}

/** Durations of each of many keys, such as hosts, by their slots (`Counted.slot`), in arrays of a fixed size. */
export class DurationsBySlot {
  readonly #buckets: Uint32Array;
  readonly #sums: Float64Array;
  readonly #longest: Float64Array;

  constructor(slots: number) {
    this.#buckets = new Uint32Array(slots * fineCount);
    this.#sums = new Float64Array(slots);
    this.#longest = new Float64Array(slots);
  }

  add(slot: number, ms: number): void {
    const at = slot * fineCount + fineBucketOf(ms);
    this.#buckets[at] = (this.#buckets[at] ?? 0) + 1;
    this.#sums[slot] = (this.#sums[slot] ?? 0) + ms;
    this.#longest[slot] = Math.max(this.#longest[slot] ?? 0, ms);
  }

  clear(slot: number): void {
    this.#buckets.fill(0, slot * fineCount, (slot + 1) * fineCount);
    this.#sums[slot] = 0;
    this.#longest[slot] = 0;
  }

  figures(slot: number): DurationFigures {
    const buckets = this.#buckets.subarray(slot * fineCount, (slot + 1) * fineCount);
    const count = buckets.reduce((sum, one) => sum + one, 0);
    const max = this.#longest[slot] ?? 0;
    return {
      count,
      max,
      mean: (this.#sums[slot] ?? 0) / count,
      median: Math.min(medianOf(buckets, count), max),
    };
  }
}

/** The middle, on a logarithmic axis, of the narrow bucket that has the median. */
function medianOf(buckets: Uint32Array, count: number): number {
  let seen = 0;
  const bucket = buckets.findIndex((one) => (seen += one) * 2 >= count);
  return bucket === 0 ? 0.5 : 10 ** ((bucket - 0.5) / finePerPower);
}
