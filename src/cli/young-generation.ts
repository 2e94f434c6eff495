import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

/** Megabytes of each of the two halves of the young generation: V8's own limit up to Node 20. */
const largestHalf = 16;

/** Milliseconds between two checks of its size. */
const lookEvery = 100;

/**
 * Keeps V8's young generation at 2 × 16 MB, or twice that if it grows between two checks. Later versions of Node let it grow to
 * 2 × 64 MB while there is much to do, which a list of many hosts always has, and are no faster for that.
 *
 * V8 reads the limit only at its start, but the growth factor each time the generation grows; so that factor is set instead.
 */
export function boundYoungGeneration(): void {
  // For threads that start later: they begin at this size, as with a growth factor of 1 they cannot grow to it.
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
