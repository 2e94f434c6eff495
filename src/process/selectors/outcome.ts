import type { Element } from '../tree/nodes.ts';
import type { Search, Test } from './search.ts';
import { elementBefore } from './siblings.ts';
import type { Combinator } from './syntax.ts';

export interface Compound {
  /** The combinator before it. */
  readonly combinator: Combinator;
  readonly test: Test;
}

/**
 * The outcome of matching an element. A failure may hold for this element only (`not this`), also for all its earlier
 * siblings (`no sibling`), or also for all its ancestors (`none`), so that a chain of combinators needs only one way up.
 */
export type Outcome = 'match' | 'not this' | 'no sibling' | 'none';

/**
 * Matches an element against compounds from right to left, up to one of them.
 *
 * @param anchor the element that `:has()` is relative to; null outside of it
 */
export function outcomeOf(
  compounds: readonly Compound[],
  index: number,
  element: Element,
  anchor: Element | null,
  search: Search,
): Outcome {
  const { combinator, test } = compounds[index] as Compound;
  if (!test(element, search)) return 'not this';
  if (index === 0)
    return anchor === null || leadsTo(anchor, combinator, element, search) ? 'match' : 'not this';
  switch (combinator) {
    case ' ':
      for (let next = element.parentElement; next !== null; next = next.parentElement) {
        const outcome = outcomeOf(compounds, index - 1, next, anchor, search);
        if (outcome === 'match' || outcome === 'none') return outcome;
      }
      return 'none';
    case '>': {
      const parent = element.parentElement;
      if (parent === null) return 'none';
      const outcome = outcomeOf(compounds, index - 1, parent, anchor, search);
      return outcome === 'match' || outcome === 'none' ? outcome : 'no sibling';
    }
    case '+': {
      const previous = elementBefore(element, search.steps);
      return previous === null ? 'no sibling' : outcomeOf(compounds, index - 1, previous, anchor, search);
    }
    default:
      for (let next = elementBefore(element, search.steps); next !== null;) {
        const outcome = outcomeOf(compounds, index - 1, next, anchor, search);
        if (outcome !== 'not this') return outcome;
        next = elementBefore(next, search.steps);
      }
      return 'no sibling';
  }
}

function leadsTo(anchor: Element, combinator: Combinator, element: Element, { steps }: Search): boolean {
  switch (combinator) {
    case ' ':
      return element.order > anchor.order && element.order < anchor.end;
    case '>':
      return element.parentNode === anchor;
    case '+':
      return elementBefore(element, steps) === anchor;
    default:
      return element.parentNode === anchor.parentNode && element.order > anchor.order;
  }
}
