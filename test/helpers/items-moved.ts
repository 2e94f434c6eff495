import type { ExecutionContext } from 'ava';

/**
 * Counts, until the test ends, how many array items are moved because others before them are removed or
 * inserted. It patches Array.prototype, so the tests of the file must run one after the other.
 */
export function itemsMoved(t: ExecutionContext): () => number {
  let moved = 0;
  const { shift, unshift, splice, slice } = Array.prototype;
  const count = function <A extends unknown[], R>(
    method: (this: unknown[], ...args: A) => R,
    items: (array: unknown[], args: A) => number,
  ) {
    return function (this: unknown[], ...args: A): R {
      moved += Math.max(0, items(this, args));
      return method.apply(this, args);
    };
  };
  const own = {
    shift: count(shift, ({ length }) => length - 1),
    unshift: count(unshift, ({ length }) => length),
    splice: count(
      splice as (this: unknown[], ...args: number[]) => unknown[],
      ({ length }, [start = 0, taken = length]) => (taken === 0 ? 0 : length - start - taken),
    ),
    slice: count(slice, ({ length }, [start = 0]) => length - start),
  };
  Object.assign(Array.prototype, own);
  t.teardown(() => void Object.assign(Array.prototype, { shift, unshift, splice, slice }));
  return () => moved;
}
