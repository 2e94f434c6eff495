import { decodeHTML } from 'entities/decode';
import { Parser } from 'htmlparser2';
import type { Handler } from 'htmlparser2';

import { NodeCount, checkDepth } from './limits.ts';
import { Comment, Document, Element, Fragment, namespaces } from './nodes.ts';
import type { Attribute, Parent } from './nodes.ts';

/** Void elements of HTML. If one is not closed, which is an error in XML, it must not contain the elements that follow. */
export const voidElements = new Set(
  'area base br col embed frame hr img input link meta param source track wbr'.split(' '),
);

/**
 * Parses XML. Errors are ignored: an element that is not closed properly ends with its parent.
 *
 * @param markup `xhtml`: elements without a namespace are those of HTML
 * @throws RangeError when it has more nodes, or is nested deeper, than any real page
 */
export function xmlTree(text: string, markup: 'xhtml' | 'xml'): Document {
  const builder = new Builder(markup);
  new Parser(builder, { xmlMode: true }).end(markup === 'xml' ? text : withLetters(text));
  return builder.document;
}

/** Replaces the named references of HTML, which the document types of XHTML declare, but not those of XML itself. */
function withLetters(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(
    /<!\[CDATA\[.*?(?:\]\]>|$)|&(?!(?:amp|lt|gt|quot|apos);)[a-z][a-z\d]*;/gis,
    (found) => (found.startsWith('&') ? decodeHTML(found) : found),
  );
}

class Builder implements Partial<Handler> {
  readonly document: Document;
  readonly #count = new NodeCount();
  readonly #scope = new Scope();
  readonly #open: Parent[];
  /** How many elements the tags have opened. */
  #depth = 0;

  constructor(markup: 'xhtml' | 'xml') {
    this.document = new Document(markup);
    this.#open = [this.document];
    this.#scope.enter({
      xmlns: markup === 'xhtml' ? namespaces.html : '',
      'xmlns:xml': namespaces.xml,
      'xmlns:xmlns': namespaces.xmlns,
    });
  }

  onattribute(): void {
    this.#count.add(1);
  }

  onopentag(name: string, attributes: Readonly<Record<string, string>>): void {
    this.#count.add(1);
    checkDepth(++this.#depth);
    this.#leaveVoid();
    this.#scope.enter(attributes);
    const { prefix, localName } = split(name);
    const attrs = Object.entries(attributes).map(([key, value]) => this.#attribute(key, value));
    const element = new Element(localName, prefix, this.#scope.namespaceOf(prefix ?? ''), attrs);
    if (element.isHtml && localName === 'template') element.content = new Fragment();
    this.#target().insert(element, null);
    this.#open.push(element);
  }

  onclosetag(name: string): void {
    this.#depth--;
    const element = this.#open.at(-1);
    // A void element was already closed if something followed it.
    if (element instanceof Element && element.qualifiedName === name) this.#leave();
  }

  ontext(data: string): void {
    this.#leaveVoid();
    const parent = this.#target();
    if (parent === this.document) return;
    if (parent.lastChild?.nodeType !== 3) this.#count.add(1);
    parent.insertText(data, null);
  }

  oncomment(data: string): void {
    this.#count.add(1);
    this.#target().insert(new Comment(data), null);
  }

  /** The parent of the next node: the innermost open element, or the content of a template. */
  #target(): Parent {
    const open = this.#open.at(-1) ?? this.document;
    return (open instanceof Element ? open.content : null) ?? open;
  }

  #attribute(name: string, value: string): Attribute {
    if (name === 'xmlns') return { name, value, namespace: namespaces.xmlns };
    const { prefix, localName } = split(name);
    const namespace = prefix === null ? null : this.#scope.namespaceOf(prefix);
    return prefix === null || namespace === null
      ? { name, value }
      : { name: localName, value, prefix, namespace };
  }

  #leave(): void {
    this.#open.pop();
    this.#scope.leave();
  }

  #leaveVoid(): void {
    const element = this.#open.at(-1);
    if (element instanceof Element && element.isHtml && voidElements.has(element.localName)) this.#leave();
  }
}

/** The namespaces in scope at the current place. */
class Scope {
  /** Namespaces by prefix, the innermost last; '' is the default namespace. */
  readonly #declared = new Map<string, string[]>();
  /** The prefixes that each open element declares. */
  readonly #prefixes: (readonly string[])[] = [];

  enter(attributes: Readonly<Record<string, string>>): void {
    const prefixes: string[] = [];
    for (const name of Object.keys(attributes)) {
      if (name !== 'xmlns' && !name.startsWith('xmlns:')) continue;
      const prefix = name.slice(6);
      const known = this.#declared.get(prefix);
      if (known === undefined) this.#declared.set(prefix, [attributes[name] ?? '']);
      else known.push(attributes[name] ?? '');
      prefixes.push(prefix);
    }
    this.#prefixes.push(prefixes);
  }

  leave(): void {
    for (const prefix of this.#prefixes.pop() ?? none) this.#declared.get(prefix)?.pop();
  }

  namespaceOf(prefix: string): string | null {
    const namespace = this.#declared.get(prefix)?.at(-1) ?? '';
    return namespace === '' ? null : namespace;
  }
}

const none: readonly string[] = [];

function split(name: string): { readonly prefix: string | null; readonly localName: string } {
  const at = name.indexOf(':');
  return at <= 0
    ? { prefix: null, localName: name }
    : { prefix: name.slice(0, at), localName: name.slice(at + 1) };
}
