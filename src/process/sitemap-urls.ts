import { Parser } from 'htmlparser2';
import type { Handler } from 'htmlparser2';

import { ownText } from '../shared/own-text.ts';
import type { Page, Value } from '../shared/records.ts';
import { Resolver } from './html/resolver.ts';
import { checkDepth } from './tree/limits.ts';

/**
 * The URLs of a sitemap or an index of sitemaps (sitemaps.org), absolute, in order and as often as they occur: of XML, of a
 * text with a URL per line, of the entries of RSS and Atom, and of the `Sitemap:` lines of a robots.txt. Empty for a body
 * that is none of these.
 *
 * @throws RangeError when a long base URL makes them many times as long as the body
 */
export function sitemapUrls(page: Page): Value {
  if (page.kind === 'json') return '';
  const found = page.kind === 'xml' ? urlsInXml(page.text(), page.url) : urlsInText(page);
  if (found === null) return '';
  const resolver = new Resolver(page.url, null, page.text().length);
  return found.map((url) => ownText(resolver.resolve(url)));
}

/** A list that has a URL on each line, or the lines of a robots.txt; null for another text. */
function urlsInText({ kind, body, url, text }: Page): string[] | null {
  // A body that is not text counts as a list only if it begins with a URL, which its first bytes tell without
  // decoding.
  if (kind === 'other' && !/^(?:\u00ef\u00bb\u00bf)?\s*https?:\/\//i.test(body.toString('latin1', 0, 64)))
    return null;
  const isList = isUrl((/\S[^\r\n]*/.exec(text())?.[0] ?? '').trim());
  // Some servers label robots.txt as HTML; where the text begins with "<", it is HTML, sent instead of a missing
  // file.
  const isRobots = new URL(url).pathname === '/robots.txt' && !/^\s*</.test(text());
  if (!isList && !isRobots && kind !== 'plain') return null;
  const lines = text()
    .split(/\r\n?|\n/)
    .map((line) => line.trim());
  if (isList) return lines.filter(isUrl);
  // RFC 9309, section 2.2.4, leaves it to robots how they read such lines.
  const urls = lines.flatMap((line) => /^sitemap\s*:\s*([^\s#]+)/i.exec(line)?.[1] ?? []);
  return urls.length > 0 || isRobots ? urls : null;
}

function isUrl(line: string): boolean {
  return /^https?:\/\/\S+$/i.test(line);
}

/** By root element: the names of its entries, and of the element in an entry that holds the URL. All in lower case. */
const forms: Readonly<Record<string, { readonly entry: string; readonly url: string }>> = {
  urlset: { entry: 'url', url: 'loc' },
  sitemapindex: { entry: 'sitemap', url: 'loc' },
  rss: { entry: 'item', url: 'link' },
  rdf: { entry: 'item', url: 'link' },
  feed: { entry: 'entry', url: 'link' },
};

function urlsInXml(xml: string, url: string): string[] | null {
  const reader = new EntryReader(url, 2 ** 20 + 16 * xml.length);
  const parser = new Parser(reader, { xmlMode: true });
  reader.onOther = () => parser.pause();
  parser.write(xml);
  if (reader.isOther) return null;
  reader.hasEnded = true;
  parser.end();
  return reader.urls;
}

/** The entry that the parser is in. */
interface Entry {
  readonly depth: number;
  readonly prefix: string;
  url: string;
  /** The guid of RSS, which is the URL where there is no link. */
  guid: string;
}

/**
 * Takes the URL of each entry. Namespaces are ignored, as many are wrong. Names count without their prefix, but
 * within an entry only elements with the prefix of the entry count: `image:loc` is not `loc`, nor is `atom:link`
 * the link of RSS.
 */
class EntryReader implements Partial<Handler> {
  readonly urls: string[] = [];
  /** Whether the root is none of `forms`; then `onOther` is called. */
  isOther = true;
  onOther = (): void => {};
  /** Whether the text has ended: elements that are still open were cut off, so their text is not used. */
  hasEnded = false;
  #form: (typeof forms)[string] | undefined;
  #depth = 0;
  #entry: Entry | null = null;
  /** The element whose text is being read (null: none), and its text so far. */
  #taken: 'url' | 'guid' | null = null;
  #text = '';
  /** Base URLs by the depth of the element that declares them. */
  readonly #bases: { readonly depth: number; readonly url: string }[];

  /** Characters that absolute URLs and their bases may still have, as for `Resolver`. */
  #budget: number;

  constructor(url: string, budget: number) {
    this.#bases = [{ depth: 0, url }];
    this.#budget = budget;
  }

  onopentag(qualified: string, attributes: Readonly<Record<string, string>>): void {
    checkDepth(++this.#depth);
    const { prefix, name } = split(qualified);
    if (this.#depth === 1) {
      this.#form = Object.hasOwn(forms, name) ? forms[name] : undefined;
      this.isOther = this.#form === undefined;
      if (this.isOther) this.onOther();
    }
    const base = attributes['xml:base'];
    if (base !== undefined) this.#bases.push({ depth: this.#depth, url: this.#absolute(base) });
    const entry = this.#entry;
    if (entry === null) {
      if (name === this.#form?.entry) this.#entry = { depth: this.#depth, prefix, url: '', guid: '' };
    } else if (this.#depth === entry.depth + 1 && prefix === entry.prefix)
      this.#openWithin(entry, name, attributes);
  }

  ontext(text: string): void {
    if (this.#taken !== null) this.#text += text;
  }

  onclosetag(): void {
    const entry = this.#entry;
    if (entry !== null && this.#depth === entry.depth + 1) this.#closeWithin(entry);
    else if (entry?.depth === this.#depth) {
      const url = entry.url === '' ? entry.guid : entry.url;
      if (url !== '') this.urls.push(url);
      this.#entry = null;
    }
    if (this.#bases.at(-1)?.depth === this.#depth) this.#bases.pop();
    this.#depth--;
  }

  #openWithin(entry: Entry, name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === this.#form?.url) {
      const { href, rel = 'alternate' } = attributes;
      if (this.#form !== forms['feed']) this.#taken = 'url';
      else if (href !== undefined && rel.trim().toLowerCase() === 'alternate')
        entry.url ||= this.#absolute(href.trim());
    } else if (name === 'guid' && attributes['isPermaLink']?.trim().toLowerCase() !== 'false')
      this.#taken = 'guid';
    this.#text = '';
  }

  #closeWithin(entry: Entry): void {
    const text = this.#text.trim();
    if (this.#taken === 'url' && !this.hasEnded) entry.url ||= text;
    else if (this.#taken === 'guid' && !this.hasEnded && isUrl(text)) entry.guid = text;
    this.#taken = null;
  }

  /** An invalid URL stays as it is. @throws RangeError when a long base makes them many times as long as the body */
  #absolute(url: string): string {
    const base = this.#bases.at(-1)?.url ?? '';
    this.#budget -= base.length + url.length;
    if (this.#budget < 0) throw new RangeError('the links are many times as long as the page');
    try {
      return new URL(url, base).href;
    } catch {
      return url;
    }
  }
}

function split(qualified: string): { readonly prefix: string; readonly name: string } {
  const colon = qualified.indexOf(':');
  return { prefix: qualified.slice(0, Math.max(colon, 0)), name: qualified.slice(colon + 1).toLowerCase() };
}
