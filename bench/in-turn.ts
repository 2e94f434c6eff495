/** For `for await`: what happens in the body of the loop happens one after the other, on purpose. */
export async function* inTurn<T>(items: Iterable<T>): AsyncGenerator<T, void, void> {
  yield* items;
}

/** 1, 2, … `last`. */
export const countTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);
