import { linkTypes } from './link-types.ts';
import { isAbsolute } from './resolver.ts';
import { Reader } from './reader.ts';
import type { Attributes, HtmlExtractor } from './reader.ts';

/** The URL of the first `<link rel=canonical>` that has an href. */
export const canonical: HtmlExtractor = { tags: ['link', 'base'], read: () => new CanonicalReader() };

class CanonicalReader extends Reader {
  #href: string | null = null;
  #hasBase = false;

  open(name: string, tag: Attributes): void {
    if (name === 'base') this.#hasBase ||= tag.attribute('href') !== null;
    else if (this.#href === null && linkTypes(tag).includes('canonical')) this.#href = tag.attribute('href');
    // A relative URL needs the base element, which may follow; most are absolute.
    this.done = this.#href !== null && (this.#hasBase || isAbsolute(this.#href));
  }

  value(resolve: (href: string) => string): string {
    return this.#href === null ? '' : resolve(this.#href);
  }
}
