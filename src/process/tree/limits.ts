/** What a page may cost: real ones stay far below, hostile ones would fill the memory or take hours. */
export const limits = { nodes: 1_000_000, depth: 5000, steps: 100_000_000 };

/** Counts what a tree is made of. */
export class NodeCount {
  #nodes = 0;

  /** @throws RangeError for more than any real page has */
  add(nodes: number): void {
    this.#nodes += nodes;
    if (this.#nodes > limits.nodes) {
      throw new RangeError(`the page has more than ${limits.nodes} elements, texts and attributes`);
    }
  }
}

/** @throws RangeError for a page that is nested deeper than any real one */
export function checkDepth(depth: number): void {
  if (depth > limits.depth)
    throw new RangeError(`the page is nested more than ${limits.depth} elements deep`);
}

/**
 * Counts the steps of one selector, which can take time that grows with the square of the page while the page waits for
 * nothing.
 */
export class Steps {
  #steps = 0;

  /** @throws RangeError after too many */
  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > limits.steps) throw new RangeError('the page is too large for this selector');
  }
}
