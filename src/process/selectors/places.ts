import { Element } from '../tree/nodes.ts';
import { isNth } from './nth.ts';
import type { Search, Test } from './search.ts';
import type { Nth, PseudoClass } from './syntax.ts';

const first: Nth = { step: 0, offset: 1 };

/** `:nth-child()` and its kind, and `:first-of-type` and its kind. @param filter the selectors behind `of` */
export function placeTest({ name, nth }: PseudoClass, filter: Test | null): Test {
  const isOfType = name.endsWith('-of-type');
  const isFromEnd = name.includes('last-');
  if (name === 'only-of-type') {
    const [begins, ends] = [countOf(true, false, null), countOf(true, true, null)];
    return (element, search) => begins(element, search) === 1 && ends(element, search) === 1;
  }
  const count = countOf(isOfType, isFromEnd, filter);
  return (element, search) => {
    const place = count(element, search);
    return place > 0 && isNth(nth ?? first, place);
  };
}

/**
 * The place of an element among its siblings, from 1; 0 if the filter excludes it. All siblings are counted when the first
 * of them is asked for.
 */
function countOf(
  isOfType: boolean,
  isFromEnd: boolean,
  filter: Test | null,
): (element: Element, search: Search) => number {
  const key = {};
  return (element, search) => {
    const places = placesBy(key, search);
    const known = places[element.order] as number;
    if (known !== unknown) return known;
    const counts = new Map<string, number>();
    let node = isFromEnd ? element.parentNode?.lastChild : element.parentNode?.firstChild;
    for (; node; node = isFromEnd ? node.previousSibling : node.nextSibling) {
      search.steps.spend(1);
      if (!(node instanceof Element)) continue;
      const isCounted = filter === null || filter(node, search);
      const type = isOfType ? `${node.namespaceURI} ${node.localName}` : '';
      const place = (counts.get(type) ?? 0) + 1;
      if (isCounted) counts.set(type, place);
      places[node.order] = isCounted ? place : 0;
    }
    return places[element.order] as number;
  };
}

const unknown = -1;

function placesBy(key: object, { memo, tree }: Search): Int32Array {
  const known = memo.get(key) as Int32Array | undefined;
  if (known !== undefined) return known;
  const places = new Int32Array(tree.elements.length).fill(unknown);
  memo.set(key, places);
  return places;
}
