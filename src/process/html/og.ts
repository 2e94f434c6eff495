import { ownText } from '../../shared/own-text.ts';
import { stripped } from './characters.ts';
import { Reader } from './reader.ts';
import type { HtmlExtractor } from './reader.ts';
import type { Tag } from './tag.ts';

/** Open Graph properties, `<meta property="og:title" content="…">`, by name without `og:`. A repeated one is a list. */
export const og: HtmlExtractor = { tags: ['meta'], read: () => new OpenGraphReader() };

class OpenGraphReader extends Reader {
  readonly #contents = new Map<string, string[]>();

  open(_name: string, tag: Tag): void {
    const property = stripped(tag.attribute('property') ?? '').toLowerCase();
    const content = property.startsWith('og:') ? tag.attribute('content') : null;
    if (content === null) return;
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
