import { Reader } from './reader.ts';
import type { Attributes, HtmlExtractor } from './reader.ts';

/**
 * `document.documentElement.lang`, as written. A later html tag adds attributes that the first one lacks (HTML Standard,
 * "in body"), so html tags are read until one has a `lang`.
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
