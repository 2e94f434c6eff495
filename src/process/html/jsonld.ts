import { stripped } from './characters.ts';
import { readJson } from './json-mending.ts';
import { Reader } from './reader.ts';
import type { Attributes, HtmlExtractor } from './reader.ts';

/** The values of all JSON-LD scripts. Scripts that cannot be read as JSON, even repaired, are skipped. */
export const jsonld: HtmlExtractor = { tags: ['script'], read: () => new JsonLdReader() };

/** Indexes in that list of the values that had to be repaired. */
export const jsonldMended: HtmlExtractor = { tags: ['script'], read: () => new MendedReader() };

class JsonLdReader extends Reader {
  protected readonly values: unknown[] = [];
  protected readonly mended: number[] = [];

  open(_name: string, tag: Attributes): void {
    this.reading = isJsonLd(tag);
  }

  override close(): void {
    this.reading = false;
  }

  /** @param text the whole content of a script: it is never split */
  override text(text: string): void {
    try {
      const { value, isMended } = readJson(text);
      // JSON that is nested too deeply to be written must not cost the row its other values.
      JSON.stringify(value);
      if (isMended) this.mended.push(this.values.length);
      this.values.push(value);
    } catch {
      // Skipped.
    }
  }

  value(): readonly unknown[] {
    return this.values;
  }
}

/** Whether a script is JSON-LD; its type may have parameters. */
export function isJsonLd(script: Attributes): boolean {
  const [type = ''] = (script.attribute('type') ?? '').split(';');
  return stripped(type).toLowerCase() === 'application/ld+json';
}

class MendedReader extends JsonLdReader {
  override value(): readonly number[] {
    return this.mended;
  }
}
