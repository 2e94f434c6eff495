import { stripped } from './characters.ts';
import { Reader } from './reader.ts';
import type { Attributes, HtmlExtractor } from './reader.ts';

/** The content of the first `<meta name=description>`. */
export const description: HtmlExtractor = { tags: ['meta'], read: () => new DescriptionReader() };

class DescriptionReader extends Reader {
  #content = '';

  open(_name: string, tag: Attributes): void {
    if (this.done || tag.attribute('name')?.toLowerCase() !== 'description') return;
    this.#content = tag.attribute('content') ?? '';
    this.done = true;
  }

  value(): string {
    return stripped(this.#content);
  }
}
