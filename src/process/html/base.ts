import { Reader } from './reader.ts';
import type { Attributes, HtmlExtractor } from './reader.ts';

/** The href of the first base element that has one, as it is written; null without one. */
export const base: HtmlExtractor = { tags: ['base'], read: () => new BaseReader() };

class BaseReader extends Reader {
  #href: string | null = null;

  constructor() {
    super();
    // Only other readers need the base, so this one never keeps the pass going.
    this.done = true;
  }

  open(_name: string, tag: Attributes): void {
    this.#href ??= tag.attribute('href');
  }

  value(): string | null {
    return this.#href;
  }
}
