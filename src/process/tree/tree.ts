import { htmlTree } from './html-tree.ts';
import { checkDepth } from './limits.ts';
import { Element } from './nodes.ts';
import type { ChildNode, Document, Parent } from './nodes.ts';
import { xmlTree } from './xml-tree.ts';

/** `xhtml` is XML whose elements are those of HTML where nothing else is said. */
export type Markup = 'html' | 'xhtml' | 'xml';

/**
 * The tree of a page: for HTML that of the HTML Standard, as browsers make it; for XML the one that its tags say.
 *
 * @throws RangeError when it has more nodes, or is nested deeper, than any real page
 */
export function treeOf(text: string, markup: Markup): Document {
  const tree = markup === 'html' ? htmlTree(text) : xmlTree(text, markup);
  tree.elements = elementsIn(tree);
  return tree;
}

/** All elements in their order, each told its place; in steps and not by recursion, as pages may be deep. */
function elementsIn(tree: Document): Element[] {
  const elements: Element[] = [];
  let depth = 0;
  let parent: Parent = tree;
  let node: ChildNode | null = tree.firstChild;
  for (;;) {
    if (node instanceof Element) {
      node.order = elements.length;
      elements.push(node);
      checkDepth(++depth);
      parent = node;
      node = node.firstChild;
    } else if (node !== null) node = node.nextSibling;
    else if (parent instanceof Element) {
      parent.end = elements.length;
      depth--;
      node = parent.nextSibling;
      parent = parent.parentNode ?? tree;
    } else return elements;
  }
}

/** The DOM's textContent: all text below the node, that of scripts too. @param spend told of the steps that it takes */
export function textContent(root: Parent, spend: (steps: number) => void): string {
  let text = '';
  for (const node of nodesIn(root)) {
    spend(node.nodeType === 3 ? 1 + node.data.length : 1);
    if (node.nodeType === 3) text += node.data;
  }
  return text;
}

/** All nodes below one, in order; in steps and not by recursion, as pages may be deep. */
export function* nodesIn(root: Parent): Generator<ChildNode> {
  let parent = root;
  let node = root.firstChild;
  for (;;) {
    if (node !== null) {
      yield node;
      if (node.nodeType === 1 && node.firstChild !== null) {
        parent = node;
        node = node.firstChild;
      } else node = node.nextSibling;
    } else if (parent === root) return;
    else {
      node = (parent as Element).nextSibling;
      parent = parent.parentNode ?? root;
    }
  }
}
