/* oxlint-disable no-underscore-dangle -- Readability's names of the methods that are replaced */
import { Readability } from '@mozilla/readability';

import type { DomDocument, DomElement } from './dom.ts';

/** Readability on our own DOM: the same result, in a time that does not grow with the square of the page's length. */
export class LinearReadability extends Readability<DomElement> {
  readonly #document: DomDocument;

  constructor(document: DomDocument) {
    super(document as never, { serializer: (node: unknown) => node as DomElement });
    this.#document = document;
  }

  /** How much of the second text is in the first one, in words: 0 to 1. */
  _textSimilarity(first: string, second: string): number {
    this.#document.steps.spend(first.length + second.length);
    const [known, words] = [new Set(wordsOf(first)), wordsOf(second)];
    if (known.size === 0 || words.length === 0) return 0;
    const others = words.filter((word) => !known.has(word));
    return 1 - others.join(' ').length / words.join(' ').length;
  }

  /** Does nothing: Readability would make URLs absolute and remove classes, but only the text is used. */
  _postProcessContent(): void {}
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().split(/\W+/).filter(Boolean);
}
