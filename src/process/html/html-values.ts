import { ownText } from '../../shared/own-text.ts';
import type { Page, Value } from '../../shared/records.ts';
import { markupOf } from '../tree/markup.ts';
import { base } from './base.ts';
import { htmlPass } from './pass.ts';
import { xhtmlPass } from './xhtml-pass.ts';
import type { HtmlExtractor } from './reader.ts';
import { Resolver } from './resolver.ts';

/**
 * A function that gives the values of these extractors for a page, in their order. For a page that is not HTML
 * they are empty, unless `complete` of the extractor finds some elsewhere.
 */
export function htmlValues(extractors: readonly HtmlExtractor[]): (page: Page) => readonly Value[] {
  const read = valuesOf(extractors);
  return (page) => {
    const found = read(page);
    return extractors.map(({ complete }, index) =>
      complete === undefined ? (found === null ? '' : found[index]) : complete(found?.[index] ?? null, page),
    );
  };
}

function valuesOf(extractors: readonly HtmlExtractor[]): (page: Page) => readonly Value[] | null {
  const passes = { html: htmlPass([...extractors, base]), xhtml: xhtmlPass([...extractors, base]) };
  return (page) => {
    const markup = markupOf(page);
    if (markup === null || markup === 'xml') return null;
    const html = page.text();
    const readers = passes[markup](html);
    const href = readers.at(-1)?.value(String) as string | null;
    let resolver: Resolver | null = null;
    const resolve = (url: string): string => {
      resolver ??= new Resolver(page.url, href, html.length, page.charset);
      return resolver.resolve(url);
    };
    return extractors.map((_, index) => {
      const value = readers[index]?.value(resolve);
      return typeof value === 'string' ? ownText(value) : value;
    });
  };
}
