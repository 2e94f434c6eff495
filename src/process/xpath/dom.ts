import { Comment, Element, Text, namespaces } from '../tree/nodes.ts';
import type { Attribute, Document, Parent } from '../tree/nodes.ts';

/**
 * The part of a DOM node that the library `xpath` uses. The tree is copied to such nodes, for XPath alone.
 */
export class DomNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly localName: string | null;
  readonly prefix: string | null;
  readonly namespaceURI: string | null;
  readonly nodeValue: string | null;
  /** Index in document order. */
  readonly order: number;
  ownerDocument: DomNode | null = null;
  ownerElement: DomNode | null = null;
  parentNode: DomNode | null = null;
  firstChild: DomNode | null = null;
  lastChild: DomNode | null = null;
  previousSibling: DomNode | null = null;
  nextSibling: DomNode | null = null;
  documentElement: DomNode | null = null;
  attributes: AttributeList | null = null;

  constructor(
    nodeType: number,
    order: number,
    nodeName: string,
    nodeValue: string | null,
    { localName = null, prefix = null, namespaceURI = null }: Names = {},
  ) {
    this.nodeType = nodeType;
    this.order = order;
    this.nodeName = nodeName;
    this.nodeValue = nodeValue;
    this.localName = localName;
    this.prefix = prefix;
    this.namespaceURI = namespaceURI;
  }

  /** Of an attribute. */
  get value(): string | null {
    return this.nodeValue;
  }

  /** Of an attribute. */
  get name(): string {
    return this.nodeName;
  }

  /** DOM Standard: 4 if the other node follows, 2 if it precedes. */
  compareDocumentPosition({ order }: DomNode): number {
    if (order === this.order) return 0;
    return order > this.order ? 4 : 2;
  }

  /** For `lang()`, which asks for `xml:lang`; HTML uses `lang`. */
  getAttributeNS(namespace: string, name: string): string | null {
    const named = (this.attributes ?? []).filter(({ localName }) => localName === name);
    const found = named.find(({ namespaceURI }) => namespaceURI === namespace) ?? named[0];
    return found?.nodeValue ?? null;
  }

  /** For `id()`. */
  getElementById(id: string): DomNode | null {
    for (let node = this.firstChild; node !== null; node = nodeBehind(node, this)) {
      if (node.attributes?.some(({ nodeName, nodeValue }) => nodeName === 'id' && nodeValue === id))
        return node;
    }
    return null;
  }

  append(child: DomNode): void {
    child.parentNode = this;
    child.previousSibling = this.lastChild;
    if (this.lastChild === null) this.firstChild = child;
    else this.lastChild.nextSibling = child;
    this.lastChild = child;
  }
}

interface Names {
  readonly localName?: string | null;
  readonly prefix?: string | null;
  readonly namespaceURI?: string | null;
}

/** The next node in document order below a root; null after the last one. */
export function nodeBehind(node: DomNode, root: DomNode): DomNode | null {
  if (node.firstChild !== null) return node.firstChild;
  let next: DomNode | null = node;
  while (next !== null && next !== root && next.nextSibling === null) next = next.parentNode;
  return next === null || next === root ? null : next.nextSibling;
}

class AttributeList extends Array<DomNode> {
  item(index: number): DomNode | undefined {
    return this[index];
  }
}

/** Copies a tree. Iterative, as pages may be too deep for recursion. */
export function domOf(tree: Document): DomNode {
  let order = 0;
  const document = new DomNode(9, order++, '#document', null);
  const waiting: [parent: DomNode, tree: Parent][] = [];
  const copyOf = (node: Element | Text | Comment): DomNode => {
    if (node instanceof Text) return new DomNode(3, order++, '#text', node.data);
    if (node instanceof Comment) return new DomNode(8, order++, '#comment', node.data);
    const element = new DomNode(1, order++, node.qualifiedName, null, node);
    element.attributes = AttributeList.from(
      node.attrs.filter(({ namespace }) => namespace !== namespaces.xmlns),
      (attr) => attributeOf(attr, order++, element, document),
    ) as AttributeList;
    return element;
  };
  let parent: Parent = tree;
  let copy = document;
  let node = tree.firstChild;
  for (;;) {
    if (node !== null) {
      if (node.nodeType !== 10) {
        const child = copyOf(node);
        child.ownerDocument = document;
        copy.append(child);
        if (node instanceof Element && node.firstChild !== null) {
          waiting.push([copy, parent]);
          copy = child;
          parent = node;
          node = node.firstChild;
          continue;
        }
        if (child.nodeType === 1) document.documentElement ??= child;
      }
      node = node.nextSibling;
      continue;
    }
    const outer = waiting.pop();
    if (outer === undefined) return document;
    if (outer[0] === document) document.documentElement ??= copy;
    node = (parent as Element).nextSibling;
    [copy, parent] = outer;
  }
}

function attributeOf(attr: Attribute, order: number, element: DomNode, document: DomNode): DomNode {
  const prefix = attr.prefix ?? null;
  const nodeName = prefix === null ? attr.name : `${prefix}:${attr.name}`;
  const names = { localName: attr.name, prefix, namespaceURI: attr.namespace ?? null };
  const node = new DomNode(2, order, nodeName, attr.value, names);
  node.ownerElement = element;
  node.ownerDocument = document;
  return node;
}
