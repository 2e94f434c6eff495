import { ownText } from '../../shared/own-text.ts';
import { stripped } from './characters.ts';
import { Reader } from './reader.ts';
import type { Attributes, HtmlExtractor } from './reader.ts';

/**
 * The contents of all meta elements, keyed by their name, property or http-equiv in lower case, or by itemprop as
 * it is written. The contents of a repeated key are a list.
 */
export const meta: HtmlExtractor = { tags: ['meta'], read: () => new MetaReader() };

class MetaReader extends Reader {
  readonly #contents = new Map<string, string[]>();

  open(_name: string, tag: Attributes): void {
    const content = tag.attribute('content');
    if (content === null) return;
    for (const name of namesOf(tag)) {
      const contents = this.#contents.get(name);
      if (contents === undefined) this.#contents.set(ownText(name), [ownText(content)]);
      else contents.push(ownText(content));
    }
  }

  value(): Readonly<Record<string, string | readonly string[]>> {
    // fromEntries instead of assignments, as a name may be __proto__.
    return Object.fromEntries(
      [...this.#contents].map(([name, contents]) => [
        name,
        contents.length === 1 ? (contents[0] ?? '') : contents,
      ]),
    );
  }
}

/** A set, as meta elements often have the same name twice: as `name` and as `property`. */
function namesOf(tag: Attributes): ReadonlySet<string> {
  const names = ['name', 'property', 'http-equiv'].map((key) =>
    stripped(tag.attribute(key) ?? '').toLowerCase(),
  );
  const properties = tag.attribute('itemprop')?.split(/[\t\n\f\r ]+/) ?? [];
  return new Set([...names, ...properties].filter((name) => name !== ''));
}
