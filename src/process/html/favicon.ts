import { ownText } from '../../shared/own-text.ts';
import { stripped } from './characters.ts';
import { linkTypes } from './link-types.ts';
import { isAbsolute } from './resolver.ts';
import { Reader } from './reader.ts';
import type { Attributes, HtmlExtractor } from './reader.ts';

/** Tags with which the body of a page begins at the latest, where it has no tag of its own. */
const inBody =
  'body div p a span img h1 ul table form main header nav section article iframe center font br'.split(' ');

/**
 * The URL of the page's icon as Chromium chooses it, but for the sizes of the images themselves, which it looks at. Without
 * a link it is /favicon.ico; an empty data: URL says that there is none.
 */
export const favicon: HtmlExtractor = {
  tags: ['link', 'base', ...inBody],
  read: () => new FaviconReader(),
  complete: (found, { url }) => {
    if (found === '') return new URL('/favicon.ico', url).href;
    return found === null || /^data:[^,]*,$/.test(found as string) ? '' : found;
  },
};

class FaviconReader extends Reader {
  #href: string | null = null;
  #rank = 0;
  #hasBase = false;
  #hasBody = false;

  open(name: string, tag: Attributes): void {
    if (name === 'base') this.#hasBase ||= tag.attribute('href') !== null;
    else if (name !== 'link') this.#hasBody = true;
    else if (!this.#hasBody) this.#look(tag);
    // A base element counts wherever it is.
    this.done = this.#hasBody && (this.#hasBase || this.#href === null || isAbsolute(this.#href));
  }
  value(resolve: (href: string) => string): string {
    return this.#href === null ? '' : resolve(this.#href);
  }

  #look(tag: Attributes): void {
    const types = linkTypes(tag);
    const href = stripped(tag.attribute('href') ?? '');
    // To Chromium one that is for a touch screen too is for that only.
    if (href === '' || !types.includes('icon') || types.some((type) => type.startsWith('apple-touch-icon')))
      return;
    if (!isShown(tag.attribute('media') ?? '')) return;
    const rank = rankOf(tag, href);
    // Of equal ones the last counts (HTML Standard, "Link type icon").
    if (rank < this.#rank) return;
    this.#rank = rank;
    this.#href = ownText(href);
  }
}

/** The size in pixels that fits best. */
const wanted = 32;

/** How well an icon fits: of the wanted size or any; of a size that is not told; larger, the less the better; smaller. */
function rankOf(tag: Attributes, href: string): number {
  const sizes = (tag.attribute('sizes') ?? '').toLowerCase();
  if (/(?:^|[\t\n\f\r ])any(?![^\t\n\f\r ])/.test(sizes)) return 4;
  let best = 0;
  for (const [, text] of sizes.matchAll(/(?:^|[\t\n\f\r ])(\d{1,5})x\1(?![^\t\n\f\r ])/g)) {
    const size = Number(text);
    best = Math.max(best, size === wanted ? 4 : size > wanted ? 1 + wanted / size : size / wanted);
  }
  if (best > 0) return best;
  const isDrawing = /^image\/svg/i.test(tag.attribute('type') ?? '') || /^[^?#]*\.svg(?![^?#])/i.test(href);
  return isDrawing ? 4 : 3;
}

/** Whether icons for these media are shown: on a screen, in a light color scheme. */
function isShown(media: string): boolean {
  return !/^[\t\n\f\r ]*print[\t\n\f\r ]*$|prefers-color-scheme:[\t\n\f\r ]*dark/i.test(media);
}
