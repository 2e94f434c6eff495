import { ownText } from '../../shared/own-text.ts';
import type { Page } from '../../shared/records.ts';
import { Steps, TooLarge } from '../tree/limits.ts';
import { Element } from '../tree/nodes.ts';
import type { Document, Parent } from '../tree/nodes.ts';
import { ofTree } from '../tree/page-tree.ts';
import { textContent } from '../tree/tree.ts';
import { Resolver } from './resolver.ts';

/** An item as the HTML Standard writes it, "converting HTML to other formats: JSON". */
interface Item {
  readonly type?: readonly string[];
  readonly id?: string;
  readonly properties: Readonly<Record<string, readonly (string | Item)[]>>;
}

/** The top-level items of the page, in document order. */
export const microdata = ofTree((tree, page) => new Microdata(tree, page).items());

/** Deepest nesting of items within items; real pages have a handful of levels. */
const deepest = 200;

/** Elements whose value is a URL, with the attribute that holds it. */
const urlAttributes = new Map([
  ...['audio', 'embed', 'iframe', 'img', 'source', 'track', 'video'].map((name) => [name, 'src'] as const),
  ...['a', 'area', 'link'].map((name) => [name, 'href'] as const),
  ['object', 'data'],
]);

class Microdata {
  readonly #tree: Document;
  readonly #resolver: Resolver;
  readonly #steps: Steps;
  #ids: ReadonlyMap<string, Element> | null = null;

  constructor(tree: Document, page: Page) {
    const { length } = page.text();
    const base = tree.elements.find(
      (element) => isHtml(element, 'base') && element.attribute('href') !== null,
    );
    this.#tree = tree;
    this.#resolver = new Resolver(page.url, base?.attribute('href') ?? null, length, page.charset);
    // With `itemref` many items can share the same elements, so that a small page would give values without limit.
    this.#steps = new Steps(2 ** 20 + 16 * length);
  }

  items(): Item[] {
    return this.#tree.elements
      .filter((element) => isItem(element) && element.attribute('itemprop') === null)
      .map((element) => this.#itemOf(element, [element]));
  }

  /** @param around the item and the items that contain it */
  #itemOf(element: Element, around: readonly Element[]): Item {
    if (around.length > deepest) throw new TooLarge('the items are nested too deep');
    const properties = new Map<string, (string | Item)[]>();
    for (const property of this.#propertiesOf(element)) {
      const value = this.#valueOf(property, around);
      for (const name of this.#tokens(property, 'itemprop')) {
        const values = properties.get(name);
        if (values === undefined) properties.set(name, [value]);
        else values.push(value);
      }
    }
    const type = this.#tokens(element, 'itemtype');
    const id = element.attribute('itemid');
    return {
      ...(type.length > 0 && { type }),
      ...(id !== null && { id: this.#url(id) }),
      properties: Object.fromEntries(properties),
    };
  }

  /** HTML Standard, "the properties of an item" */
  #propertiesOf(item: Element): Element[] {
    const found: Element[] = [];
    const seen = new Set<Element>([item]);
    const pending = [...childElements(item), ...this.#referredBy(item)];
    for (let element = pending.pop(); element !== undefined; element = pending.pop()) {
      this.#steps.spend(1 + element.attrs.length);
      if (seen.has(element)) continue;
      seen.add(element);
      if (!isItem(element)) for (const child of childElements(element)) pending.push(child);
      if (element.isHtml && this.#tokens(element, 'itemprop').length > 0) found.push(element);
    }
    return found.toSorted((a, b) => a.order - b.order);
  }

  #referredBy(item: Element): Element[] {
    const ids = this.#tokens(item, 'itemref');
    if (ids.length === 0) return [];
    this.#ids ??= firstById(this.#tree);
    return ids.map((id) => this.#ids?.get(id)).filter((element) => element !== undefined);
  }

  /** HTML Standard, "the property value of a name-value pair" */
  #valueOf(element: Element, around: readonly Element[]): string | Item {
    if (isItem(element)) {
      return around.includes(element) ? 'ERROR' : this.#itemOf(element, [...around, element]);
    }
    const { localName } = element;
    const urlAttribute = urlAttributes.get(localName);
    if (urlAttribute !== undefined) {
      const url = element.attribute(urlAttribute);
      return url === null ? '' : this.#url(url);
    }
    if (localName === 'meta') return this.#own(element.attribute('content') ?? '');
    if (localName === 'data' || localName === 'meter') return this.#own(element.attribute('value') ?? '');
    const said = localName === 'time' ? element.attribute('datetime') : null;
    return said === null
      ? ownText(textContent(element, (steps) => this.#steps.spend(steps)))
      : this.#own(said);
  }

  /** The absolute URL; empty for an invalid one. */
  #url(href: string): string {
    const url = this.#resolver.resolve(href);
    this.#steps.spend(url.length);
    try {
      return new URL(url).href;
    } catch {
      return '';
    }
  }

  #own(value: string): string {
    this.#steps.spend(value.length);
    return ownText(value);
  }

  /** HTML Standard, "unordered set of unique space-separated tokens" */
  #tokens(element: Element, attribute: string): string[] {
    const value = element.attribute(attribute);
    if (value === null) return [];
    // An element that many items share has its names in each of them.
    this.#steps.spend(value.length);
    return [...new Set(value.split(/[\t\n\f\r ]+/).filter((token) => token !== ''))].map(ownText);
  }
}

function isItem(element: Element): boolean {
  return element.isHtml && element.attribute('itemscope') !== null;
}

function isHtml(element: Element, name: string): boolean {
  return element.isHtml && element.localName === name;
}

function* childElements(parent: Parent): Generator<Element> {
  for (let node = parent.firstChild; node !== null; node = node.nextSibling) {
    if (node instanceof Element) yield node;
  }
}

function firstById({ elements }: Document): Map<string, Element> {
  const ids = new Map<string, Element>();
  for (const element of elements) {
    const id = element.attribute('id');
    if (id !== null && !ids.has(id)) ids.set(id, element);
  }
  return ids;
}
