import { collapsed } from './characters.ts';
import { Reader } from './reader.ts';
import type { HtmlExtractor } from './reader.ts';

/** HTML Standard, "document.title": the text of the first title element that is not in svg. */
export const title: HtmlExtractor = { tags: ['title'], read: () => new TitleReader() };

class TitleReader extends Reader {
  #text = '';

  open(): void {
    this.reading = !this.done;
  }

  override text(text: string): void {
    this.#text += text;
  }

  override close(): void {
    // Ignores an end tag without a start tag.
    if (!this.reading) return;
    this.reading = false;
    this.done = true;
  }

  value(): string {
    return collapsed(this.#text);
  }
}
