import { collapsed } from './characters.ts';
import { Reader } from './reader.ts';
import type { HtmlExtractor } from './reader.ts';

/** HTML Standard, "document.title": the text of the first title element; those of drawings are none of HTML. */
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
    // An end tag without a title is none.
    if (!this.reading) return;
    this.reading = false;
    this.done = true;
  }

  value(): string {
    return collapsed(this.#text);
  }
}
