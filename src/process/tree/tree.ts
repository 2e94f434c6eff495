import { htmlTree } from './html-tree.ts';
import { checkDepth } from './limits.ts';
import { Element } from './nodes.ts';
import type { ChildNode, Document, Parent } from './nodes.ts';
import { xmlTree } from './xml-tree.ts';

/** `xhtml` is XML whose elements without a namespace are those of HTML. */
export type Markup = 'html' | 'xhtml' | 'xml';

/**
 * Parses a page to a tree: HTML as browsers do, by the HTML Standard; XML by its tags.
 *
 * @throws RangeError when it has more nodes, or is nested deeper, than any real page
 */
export function treeOf(text: string, markup: Markup): Document {
  const tree = markup === 'html' ? htmlTree(text) : xmlTree(text, markup);
  tree.elements = elementsIn(tree);
  return tree;
}

/** All elements in document order, with their indexes set. Iterative, as pages may be too deep for recursion. */
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

/** The DOM's textContent: all text below the node, including scripts. @param spend called with the steps that it takes */
export function textContent(root: Parent, spend: (steps: number) => void): string {
  let text = '';
  for (const node of nodesIn(root)) {
    spend(node.nodeType === 3 ? 1 + node.data.length : 1);
    if (node.nodeType === 3) text += node.data;
  }
  return text;
}

/** All descendants of a node in document order. Iterative, as pages may be too deep for recursion. */
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
