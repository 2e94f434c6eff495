import { ownText } from '../../shared/own-text.ts';
import { stripped } from './characters.ts';
import { Reader } from './reader.ts';
import type { Attributes, HtmlExtractor } from './reader.ts';

/**
 * Open Graph properties, `<meta property="og:title" content="…">`, by name without `og:`. The contents of a
 * repeated one are a list. The attribute `name` counts too, as many pages use it instead of `property`.
 */
export const og: HtmlExtractor = { tags: ['meta'], read: () => new OpenGraphReader() };

class OpenGraphReader extends Reader {
  readonly #contents = new Map<string, string[]>();

  open(_name: string, tag: Attributes): void {
    const property = ['property', 'name']
      .map((attribute) => stripped(tag.attribute(attribute) ?? '').toLowerCase())
      .find((said) => said.startsWith('og:'));
    const content = property === undefined ? null : tag.attribute('content');
    if (property === undefined || content === null) return;
    const contents = this.#contents.get(property);
    if (contents === undefined) this.#contents.set(property, [ownText(content)]);
    else contents.push(ownText(content));
  }

  value(): Readonly<Record<string, string | readonly string[]>> {
    // fromEntries instead of assignments, as a name may be __proto__.
    return Object.fromEntries(
      [...this.#contents].map(([name, contents]) => [
        name.slice('og:'.length),
        contents.length === 1 ? (contents[0] ?? '') : contents,
      ]),
    );
  }
}
