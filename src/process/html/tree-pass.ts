import { Element, namespaces } from '../tree/nodes.ts';
import type { ChildNode, Parent } from '../tree/nodes.ts';
import { voidElements } from '../tree/xml-tree.ts';
import type { HtmlExtractor, Reader } from './reader.ts';

/** Does what `htmlPass` does, for a page or a part of one that has been parsed to a tree. */
export function treePass(extractors: readonly HtmlExtractor[]): (tree: Parent) => readonly Reader[] {
  const tags = extractors.map((extractor) => new Set(extractor.tags));
  return (tree) => {
    const readers = extractors.map(({ read }) => read());
    new Walk(readers, tags).through(tree);
    return readers;
  };
}

class Walk {
  readonly #readers: readonly Reader[];
  readonly #tags: readonly ReadonlySet<string>[];
  /** How many open elements hide their text. */
  #hiding = 0;

  constructor(readers: readonly Reader[], tags: readonly ReadonlySet<string>[]) {
    this.#readers = readers;
    this.#tags = tags;
  }

  /** Walks the tree until all readers are done. Iterative, as pages may be too deep for recursion. */
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
    // Readers expect no end tag of void elements.
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

/** Whether the text in an element is hidden: in svg, and in annotations of math. */
function hides({ namespaceURI, localName }: Element): boolean {
  if (namespaceURI === namespaces.svg) return localName === 'svg';
  return namespaceURI === namespaces.mathml && localName.startsWith('annotation');
}
