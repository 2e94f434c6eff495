/** Real pages stay far below these limits; hostile ones would fill the memory or take hours. */
export const limits = { nodes: 1_000_000, depth: 5000, steps: 100_000_000 };

/** Thrown for a page that is larger, or nested deeper, than any real one. */
export class TooLarge extends RangeError {}

/** Counts the nodes of a tree. */
export class NodeCount {
  #nodes = 0;

  /** @throws TooLarge when there are too many */
  add(nodes: number): void {
    this.#nodes += nodes;
    if (this.#nodes > limits.nodes) {
      throw new TooLarge(`the page has more than ${limits.nodes} elements, texts and attributes`);
    }
  }
}

/** @throws TooLarge when a page is nested too deep */
export function checkDepth(depth: number): void {
  if (depth > limits.depth) throw new TooLarge(`the page is nested more than ${limits.depth} elements deep`);
}

/**
 * Counts the steps of one selector or extractor. Some take time that grows with the square of the page's size, and
 * no timer can interrupt them.
 */
export class Steps {
  #steps = 0;
  readonly #most: number;

  constructor(most = limits.steps) {
    this.#most = most;
  }

  /** @throws TooLarge after too many steps */
  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > this.#most) throw new TooLarge('the page is too large for this selector');
  }
}
