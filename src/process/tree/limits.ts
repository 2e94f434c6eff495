/** Real pages stay far below these limits; hostile ones would fill the memory or take hours. */
export const limits = { nodes: 1_000_000, depth: 5000, steps: 100_000_000 };

/** Counts the nodes of a tree. */
export class NodeCount {
  #nodes = 0;

  /** @throws RangeError when there are too many */
  add(nodes: number): void {
    this.#nodes += nodes;
    if (this.#nodes > limits.nodes) {
      throw new RangeError(`the page has more than ${limits.nodes} elements, texts and attributes`);
    }
  }
}

/** @throws RangeError when a page is nested too deep */
export function checkDepth(depth: number): void {
  if (depth > limits.depth)
    throw new RangeError(`the page is nested more than ${limits.depth} elements deep`);
}

/**
 * Counts the steps of one selector. Some take time that grows with the square of the page, and no timer can interrupt
 * them.
 */
export class Steps {
  #steps = 0;

  /** @throws RangeError after too many steps */
  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > limits.steps) throw new RangeError('the page is too large for this selector');
  }
}
