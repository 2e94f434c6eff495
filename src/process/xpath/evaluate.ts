import xpath from 'xpath';

import { namespaces } from '../tree/nodes.ts';
import type { Document } from '../tree/nodes.ts';
import { nodeBehind } from './dom.ts';
import type { DomNode } from './dom.ts';

/** The result of the library's `parse()`, which its types lack. */
interface Parsed {
  evaluate: (options: object) => unknown;
}

const { parse, XNodeSet, XNumber, XBoolean } = xpath as unknown as {
  readonly parse: (expression: string) => Parsed;
  readonly XNodeSet: new () => { readonly toArray: () => DomNode[] };
  readonly XNumber: new () => { readonly numberValue: () => number };
  readonly XBoolean: new () => { readonly booleanValue: () => boolean };
};

/** The result of an expression; nodes are in document order. */
export type Found = readonly DomNode[] | string | number | boolean;

export type Evaluate = (document: DomNode, tree: Document) => Found;

/** Prefixes for all pages. XML pages add those that their root declares. */
const known = { html: namespaces.html, h: namespaces.html, svg: namespaces.svg, xlink: namespaces.xlink };

/** @throws Error for an invalid XPath 1.0 expression */
export function compileXpath(text: string): Evaluate {
  const expression = parse(text);
  return (document, tree) => {
    const result = expression.evaluate({
      node: document,
      isHtml: tree.isHtml,
      allowAnyNamespaceForNoPrefix: true,
      namespaces: { ...known, ...declared(tree) },
    });
    if (result instanceof XNodeSet) return result.toArray();
    if (result instanceof XNumber) return result.numberValue();
    if (result instanceof XBoolean) return result.booleanValue();
    return String(result);
  };
}

function declared({ documentElement }: Document): Record<string, string> {
  const prefixes = (documentElement?.attrs ?? []).filter(({ prefix }) => prefix === 'xmlns');
  return Object.fromEntries(prefixes.map(({ name, value }) => [name, value]));
}

/** The string-value of a node. */
export function stringOf(node: DomNode): string {
  if (node.nodeValue !== null) return node.nodeValue;
  let text = '';
  for (let next = node.firstChild; next !== null; next = nodeBehind(next, node)) {
    if (next.nodeType === 3) text += next.nodeValue ?? '';
  }
  return text;
}
