/** A generator of whole numbers from 0 to below a limit, the same in every run (mulberry32). */
export function randomNumbers(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

/** Draws `count` items, with repetition. */
export function drawn<T>(below: (limit: number) => number, items: readonly T[], count: number): T[] {
  return Array.from({ length: count }, () => items[below(items.length)] as T);
}

/** Cuts the bytes into pieces of 1 to `largest` bytes. */
export function cutAnywhere(below: (limit: number) => number, bytes: Buffer, largest: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieces.at(-1)?.length ?? 0) {
    pieces.push(bytes.subarray(at, at + 1 + below(largest)));
  }
  return pieces;
}
