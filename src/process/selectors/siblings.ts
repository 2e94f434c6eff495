import type { Steps } from '../tree/limits.ts';
import { Element } from '../tree/nodes.ts';

/**
 * The element before this one in its parent; null for the first. Texts and comments between the two are counted, as the
 * same ones may be passed for each of many elements.
 */
export function elementBefore(element: Element, steps: Steps): Element | null {
  let node = element.previousSibling;
  for (; node !== null && !(node instanceof Element); node = node.previousSibling) steps.spend(1);
  return node;
}

/** The element behind this one in its parent; null for the last. */
export function elementBehind(element: Element, steps: Steps): Element | null {
  let node = element.nextSibling;
  for (; node !== null && !(node instanceof Element); node = node.nextSibling) steps.spend(1);
  return node;
}
