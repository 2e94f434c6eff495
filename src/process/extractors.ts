import { listed } from '../options/checks.ts';
import type { Names } from '../options/checks.ts';
import { UsageError } from '../shared/errors.ts';
import { didYouMean } from '../shared/nearest.ts';
import type { Page, Processor, Value } from '../shared/records.ts';
import type { HtmlExtractor } from './html/reader.ts';

/** The code of an extractor is loaded only when it is used: an HTML parser takes 20 ms to load. */
export type Extractor = {
  readonly help: string;
} & (
  | { readonly of: 'html'; readonly load: () => Promise<HtmlExtractor> }
  | { readonly of: 'page'; readonly load: () => Promise<(page: Page) => Value> }
);

/** The built-in extractors: the one table that `--extract` and docs/columns.md are made from. */
export const extractors: Readonly<Record<string, Extractor>> = {
  title: {
    help: "Title of an HTML page, as a browser's `document.title`.",
    of: 'html',
    load: async () => (await import('./html/title.ts')).title,
  },
  description: {
    help: 'Content of the first `<meta name=description>`.',
    of: 'html',
    load: async () => (await import('./html/description.ts')).description,
  },
  canonical: {
    help: 'URL of the first `<link rel=canonical>`, made absolute.',
    of: 'html',
    load: async () => (await import('./html/canonical.ts')).canonical,
  },
  lang: {
    help: 'Language that the html element names, as it is written.',
    of: 'html',
    load: async () => (await import('./html/lang.ts')).lang,
  },
  h1: {
    help: 'Text of the first h1, whitespace collapsed.',
    of: 'html',
    load: async () => (await import('./html/h1.ts')).h1,
  },
  text: {
    help: 'Text of the page as it is read, without scripts, form fields and the like: a line for each block, blank lines around paragraphs, tabs between cells. Styles are not applied.',
    of: 'html',
    load: async () => (await import('./html/text.ts')).text,
  },
  text_sha256: {
    help: 'SHA-256 of `text`, in hexadecimal: a short cell that tells whether the text has changed. Of a page that is not HTML, that of its body.',
    of: 'html',
    load: async () => (await import('./html/text-sha256.ts')).textSha256,
  },
  links: {
    help: 'JSON array: the absolute URLs of all a and area elements, in order, as often as they occur.',
    of: 'html',
    load: async () => (await import('./html/links.ts')).links,
  },
  og: {
    help: 'JSON object: Open Graph properties without `og:`; those that occur several times are arrays.',
    of: 'html',
    load: async () => (await import('./html/og.ts')).og,
  },
  jsonld: {
    help: 'JSON array: the values of all JSON-LD scripts; what is no JSON even when small faults are mended is left out.',
    of: 'html',
    load: async () => (await import('./html/jsonld.ts')).jsonld,
  },
  jsonld_mended: {
    help: 'JSON array: the places in `jsonld`, from 0, of values that were no JSON before small faults were mended.',
    of: 'html',
    load: async () => (await import('./html/jsonld.ts')).jsonldMended,
  },
  robots: {
    help: 'What robots may do with the page, by meta elements and the header X-Robots-Tag: `noindex, max-snippet:50`; rules for one robot as `googlebot: nofollow`.',
    of: 'html',
    load: async () => (await import('./html/robots.ts')).robots,
  },
  hreflang: {
    help: 'JSON array of objects with `hreflang` and `href`: the page in other languages, by link elements and the header Link.',
    of: 'html',
    load: async () => (await import('./html/hreflang.ts')).hreflang,
  },
  feeds: {
    help: 'JSON array: URLs of the RSS, Atom and JSON feeds that the page names in link elements and the header Link, each once.',
    of: 'html',
    load: async () => (await import('./html/feeds.ts')).feeds,
  },
  sitemap_urls: {
    help: 'JSON array: URLs of a sitemap or an index of sitemaps (XML, text, RSS or Atom), or the sitemaps that a robots.txt names; empty for other bodies.',
    of: 'page',
    load: async () => (await import('./sitemap-urls.ts')).sitemapUrls,
  },
  images: {
    help: 'JSON array: URLs of all img elements, each once: `src`, or where that is missing or a placeholder (`data:`) the largest of `srcset`, lazy-loading attributes and the sources of a picture.',
    of: 'html',
    load: async () => (await import('./html/images.ts')).images,
  },
  emails: {
    help: 'JSON array: e-mail addresses of mailto: links and in the text, in order, each once.',
    of: 'html',
    load: async () => (await import('./html/emails.ts')).emails,
  },
  favicon: {
    help: 'URL of the icon of the page: of the `<link rel=icon>` that fits best, or else /favicon.ico.',
    of: 'html',
    load: async () => (await import('./html/favicon.ts')).favicon,
  },
  meta: {
    help: 'JSON object: contents of all meta elements by `name`, `property`, `http-equiv` (in lower case) or `itemprop`; those that occur several times are arrays.',
    of: 'html',
    load: async () => (await import('./html/meta.ts')).meta,
  },
  sha256: {
    help: 'SHA-256 of the decoded body, in hexadecimal.',
    of: 'page',
    load: async () => (await import('./sha256.ts')).sha256,
  },
  article: {
    help: 'Main text of an article, without what surrounds it, as Firefox finds it for its reader view; laid out as `text`. Empty for a page that is no article.',
    of: 'page',
    load: async () => (await import('./article/article.ts')).article,
  },
  article_title: {
    help: 'Title of the article, without the name of the site where that can be told; empty where `article` is.',
    of: 'page',
    load: async () => (await import('./article/article.ts')).articleTitle,
  },
  byline: {
    help: 'Author of the article, as the page writes it; empty where `article` is.',
    of: 'page',
    load: async () => (await import('./article/article.ts')).byline,
  },
  published: {
    help: 'When the page says that it was published: ISO 8601, with as much as is given, in the time zone that is given.',
    of: 'html',
    load: async () => (await import('./html/published.ts')).published,
  },
  language: {
    help: 'Language that the text is in, by its letters and words: ISO 639-1; empty for too little text.',
    of: 'html',
    load: async () => (await import('./html/language.ts')).language,
  },
  words: {
    help: 'Number of words of `text`; of Chinese and Japanese, of letters.',
    of: 'html',
    load: async () => (await import('./html/words.ts')).words,
  },
  microdata: {
    help: 'JSON array: the items of microdata with `type`, `id` and `properties`, as the HTML Standard writes them in JSON.',
    of: 'page',
    load: async () => (await import('./html/microdata.ts')).microdata,
  },
};

/**
 * The processor for a list like `title,sha256`. It is one processor, so that one pass over the HTML gives all values. Its
 * columns carry the prefix.
 *
 * @throws UsageError for an unknown name or one that is named twice
 */
export async function chosenExtractors(list: Names, prefix: string): Promise<Processor[]> {
  const names = listed(list);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new UsageError(`--extract: ${twice} is named twice`);
  const chosen = names.map((name) => {
    const extractor = Object.hasOwn(extractors, name) ? extractors[name] : undefined;
    if (extractor !== undefined) return extractor;
    const known = Object.keys(extractors).join(', ');
    throw new UsageError(
      `--extract: there is no extractor "${name}"; there are ${known}${didYouMean(name, Object.keys(extractors))}`,
    );
  });
  return [
    await processorOf(
      chosen,
      names.map((name) => prefix + name),
    ),
  ];
}

async function processorOf(chosen: readonly Extractor[], columns: readonly string[]): Promise<Processor> {
  const html: HtmlExtractor[] = [];
  const fillers: ((page: Page, fromHtml: readonly Value[] | null) => Value)[] = [];
  for (const extractor of chosen) {
    if (extractor.of === 'page') fillers.push(await extractor.load());
    else {
      const index = html.length;
      html.push(await extractor.load());
      fillers.push((_, fromHtml) => (fromHtml === null ? '' : fromHtml[index]));
    }
  }
  const values = html.length === 0 ? null : (await import('./html/html-values.ts')).htmlValues(html);
  return {
    columns,
    process: (page) => {
      const fromHtml = values === null ? null : values(page);
      return Object.fromEntries(fillers.map((value, index) => [columns[index] ?? '', value(page, fromHtml)]));
    },
  };
}
