import { stripped } from './characters.ts';
import { Reader } from './reader.ts';
import type { HtmlExtractor } from './reader.ts';
import type { Tag } from './tag.ts';

/** JSON-LD: the values of all scripts of that type. What is not JSON is left out. */
export const jsonld: HtmlExtractor = { tags: ['script'], read: () => new JsonLdReader() };

class JsonLdReader extends Reader {
  readonly #values: unknown[] = [];

  open(_name: string, tag: Tag): void {
    const [type = ''] = (tag.attribute('type') ?? '').split(';');
    this.reading = stripped(type).toLowerCase() === 'application/ld+json';
  }

  override close(): void {
    this.reading = false;
  }

  /** The content of a script comes in one piece. */
  override text(text: string): void {
    try {
      const value: unknown = JSON.parse(text);
      // What is nested so deeply that it cannot be written must not cost the row its other values.
      JSON.stringify(value);
      this.#values.push(value);
    } catch {
      // Left out.
    }
  }

  value(): readonly unknown[] {
    return this.#values;
  }
}
