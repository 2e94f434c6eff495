import type { Steps } from '../tree/limits.ts';
import { Element } from '../tree/nodes.ts';
import type { ChildNode, Parent } from '../tree/nodes.ts';

/** Calls a function for all descendants in document order. */
export function walk(root: Parent, steps: Steps, visit: (node: ChildNode) => void): void {
  let count = 0;
  let parent = root;
  let node = root.firstChild;
  for (;;) {
    if (node !== null) {
      visit(node);
      count++;
      if (node.nodeType === 1 && node.firstChild !== null) {
        parent = node;
        node = node.firstChild;
      } else node = node.nextSibling;
    } else if (parent === root) break;
    else {
      node = (parent as Element).nextSibling;
      parent = parent.parentNode ?? root;
    }
  }
  steps.spend(1 + count);
}

export function textIn(root: Parent, steps: Steps): string {
  let text = '';
  walk(root, steps, (node) => {
    if (node.nodeType === 3) text += node.data;
  });
  // Joining is cheap, but the caller then goes through all characters.
  steps.spend(text.length >> 3);
  return text;
}

export function elementFrom(start: ChildNode | null): Element | null {
  let node = start;
  while (node !== null && !(node instanceof Element)) node = node.nextSibling;
  return node;
}
