import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Megabytes of one of its two halves, as V8 limits them until Node 20. */
const largestHalf = 16;

/** Milliseconds between two looks at it. */
const lookEvery = 100;

/**
 * Keeps V8's young generation at 2 × 16 MB, or twice that where it grows between two looks. Later versions of Node let it grow to
 * 2 × 64 MB while there is much to do, which a list of many hosts always has, and are no faster for that.
 *
 * V8 reads the limit itself only when it begins, but the factor of growth whenever it grows.
 */
export function boundYoungGeneration(): void {
  // That of threads, which begin later and do not grow then.
  setFlagsFromString(`--min-semi-space-size=${largestHalf}`);
  const looking = setInterval(() => {
    if (youngBytes() < 2 * largestHalf * 2 ** 20) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    clearInterval(looking);
  }, lookEvery).unref();
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.space_size ?? 0;
}
