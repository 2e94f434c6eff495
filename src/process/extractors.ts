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
    help: "Title of an HTML page, like a browser's `document.title`.",
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
    help: 'Value of `lang` on the html element, as written.',
    of: 'html',
    load: async () => (await import('./html/lang.ts')).lang,
  },
  h1: {
    help: 'Text of the first h1, with whitespace collapsed.',
    of: 'html',
    load: async () => (await import('./html/h1.ts')).h1,
  },
  text: {
    help: 'Readable text of the page: each block on a line of its own, blank lines around paragraphs, tabs between table cells. Scripts, text fields and the like are left out. Styles are not applied.',
    of: 'html',
    load: async () => (await import('./html/text.ts')).text,
  },
  text_sha256: {
    help: 'SHA-256 of `text`, in hexadecimal: a short cell that shows whether the text has changed. If the page is not HTML, SHA-256 of the decoded body.',
    of: 'html',
    load: async () => (await import('./html/text-sha256.ts')).textSha256,
  },
  links: {
    help: 'JSON array: absolute URLs of all a and area elements with an `href`, in order, including duplicates.',
    of: 'html',
    load: async () => (await import('./html/links.ts')).links,
  },
  og: {
    help: 'JSON object: Open Graph properties by name, without `og:`. A property that occurs several times has an array.',
    of: 'html',
    load: async () => (await import('./html/og.ts')).og,
  },
  jsonld: {
    help: 'JSON array: the values of all JSON-LD scripts. Small faults in their JSON are repaired; scripts that are still not JSON are left out.',
    of: 'html',
    load: async () => (await import('./html/jsonld.ts')).jsonld,
  },
  jsonld_mended: {
    help: 'JSON array: the positions in `jsonld`, from 0, of the values whose JSON was repaired.',
    of: 'html',
    load: async () => (await import('./html/jsonld.ts')).jsonldMended,
  },
  robots: {
    help: 'Rules for robots from meta elements and the X-Robots-Tag header, such as `noindex, max-snippet:50`. A rule for one robot begins with its name: `googlebot: nofollow`.',
    of: 'html',
    load: async () => (await import('./html/robots.ts')).robots,
  },
  hreflang: {
    help: 'JSON array of objects with `hreflang` and `href`: the page in other languages, from link elements and the Link header, without duplicates.',
    of: 'html',
    load: async () => (await import('./html/hreflang.ts')).hreflang,
  },
  feeds: {
    help: 'JSON array: URLs of the RSS, Atom and JSON feeds that link elements and the Link header name, each once.',
    of: 'html',
    load: async () => (await import('./html/feeds.ts')).feeds,
  },
  sitemap_urls: {
    help: 'JSON array: URLs in a sitemap or sitemap index (XML, a text with a URL per line, RSS or Atom), or of the sitemaps that a robots.txt names. Empty for other bodies.',
    of: 'page',
    load: async () => (await import('./sitemap-urls.ts')).sitemapUrls,
  },
  images: {
    help: 'JSON array: URLs of all img elements, each once. If `src` is missing or no http(s) URL (such as a `data:` placeholder), the first http(s) URL of these is taken: the largest image of `srcset`, lazy-loading attributes (`data-src` and the like), the first source of the picture element.',
    of: 'html',
    load: async () => (await import('./html/images.ts')).images,
  },
  emails: {
    help: 'JSON array: e-mail addresses in mailto: links and in `text`, in order, each once. Those that Cloudflare has encoded are decoded.',
    of: 'html',
    load: async () => (await import('./html/emails.ts')).emails,
  },
  favicon: {
    help: 'URL of the icon of the page: the `<link rel=icon>` that fits 32 pixels best, else /favicon.ico.',
    of: 'html',
    load: async () => (await import('./html/favicon.ts')).favicon,
  },
  meta: {
    help: 'JSON object: contents of all meta elements, by `name`, `property` or `http-equiv` in lower case, or by `itemprop` as written. A name that occurs several times has an array.',
    of: 'html',
    load: async () => (await import('./html/meta.ts')).meta,
  },
  sha256: {
    help: 'SHA-256 of the decoded body, in hexadecimal.',
    of: 'page',
    load: async () => (await import('./sha256.ts')).sha256,
  },
  article: {
    help: 'Main text of an article without its surroundings, as Firefox finds it for its reader view; laid out like `text`. Empty if the page is not an article.',
    of: 'page',
    load: async () => (await import('./article/article.ts')).article,
  },
  article_title: {
    help: 'Title of the article, without the name of the site if that can be recognized. Empty if `article` is.',
    of: 'page',
    load: async () => (await import('./article/article.ts')).articleTitle,
  },
  byline: {
    help: 'Author of the article, as written on the page. Empty if `article` is.',
    of: 'page',
    load: async () => (await import('./article/article.ts')).byline,
  },
  published: {
    help: 'When the page was published, by its own account: ISO 8601, as precise as the page gives it and in its time zone.',
    of: 'html',
    load: async () => (await import('./html/published.ts')).published,
  },
  language: {
    help: 'Language of the text, guessed from its letters and words: an ISO 639-1 code. Empty if there is too little text, or no guess is reliable.',
    of: 'html',
    load: async () => (await import('./html/language.ts')).language,
  },
  words: {
    help: 'Number of words in `text`. Each Chinese or Japanese character counts as a word.',
    of: 'html',
    load: async () => (await import('./html/words.ts')).words,
  },
  microdata: {
    help: 'JSON array: the items of microdata with `type`, `id` and `properties`, as the HTML Standard converts them to JSON.',
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
