import type { Steps } from '../tree/limits.ts';
import { Attr, DomComment, DomText } from './dom-leaves.ts';
import { elementFrom, textIn, walk } from './dom-walk.ts';
import { Element, Fragment, detach, namespaces } from '../tree/nodes.ts';
import type { Attribute, ChildNode, Parent } from '../tree/nodes.ts';

/**
 * The part of the DOM that Readability uses, with the DOM's names, on nodes of our tree. Readability changes the
 * tree, so it gets a copy. All calls that take longer on a larger page are counted as steps.
 */

/** Elements below this depth become siblings, as in Chromium: Readability calls itself for each level. */
const deepest = 512;

type DomChild = DomElement | DomText | DomComment;

/** Elements of these names in document order. @param names `*`: all */
function elementsIn(root: Parent, steps: Steps, names: readonly string[]): DomElement[] {
  const found: DomElement[] = [];
  const isAll = names.includes('*');
  walk(root, steps, (node) => {
    if (node.nodeType === 1 && (isAll || names.includes(node.localName))) found.push(node as DomElement);
  });
  return found;
}

export class DomElement extends Element {
  readonly ownerDocument: DomDocument;
  readonly tagName: string;
  readonly nodeName: string;

  constructor(name: string, namespace: string | null, attrs: readonly Attr[], ownerDocument: DomDocument) {
    super(name, null, namespace, attrs);
    this.ownerDocument = ownerDocument;
    this.tagName = namespace === namespaces.html ? upper(name) : name;
    this.nodeName = this.tagName;
  }

  get attributes(): readonly Attr[] {
    return this.attrs as readonly Attr[];
  }

  getAttribute(name: string): string | null {
    return this.attribute(name);
  }

  hasAttribute(name: string): boolean {
    return this.attribute(name) !== null;
  }

  removeAttribute(name: string): void {
    if (this.hasAttribute(name)) this.attrs = this.attrs.filter((attr) => attr.name !== name);
  }

  setAttribute(name: string, value: string): void {
    this.setAttributeNode(new Attr(name, value));
  }

  setAttributeNode(added: Attr): void {
    this.attrs = [...this.attrs.filter(({ name }) => name !== added.name), added];
  }

  get id(): string {
    return this.attribute('id') ?? '';
  }

  set id(value: string) {
    this.setAttribute('id', value);
  }

  get className(): string {
    return this.attribute('class') ?? '';
  }

  set className(value: string) {
    this.setAttribute('class', value);
  }

  /** Only images have a `src`; Readability only asks whether there is one. */
  get src(): string | undefined {
    return this.tagName === 'IMG' ? (this.attribute('src') ?? '') : undefined;
  }

  get srcset(): string | undefined {
    return this.tagName === 'IMG' ? (this.attribute('srcset') ?? '') : undefined;
  }

  get style(): { readonly display: string; readonly visibility: string } {
    const style = this.attribute('style');
    return { display: declared(style, 'display'), visibility: declared(style, 'visibility') };
  }

  get childNodes(): DomChild[] {
    const nodes: DomChild[] = [];
    for (let node = this.firstChild; node !== null; node = node.nextSibling) nodes.push(node as DomChild);
    this.ownerDocument.steps.spend(nodes.length);
    return nodes;
  }

  get children(): DomElement[] {
    return this.childNodes.filter((node) => node instanceof DomElement);
  }

  get firstElementChild(): Element | null {
    return elementFrom(this.firstChild);
  }

  get nextElementSibling(): Element | null {
    return this.nextElement;
  }

  get previousElementSibling(): Element | null {
    return this.previousElement;
  }

  get textContent(): string {
    return textIn(this, this.ownerDocument.steps);
  }

  getElementsByTagName(name: string): DomElement[] {
    return elementsIn(this, this.ownerDocument.steps, [name]);
  }

  /** @param selector names of elements */
  querySelectorAll(selector: string): DomElement[] {
    return elementsIn(this, this.ownerDocument.steps, selector.toLowerCase().split(','));
  }

  appendChild(node: ChildNode): void {
    detach(node);
    this.insert(node, null);
  }

  removeChild(node: ChildNode): void {
    detach(node);
  }

  replaceChild(node: ChildNode, old: ChildNode): void {
    detach(node);
    this.insert(node, old);
    detach(old);
  }

  remove(): void {
    detach(this);
  }

  /** Readability only keeps this value to restore the element later, so it is a copy of the nodes instead of a text. */
  get innerHTML(): Fragment {
    const copy = new Fragment();
    copyInto(copy, this, this.ownerDocument);
    return copy;
  }

  set innerHTML(saved: Fragment) {
    while (this.firstChild !== null) detach(this.firstChild);
    copyInto(this, saved, this.ownerDocument);
  }
}

export class DomDocument extends Fragment {
  readonly steps: Steps;
  readonly baseURI: string;
  readonly documentURI: string;

  constructor(tree: Parent, url: string, steps: Steps) {
    super();
    this.steps = steps;
    this.baseURI = url;
    this.documentURI = url;
    copyInto(this, tree, this);
  }

  get documentElement(): Element | null {
    return elementFrom(this.firstChild);
  }

  get body(): Element | null {
    let node = elementFrom(this.documentElement?.firstChild ?? null);
    while (node !== null && node.localName !== 'body') node = node.nextElement;
    return node;
  }

  get title(): string {
    const title = this.getElementsByTagName('title').find(({ isHtml }) => isHtml);
    return title?.textContent.replaceAll(/[\t\n\f\r ]+/g, ' ').trim() ?? '';
  }

  getElementsByTagName(name: string): DomElement[] {
    return elementsIn(this, this.steps, [name]);
  }

  querySelectorAll(selector: string): DomElement[] {
    return elementsIn(this, this.steps, selector.toLowerCase().split(','));
  }

  createElement(name: string): DomElement {
    return new DomElement(name.toLowerCase(), namespaces.html, [], this);
  }

  createTextNode(data: string): DomText {
    return new DomText(data);
  }
}

/** The last declaration of that property in a style attribute. */
function declared(style: string | null, property: string): string {
  if (style === null) return '';
  const values = style
    .toLowerCase()
    .split(';')
    .map((declaration) => declaration.split(':'))
    .filter(([name = '']) => name.trim() === property);
  return (values.at(-1)?.[1] ?? '').replace('!important', '').trim();
}

const uppers = new Map<string, string>();

/** Upper-case names are remembered: there are few, and Readability asks for them all the time. */
function upper(name: string): string {
  let found = uppers.get(name);
  if (found === undefined) {
    found = name.toUpperCase();
    if (uppers.size < 1000) uppers.set(name, found);
  }
  return found;
}

/** Copies what is in a node into another one. Iterative, as pages may be too deep for recursion. */
function copyInto(to: Parent, from: Parent, document: DomDocument): void {
  let depth = 0;
  let steps = 0;
  let target = to;
  let source = from;
  let node = from.firstChild;
  for (;;) {
    steps++;
    if (node !== null) {
      const copy = copyOf(node, document);
      if (copy !== null) target.insert(copy, null);
      if (node instanceof Element && node.firstChild !== null) {
        if (++depth < deepest) target = copy as DomElement;
        source = node;
        node = node.firstChild;
      } else node = node.nextSibling;
    } else if (source === from) break;
    else {
      if (depth-- < deepest) target = target.parentNode ?? to;
      node = (source as Element).nextSibling;
      source = source.parentNode ?? from;
    }
  }
  document.steps.spend(steps);
}

function copyOf(node: ChildNode, document: DomDocument): DomChild | null {
  switch (node.nodeType) {
    case 1: {
      const attrs = node.attrs.map((attr) =>
        attr instanceof Attr ? attr : new Attr(nameOf(attr), attr.value),
      );
      return new DomElement(node.localName, node.namespaceURI, attrs, document);
    }
    case 3:
      return new DomText(node.data);
    case 8:
      return new DomComment(node.data);
    default:
      return null;
  }
}

function nameOf({ prefix, name }: Attribute): string {
  return prefix === undefined ? name : `${prefix}:${name}`;
}
