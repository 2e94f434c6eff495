import type { Element } from '../tree/nodes.ts';
import { outcomeOf } from './outcome.ts';
import type { Compound } from './outcome.ts';
import type { Search, Test } from './search.ts';
import { elementBehind } from './siblings.ts';
import type { Combinator } from './syntax.ts';

/** `:has()`: a test whether one of these selectors matches, relative to an element. */
export function hasTest(selectors: readonly (readonly Compound[])[]): Test {
  const tests = selectors.map((compounds) =>
    compounds.length === 1 && compounds[0]?.combinator === ' '
      ? descendantTest(compounds[0])
      : relativeTest(compounds),
  );
  return (element, search) => tests.some((test) => test(element, search));
}

/** The common `:has(a)`: finds all elements with such a descendant at once. */
function descendantTest(compound: Compound): Test {
  return (element, search) => {
    let holders = search.memo.get(compound) as Uint8Array | undefined;
    if (holders === undefined) {
      holders = holdersOf(compound, search);
      search.memo.set(compound, holders);
    }
    return holders[element.order] === 1;
  };
}

function holdersOf({ test }: Compound, search: Search): Uint8Array {
  const { elements } = search.tree;
  const holders = new Uint8Array(elements.length);
  for (const element of elements) {
    if (!test(element, search)) continue;
    for (let up = element.parentElement; up !== null && holders[up.order] === 0; up = up.parentElement) {
      holders[up.order] = 1;
    }
  }
  return holders;
}

function relativeTest(compounds: readonly Compound[]): Test {
  const last = compounds.length - 1;
  const first = compounds[0]?.combinator ?? ' ';
  const isWithin = first === ' ' || first === '>';
  return (anchor, search) => {
    const { elements } = search.tree;
    const from = isWithin ? anchor.order + 1 : anchor.end;
    const to = isWithin ? anchor.end : endOfSiblings(anchor, first, search);
    for (let order = from; order < to; order++) {
      const element = elements[order] as Element;
      if (outcomeOf(compounds, last, element, anchor, search) === 'match') return true;
      // Only children can match, so their descendants are skipped.
      if (last === 0 && first !== ' ') order = element.end - 1;
    }
    return false;
  };
}

/** The end, in document order, of the siblings that can match. */
function endOfSiblings(element: Element, combinator: Combinator, { tree, steps }: Search): number {
  if (combinator === '+') return elementBehind(element, steps)?.end ?? 0;
  return element.parentElement?.end ?? tree.elements.length;
}
