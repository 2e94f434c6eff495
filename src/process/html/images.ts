import { stripped } from './characters.ts';
import { distinct } from './distinct.ts';
import { Reader } from './reader.ts';
import type { Attributes, HtmlExtractor } from './reader.ts';
import { largestOf } from './srcset.ts';

/**
 * The URLs of the images of a page, `src` of `document.images`, each once. An image whose `src` is missing or no
 * http(s) URL has the first such URL of: the largest of `srcset`; attributes from which scripts load it later; the
 * first source of its picture.
 */
export const images: HtmlExtractor = {
  // An HTML parser reads the tag `image` as `img`.
  tags: ['img', 'image', 'picture', 'source'],
  read: () => new ImagesReader(),
};

/** Attributes of common scripts that load images when they are about to be seen. */
const lazy = ['data-src', 'data-lazy-src', 'data-original', 'data-lazy'];
const lazySets = ['data-srcset', 'data-lazy-srcset'];

class ImagesReader extends Reader {
  /** The candidate URLs of each image, best first. */
  readonly #images: (readonly string[])[] = [];
  /**
   * URL of the largest image of the open picture's first source that has one; empty: none yet; null: no
   * picture.
   */
  #source: string | null = null;

  open(name: string, tag: Attributes): void {
    if (name === 'picture') this.#source = '';
    else if (name !== 'source') this.#images.push(this.#imageOf(tag));
    else if (this.#source === '') this.#source = largestIn(tag, ['srcset', ...lazySets])[0] ?? '';
  }

  override close(name: string): void {
    if (name === 'picture') this.#source = null;
  }

  value(resolve: (href: string) => string): string[] {
    return distinct(this.#urls(resolve));
  }

  *#urls(resolve: (href: string) => string): Generator<string> {
    for (const candidates of this.#images) {
      for (const candidate of candidates) {
        const url = resolve(candidate);
        if (!/^https?:/.test(url)) continue;
        yield url;
        break;
      }
    }
  }

  #imageOf(tag: Attributes): readonly string[] {
    const src = stripped(tag.attribute('src') ?? '');
    // Nearly all images have such a `src`: a path or an http(s) URL.
    if (src !== '' && !/^[a-z][a-z0-9+.-]*:/i.test(src.replace(/^https?:/i, ''))) return [src];
    const later = lazy.flatMap((key) => stripped(tag.attribute(key) ?? '') || []);
    return [
      ...largestIn(tag, ['srcset']),
      ...later.filter((url) => !/^data:/i.test(url)),
      ...largestIn(tag, lazySets),
      ...(this.#source === null || this.#source === '' ? [] : [this.#source]),
    ];
  }
}

function largestIn(tag: Attributes, names: readonly string[]): string[] {
  return names.flatMap((name) => largestOf(tag.attribute(name) ?? '') ?? []);
}
