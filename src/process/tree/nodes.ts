/** Nodes with the names of the DOM Standard. Children are linked, so that whatever a page does with them is O(1). */

export const namespaces = {
  html: 'http://www.w3.org/1999/xhtml',
  svg: 'http://www.w3.org/2000/svg',
  mathml: 'http://www.w3.org/1998/Math/MathML',
  xlink: 'http://www.w3.org/1999/xlink',
  xml: 'http://www.w3.org/XML/1998/namespace',
  xmlns: 'http://www.w3.org/2000/xmlns/',
} as const;

/** As parse5 has it: the name is the local one where there is a namespace, else all that is written. */
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

/** What has children. */
export abstract class Parent extends Child {
  firstChild: ChildNode | null = null;
  lastChild: ChildNode | null = null;

  /** @param next the child that it is put before; null: behind all */
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

  /** Puts text before a child, joined with the text that stands there. */
  insertText(data: string, next: ChildNode | null): void {
    const previous = next === null ? this.lastChild : next.previousSibling;
    if (previous instanceof Text) previous.data += data;
    else this.insert(new Text(data), next);
  }
}

/** Takes a node out of its parent. */
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
  /** Of a template of HTML: what it holds, which is no part of the document. */
  content: Fragment | null = null;
  /** Its place in the order of the document, from 0; `end` is that of the first element behind all that it holds. */
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

  /** Whether it is of HTML, or a drawing or formula as they stand in HTML. */
  get isOfWebPages(): boolean {
    const { namespaceURI } = this;
    return (
      namespaceURI === namespaces.html ||
      namespaceURI === namespaces.svg ||
      namespaceURI === namespaces.mathml
    );
  }

  /** Its name as it is written, with its prefix. */
  get qualifiedName(): string {
    return this.prefix === null ? this.localName : `${this.prefix}:${this.localName}`;
  }

  /** Value of the attribute of that name without a namespace; null without it. */
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

/** What a template holds. */
export class Fragment extends Parent {
  readonly nodeType = 11;
}

export class Document extends Parent {
  readonly nodeType = 9;
  /** Whether names have no case, as in what HTML's own rules have read. */
  readonly isHtml: boolean;
  /** Whether names mean elements whatever their prefix is. In other XML a prefix is a part of the name. */
  readonly isXhtml: boolean;
  /** Whether classes and identifiers have no case either: the page has no doctype of today. */
  isQuirky = false;
  /** All elements, in order; without the contents of templates. */
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
