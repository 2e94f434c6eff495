import { ownText } from '../../shared/own-text.ts';
import type { Page, Value } from '../../shared/records.ts';
import { headerLinks } from '../../shared/link-header.ts';
import { stripped } from './characters.ts';
import { keyOf } from './distinct.ts';
import { isAlternate, linkTypes } from './link-types.ts';
import { Reader } from './reader.ts';
import type { Attributes, HtmlExtractor } from './reader.ts';
import { Resolver } from './resolver.ts';

/** The page in another language. The properties are named like the attributes, as they are written to the JSON. */
interface Alternate {
  readonly hreflang: string;
  readonly href: string;
}

/**
 * The page in other languages: `<link rel=alternate hreflang=…>` and then the header Link, which files that are
 * not HTML have too. Duplicates are left out.
 */
export const hreflang: HtmlExtractor = {
  tags: ['link'],
  read: () => new HreflangReader(),
  complete: (found, page) => {
    const all = [...((found ?? []) as readonly Alternate[]), ...alternatesInHeader(page)];
    if (found === null && all.length === 0) return '';
    return [...new Map(all.map((one) => [keyOf(`${one.hreflang} ${one.href}`), one])).values()];
  },
};

class HreflangReader extends Reader {
  readonly #found: Alternate[] = [];

  open(_name: string, tag: Attributes): void {
    if (!isAlternate(linkTypes(tag))) return;
    const language = stripped(tag.attribute('hreflang') ?? '');
    const href = stripped(tag.attribute('href') ?? '');
    if (language !== '' && href !== '') this.#found.push({ hreflang: ownText(language), href });
  }

  value(resolve: (href: string) => string): Value {
    return this.#found.map(({ hreflang: language, href }) => ({ hreflang: language, href: resolve(href) }));
  }
}

function alternatesInHeader(page: Page): Alternate[] {
  const headers = page.headerValues('link');
  if (headers.length === 0) return [];
  const resolver = new Resolver(page.url, null, 0);
  return headerLinks(headers).flatMap(({ target, types, parameter }) =>
    isAlternate(types)
      ? parameter('hreflang').map((language) => ({ hreflang: language, href: resolver.resolve(target) }))
      : [],
  );
}
