import type { Page, Value } from '../../shared/records.ts';
import { mediaTypeOf } from '../../shared/media-type.ts';
import { headerLinks } from '../../shared/link-header.ts';
import { stripped } from './characters.ts';
import { distinct } from './distinct.ts';
import { isAlternate, linkTypes } from './link-types.ts';
import { Reader } from './reader.ts';
import type { Attributes, HtmlExtractor } from './reader.ts';
import { Resolver } from './resolver.ts';

/** The media types of RSS, Atom and JSON Feed, but not `application/json`: such alternates are data of an API. */
const feedTypes = new Set(['application/rss+xml', 'application/atom+xml', 'application/feed+json']);

/**
 * The URLs of feeds that the page names: link elements, as feed readers look for them (HTML Standard, "Link type
 * alternate"), and then the header Link. Each is given once; the first is the one that a feed reader should offer.
 */
export const feeds: HtmlExtractor = {
  tags: ['link'],
  read: () => new FeedsReader(),
  complete: (found, page) => {
    const all = [...((found ?? []) as readonly string[]), ...feedsInHeader(page)];
    return found === null && all.length === 0 ? '' : distinct(all);
  },
};

class FeedsReader extends Reader {
  readonly #hrefs: string[] = [];

  open(_name: string, tag: Attributes): void {
    if (!namesFeed(linkTypes(tag), tag.attribute('type') ?? '')) return;
    const href = stripped(tag.attribute('href') ?? '');
    if (href !== '') this.#hrefs.push(href);
  }

  value(resolve: (href: string) => string): Value {
    return this.#hrefs.map(resolve);
  }
}

/** Besides `alternate`, the link type `feed` of early drafts of HTML 5 counts. */
function namesFeed(types: readonly string[], type: string): boolean {
  return (isAlternate(types) || types.includes('feed')) && feedTypes.has(mediaTypeOf(type).type);
}

function feedsInHeader(page: Page): string[] {
  const headers = page.headerValues('link');
  if (headers.length === 0) return [];
  const resolver = new Resolver(page.url, null, 0);
  return headerLinks(headers).flatMap(({ target, types, parameter }) =>
    namesFeed(types, parameter('type')[0] ?? '') ? [resolver.resolve(target)] : [],
  );
}
