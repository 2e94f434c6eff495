import { Reader } from './reader.ts';
import type { Attributes, HtmlExtractor } from './reader.ts';

/** What the a and area elements with an href lead to, in order. */
export const links: HtmlExtractor = { tags: ['a', 'area'], read: () => new LinksReader() };

class LinksReader extends Reader {
  readonly #hrefs: string[] = [];

  open(_name: string, tag: Attributes): void {
    const href = tag.attribute('href');
    if (href !== null) this.#hrefs.push(href);
  }

  value(resolve: (href: string) => string): string[] {
    // All are resolved at the end: the base may come after them.
    return this.#hrefs.map(resolve);
  }
}
