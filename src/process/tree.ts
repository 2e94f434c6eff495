import type { Options } from 'css-select';
import { DomHandler, hasChildren, isTag, isText } from 'domhandler';
import type { AnyNode, Document, Element } from 'domhandler';
import { DomUtils, Parser } from 'htmlparser2';

/** The syntax that a tree is read by. */
export type Syntax = 'html' | 'xml';

/** Real pages stay far below these limits; hostile ones would fill the memory or take hours. */
const limits = { nodes: 1_000_000, depth: 5000, steps: 100_000_000 };

/**
 * Parses a page to a tree of the elements that are written in it, without those that a browser would add.
 *
 * @throws RangeError when it has more elements, or is nested deeper, than any real page
 */
export function treeOf(text: string, syntax: Syntax): Document {
  const options = { xmlMode: syntax === 'xml' };
  const handler = new LimitedHandler(null, options);
  new Parser(handler, options).end(text);
  return handler.root;
}

class LimitedHandler extends DomHandler {
  #nodes = 0;

  onattribute(): void {
    this.#count();
  }

  protected override addNode(node: Parameters<DomHandler['addNode']>[0]): void {
    this.#count();
    if (this.tagStack.length > limits.depth) {
      throw new RangeError(`the page is nested more than ${limits.depth} elements deep`);
    }
    super.addNode(node);
  }

  #count(): void {
    if (++this.#nodes > limits.nodes) {
      throw new RangeError(`the page has more than ${limits.nodes} elements, texts and attributes`);
    }
  }
}

/**
 * Gives css-select access to trees and limits the number of steps. Some selectors take time that grows with the square of
 * the page (`:nth-child()` counts all siblings of each element), and no timer can interrupt them.
 */
export class Walker {
  /** Options for css-select: its usual access to trees, with the steps counted. */
  readonly options: Required<Pick<Options<AnyNode, Element>, 'adapter'>> & {
    readonly equals: (a: AnyNode, b: AnyNode) => boolean;
  };
  #steps = 0;

  constructor() {
    const spend = (steps: number): void => this.#spend(steps);
    this.options = {
      adapter: {
        ...DomUtils,
        isTag: (node): node is Element => {
          spend(1);
          return isTag(node);
        },
        getParent: (node) => {
          spend(1);
          return node.parent;
        },
        getText: (node) => this.text(node),
      },
      equals: (a, b) => {
        spend(1);
        return a === b;
      },
    };
  }

  /** Resets the count. */
  restart(): void {
    this.#steps = 0;
  }

  /** The DOM's textContent: all text below the node, including scripts. @throws RangeError after too many steps */
  text(node: AnyNode): string {
    let text = '';
    const waiting = [node];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      this.#spend(1);
      if (isText(next)) {
        this.#spend(next.data.length);
        text += next.data;
      } else if (hasChildren(next)) {
        for (let i = next.children.length - 1; i >= 0; i--) waiting.push(next.children[i] as AnyNode);
      }
    }
    return text;
  }

  #spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > limits.steps) throw new RangeError('the page is too large for this selector');
  }
}
