/** For loops with `for await` whose steps must run one after the other. */
export async function* inTurn<T>(items: Iterable<T>): AsyncGenerator<T, void, void> {
  yield* items;
}

/** 1, 2, … `last`. */
export const countTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);
