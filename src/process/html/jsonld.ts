import { stripped } from './characters.ts';
import { Reader } from './reader.ts';
import type { HtmlExtractor } from './reader.ts';
import type { Tag } from './tag.ts';

/** The values of all JSON-LD scripts. Scripts that are not JSON are skipped. */
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

  /** @param text the whole content of a script: it is never split */
  override text(text: string): void {
    try {
      const value: unknown = JSON.parse(text);
      // JSON that is nested too deeply to be written must not cost the row its other values.
      JSON.stringify(value);
      this.#values.push(value);
    } catch {
      // Skipped.
    }
  }

  value(): readonly unknown[] {
    return this.#values;
  }
}
