import { Tokenizer, html as standard } from 'parse5';
import type { Token, TreeAdapter, TreeAdapterTypeMap } from 'parse5';

import { NodeCount, checkDepth } from './limits.ts';
import { Comment, Doctype, Document, Element, Fragment, Text, detach } from './nodes.ts';
import type { ChildNode, Parent } from './nodes.ts';
import { StandardParser } from './standard-parser.ts';

type Node = Document | ChildNode | Fragment;
type Types = TreeAdapterTypeMap<
  Node,
  Parent,
  ChildNode,
  Document,
  Fragment,
  Element,
  Comment,
  Text,
  Element,
  Doctype
>;

/**
 * Parses HTML as the HTML Standard says and as a browser without scripts does, so `noscript` contains elements.
 *
 * @throws RangeError when it has more nodes, or is nested deeper, than any real page
 */
export function htmlTree(text: string): Document {
  const builder = new Builder();
  // No errors and source positions, as only the tree is needed.
  const parser = new StandardParser<Types>({ treeAdapter: builder, scriptingEnabled: false });
  builder.depth = () => parser.openElements.stackTop;
  parser.tokenizer = new BoundedTokenizer(parser.options, parser);
  parser.tokenizer.write(text, true);
  return parser.document;
}

const pieceLength = 65_536;

/** Counts the attributes of a tag while it is read, as a tag that never ends would fill the memory. */
class BoundedTokenizer extends Tokenizer {
  override write(text: string, isLast: boolean): void {
    for (let at = 0; at < text.length - pieceLength; at += pieceLength) {
      super.write(text.slice(at, at + pieceLength), false);
      if (this.currentToken !== null && 'attrs' in this.currentToken) {
        new NodeCount().add(this.currentToken.attrs.length);
      }
    }
    const rest = Math.max(0, Math.ceil(text.length / pieceLength) - 1) * pieceLength;
    super.write(text.slice(rest), isLast);
  }
}

/** Builds the tree for parse5 and counts its nodes. */
class Builder implements TreeAdapter<Types> {
  /** How many elements are open. */
  depth: () => number = () => 0;
  readonly #count = new NodeCount();

  createDocument(): Document {
    return new Document('html');
  }

  createDocumentFragment(): Fragment {
    return new Fragment();
  }

  createElement(name: string, namespace: standard.NS, attrs: Token.Attribute[]): Element {
    this.#count.add(1 + attrs.length);
    checkDepth(this.depth());
    return new Element(name, null, namespace, attrs);
  }

  createCommentNode(data: string): Comment {
    this.#count.add(1);
    return new Comment(data);
  }

  createTextNode(data: string): Text {
    this.#count.add(1);
    return new Text(data);
  }

  setDocumentType(document: Document, name: string, publicId: string, systemId: string): void {
    document.insert(new Doctype(name, publicId, systemId), null);
  }

  setDocumentMode(document: Document, mode: standard.DOCUMENT_MODE): void {
    document.isQuirky = mode === standard.DOCUMENT_MODE.QUIRKS;
  }

  getDocumentMode(document: Document): standard.DOCUMENT_MODE {
    return document.isQuirky ? standard.DOCUMENT_MODE.QUIRKS : standard.DOCUMENT_MODE.NO_QUIRKS;
  }

  appendChild(parent: Parent, node: ChildNode): void {
    parent.insert(node, null);
  }

  insertBefore(parent: Parent, node: ChildNode, next: ChildNode): void {
    parent.insert(node, next);
  }

  insertText(parent: Parent, data: string): void {
    this.#insertText(parent, data, null);
  }

  insertTextBefore(parent: Parent, data: string, next: ChildNode): void {
    this.#insertText(parent, data, next);
  }

  #insertText(parent: Parent, data: string, next: ChildNode | null): void {
    const previous = next === null ? parent.lastChild : next.previousSibling;
    if (!(previous instanceof Text)) this.#count.add(1);
    parent.insertText(data, next);
  }

  detachNode(node: ChildNode): void {
    detach(node);
  }

  adoptAttributes(element: Element, attrs: Token.Attribute[]): void {
    const known = new Set(element.attrs.map(({ name }) => name));
    const added = attrs.filter(({ name }) => !known.has(name));
    if (added.length === 0) return;
    this.#count.add(added.length);
    element.attrs = [...element.attrs, ...added];
  }

  setTemplateContent(template: Element, content: Fragment): void {
    template.content = content;
  }

  getTemplateContent(template: Element): Fragment {
    return template.content ?? new Fragment();
  }

  getFirstChild(parent: Parent): ChildNode | null {
    return parent.firstChild;
  }

  getChildNodes(parent: Parent): ChildNode[] {
    const children = [];
    for (let node = parent.firstChild; node !== null; node = node.nextSibling) children.push(node);
    return children;
  }

  getParentNode(node: Node): Parent | null {
    return node.parentNode;
  }

  getAttrList(element: Element): Token.Attribute[] {
    return element.attrs as Token.Attribute[];
  }

  getTagName(element: Element): string {
    return element.localName;
  }

  getNamespaceURI(element: Element): standard.NS {
    // oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- parse5 itself has given it
    return element.namespaceURI as standard.NS;
  }

  getTextNodeContent(node: Text): string {
    return node.data;
  }

  getCommentNodeContent(node: Comment): string {
    return node.data;
  }

  getDocumentTypeNodeName(node: Doctype): string {
    return node.name;
  }

  getDocumentTypeNodePublicId(node: Doctype): string {
    return node.publicId;
  }

  getDocumentTypeNodeSystemId(node: Doctype): string {
    return node.systemId;
  }

  isTextNode(node: Node): node is Text {
    return node.nodeType === 3;
  }

  isCommentNode(node: Node): node is Comment {
    return node.nodeType === 8;
  }

  isDocumentTypeNode(node: Node): node is Doctype {
    return node.nodeType === 10;
  }

  isElementNode(node: Node): node is Element {
    return node.nodeType === 1;
  }

  setNodeSourceCodeLocation(): void {}

  updateNodeSourceCodeLocation(): void {}

  getNodeSourceCodeLocation(): null {
    return null;
  }
}
