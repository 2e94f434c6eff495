import { Element, namespaces } from '../tree/nodes.ts';
import type { ChildNode, Parent } from '../tree/nodes.ts';
import { voidElements, xmlTree } from '../tree/xml-tree.ts';
import type { HtmlExtractor, Reader } from './reader.ts';

/**
 * What `htmlPass` is for HTML: makes what takes these values out of a page that is XML. There a tag that closes itself
 * does so whatever its name is, and scripts and titles hold what other elements do; so the readers are shown its tree.
 */
export function xhtmlPass(extractors: readonly HtmlExtractor[]): (text: string) => readonly Reader[] {
  const tags = extractors.map((extractor) => new Set(extractor.tags));
  return (text) => {
    const readers = extractors.map(({ read }) => read());
    new Walk(readers, tags).through(xmlTree(text, 'xhtml'));
    return readers;
  };
}

class Walk {
  readonly #readers: readonly Reader[];
  readonly #tags: readonly ReadonlySet<string>[];
  /** How many open elements show nothing of the text within. */
  #hiding = 0;

  constructor(readers: readonly Reader[], tags: readonly ReadonlySet<string>[]) {
    this.#readers = readers;
    this.#tags = tags;
  }

  /** In steps and not by recursion, as pages may be deep; ends when all readers have what they want. */
  through(tree: Parent): void {
    let parent = tree;
    let node: ChildNode | null = tree.firstChild;
    while (!this.#readers.every(({ done }) => done)) {
      if (node instanceof Element) {
        this.#enter(node);
        parent = node;
        node = node.firstChild;
      } else if (node !== null) {
        if (node.nodeType === 3) this.#show(node.data);
        node = node.nextSibling;
      } else if (parent instanceof Element) {
        this.#leave(parent);
        node = parent.nextSibling;
        parent = parent.parentNode ?? tree;
      } else return;
    }
  }

  #enter(element: Element): void {
    if (hides(element)) this.#hiding++;
    if (element.isHtml) this.#tell(element.localName, (reader) => reader.open(element.localName, element));
  }

  #leave(element: Element): void {
    if (hides(element)) this.#hiding--;
    // HTML has no end tag for these.
    if (!element.isHtml || voidElements.has(element.localName)) return;
    this.#tell(element.localName, (reader) => reader.close(element.localName));
  }

  #tell(name: string, tell: (reader: Reader) => void): void {
    for (const [index, reader] of this.#readers.entries()) if (this.#tags[index]?.has(name)) tell(reader);
  }

  #show(text: string): void {
    for (const reader of this.#readers) if (reader.reading) reader.text(text, this.#hiding > 0);
  }
}

/** Drawings, and what only programs read of a formula. */
function hides({ namespaceURI, localName }: Element): boolean {
  if (namespaceURI === namespaces.svg) return localName === 'svg';
  return namespaceURI === namespaces.mathml && localName.startsWith('annotation');
}
