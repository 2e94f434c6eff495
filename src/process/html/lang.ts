import { Reader } from './reader.ts';
import type { Attributes, HtmlExtractor } from './reader.ts';

/**
 * `document.documentElement.lang`, as it is written. A second html tag adds the attributes that the first one had not
 * (HTML Standard, "in body"), so it is only known once one is found.
 */
export const lang: HtmlExtractor = { tags: ['html'], read: () => new LangReader() };

class LangReader extends Reader {
  #lang = '';

  open(_name: string, tag: Attributes): void {
    const value = this.done ? null : tag.attribute('lang');
    if (value === null) return;
    this.#lang = value;
    this.done = true;
  }

  value(): string {
    return this.#lang;
  }
}
