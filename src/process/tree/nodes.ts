/** Nodes with the names of the DOM Standard. Children are a linked list, so that all changes are O(1). */

export const namespaces = {
  html: 'http://www.w3.org/1999/xhtml',
  svg: 'http://www.w3.org/2000/svg',
  mathml: 'http://www.w3.org/1998/Math/MathML',
  xlink: 'http://www.w3.org/1999/xlink',
  xml: 'http://www.w3.org/XML/1998/namespace',
  xmlns: 'http://www.w3.org/2000/xmlns/',
} as const;

/** As in parse5: the name is the local name if there is a namespace, else the name as written. */
export interface Attribute {
  readonly name: string;
  readonly value: string;
  readonly prefix?: string;
  readonly namespace?: string;
}

export type ChildNode = Element | Text | Comment | Doctype;

abstract class Child {
  parentNode: Parent | null = null;
  previousSibling: ChildNode | null = null;
  nextSibling: ChildNode | null = null;
}

export class Text extends Child {
  readonly nodeType = 3;
  data: string;

  constructor(data: string) {
    super();
    this.data = data;
  }
}

export class Comment extends Child {
  readonly nodeType = 8;
  readonly data: string;

  constructor(data: string) {
    super();
    this.data = data;
  }
}

export class Doctype extends Child {
  readonly nodeType = 10;
  readonly name: string;
  readonly publicId: string;
  readonly systemId: string;

  constructor(name: string, publicId: string, systemId: string) {
    super();
    this.name = name;
    this.publicId = publicId;
    this.systemId = systemId;
  }
}

/** A node with children. */
export abstract class Parent extends Child {
  firstChild: ChildNode | null = null;
  lastChild: ChildNode | null = null;

  /** @param next the child to insert before; null: at the end */
  insert(node: ChildNode, next: ChildNode | null): void {
    const previous = next === null ? this.lastChild : next.previousSibling;
    node.parentNode = this as unknown as Parent;
    node.previousSibling = previous;
    node.nextSibling = next;
    if (previous === null) this.firstChild = node;
    else previous.nextSibling = node;
    if (next === null) this.lastChild = node;
    else next.previousSibling = node;
  }

  /** Inserts text before a child; text that is there already is extended. */
  insertText(data: string, next: ChildNode | null): void {
    const previous = next === null ? this.lastChild : next.previousSibling;
    if (previous instanceof Text) previous.data += data;
    else this.insert(new Text(data), next);
  }
}

/** Removes a node from its parent. */
export function detach(node: ChildNode): void {
  const { parentNode, previousSibling, nextSibling } = node;
  if (parentNode === null) return;
  if (previousSibling === null) parentNode.firstChild = nextSibling;
  else previousSibling.nextSibling = nextSibling;
  if (nextSibling === null) parentNode.lastChild = previousSibling;
  else nextSibling.previousSibling = previousSibling;
  node.parentNode = null;
  node.previousSibling = null;
  node.nextSibling = null;
}

export class Element extends Parent {
  readonly nodeType = 1;
  readonly localName: string;
  readonly prefix: string | null;
  readonly namespaceURI: string | null;
  attrs: readonly Attribute[];
  /** The content of an HTML template, which is not a part of the document. */
  content: Fragment | null = null;
  /** Its index in document order, from 0; `end` is that of the first element behind its descendants. */
  order = -1;
  end = -1;

  constructor(
    localName: string,
    prefix: string | null,
    namespaceURI: string | null,
    attrs: readonly Attribute[],
  ) {
    super();
    this.localName = localName;
    this.prefix = prefix;
    this.namespaceURI = namespaceURI;
    this.attrs = attrs;
  }

  get isHtml(): boolean {
    return this.namespaceURI === namespaces.html;
  }

  /** Whether it is in the namespace of HTML, SVG or MathML. */
  get isOfWebPages(): boolean {
    const { namespaceURI } = this;
    return (
      namespaceURI === namespaces.html ||
      namespaceURI === namespaces.svg ||
      namespaceURI === namespaces.mathml
    );
  }

  /** Its name as written, with its prefix. */
  get qualifiedName(): string {
    return this.prefix === null ? this.localName : `${this.prefix}:${this.localName}`;
  }

  /** Value of the attribute of that name without a namespace; null if it is missing. */
  attribute(name: string): string | null {
    for (const attr of this.attrs) if (attr.name === name && attr.namespace === undefined) return attr.value;
    return null;
  }

  get parentElement(): Element | null {
    return this.parentNode instanceof Element ? this.parentNode : null;
  }

  get previousElement(): Element | null {
    let node = this.previousSibling;
    while (node !== null && !(node instanceof Element)) node = node.previousSibling;
    return node;
  }

  get nextElement(): Element | null {
    let node = this.nextSibling;
    while (node !== null && !(node instanceof Element)) node = node.nextSibling;
    return node;
  }
}

/** The content of a template. */
export class Fragment extends Parent {
  readonly nodeType = 11;
}

export class Document extends Parent {
  readonly nodeType = 9;
  /** Whether it was parsed as HTML, where names ignore case. */
  readonly isHtml: boolean;
  /** Whether it is XHTML, where prefixes of elements are ignored. In other XML a prefix is a part of the name. */
  readonly isXhtml: boolean;
  /** Whether it is in quirks mode, where classes and ids ignore case. */
  isQuirky = false;
  /** All elements in document order, without those in templates. */
  elements: readonly Element[] = [];

  constructor(markup: 'html' | 'xhtml' | 'xml') {
    super();
    this.isHtml = markup === 'html';
    this.isXhtml = markup === 'xhtml';
  }

  get documentElement(): Element | null {
    return this.elements[0] ?? null;
  }
}
