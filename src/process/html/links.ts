import { Reader } from './reader.ts';
import type { Attributes, HtmlExtractor } from './reader.ts';

/** The URLs of all a and area elements that have an href, in document order. */
export const links: HtmlExtractor = { tags: ['a', 'area'], read: () => new LinksReader() };

class LinksReader extends Reader {
  readonly #hrefs: string[] = [];

  open(_name: string, tag: Attributes): void {
    const href = tag.attribute('href');
    if (href !== null) this.#hrefs.push(href);
  }

  value(resolve: (href: string) => string): string[] {
    // Resolved at the end, as the base element may follow the links.
    return this.#hrefs.map(resolve);
  }
}
