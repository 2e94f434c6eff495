import { ownText } from '../../shared/own-text.ts';
import { stripped } from './characters.ts';
import { linkTypes } from './link-types.ts';
import { isAbsolute } from './resolver.ts';
import { Reader } from './reader.ts';
import type { Attributes, HtmlExtractor } from './reader.ts';

/** The body tag, and tags that begin the body of a page without one. */
const inBody =
  'body div p a span img h1 ul table form main header nav section article iframe center font br'.split(' ');

/**
 * The URL of the page's icon as Chromium chooses it, except that Chromium also looks at the sizes of the images
 * themselves. Without a link it is /favicon.ico; an empty data: URL says that there is no icon.
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
    // A relative URL waits for the base element, which counts wherever it is in the page.
    this.done = this.#hasBody && (this.#hasBase || this.#href === null || isAbsolute(this.#href));
  }
  value(resolve: (href: string) => string): string {
    return this.#href === null ? '' : resolve(this.#href);
  }

  #look(tag: Attributes): void {
    const types = linkTypes(tag);
    const href = stripped(tag.attribute('href') ?? '');
    // Chromium takes a link that is also an apple-touch-icon for that kind of icon only.
    if (href === '' || !types.includes('icon') || types.some((type) => type.startsWith('apple-touch-icon')))
      return;
    if (!isShown(tag.attribute('media') ?? '')) return;
    const rank = rankOf(tag, href);
    // Of links that fit equally well, the last one counts (HTML Standard, "Link type icon").
    if (rank < this.#rank) return;
    this.#rank = rank;
    this.#href = ownText(href);
  }
}

/** Width and height in pixels of an icon that fits best. */
const wanted = 32;

/**
 * How well an icon fits, 4 being best. 4: it has the wanted size, or any (SVG); 3: no size is given; 1 to 2: it is
 * larger, the closer the better; below 1: it is smaller, the closer the better.
 */
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
