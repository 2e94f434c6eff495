import { ownText } from '../../shared/own-text.ts';
import { queryEncoded } from './query.ts';

/** Whether a URL has a scheme and a host, so that it does not depend on the page. */
export function isAbsolute(href: string): boolean {
  return /^[\t\n\f\r ]*[a-z][a-z0-9+.-]*:\/\//i.test(href);
}

// URLs that the URL parser leaves unchanged: path segments other than dot segments (also written `%2e`), query, fragment.
const segment = String.raw`(?!\.|%2)[\w.~!$&'()*+,;=@%-]*`;
const query = String.raw`(?:\?[\w.~!$&()*+,;=:@%/?-]*)?`;
const fragment = String.raw`(?:#[\w.~!$&'()*+,;=:@%/?-]*)?`;
const plain = new RegExp(String.raw`^(?:\.\.\/)*${segment}(?:\/${segment})*${query}${fragment}$`);
/** On a very long URL the regular expression could overflow the stack. */
const longestPlain = 2048;

const hash = 0x23;
const slash = 0x2f;
const questionMark = 0x3f;

/**
 * Makes the URLs of one page absolute, as `a.href` in a browser. Most are simple relative ones and are joined to the base
 * without the URL parser, which is ten times as fast.
 */
export class Resolver {
  readonly #base: string;
  readonly #charset: string;
  /** The base without its fragment; empty when it is not an HTTP URL, so that all URLs must be parsed. */
  #document = '';
  /** Scheme and host. */
  #root = '';
  /** The base's folder, its parent, and so on up to `/`; filled as needed. */
  readonly #folders: string[] = [];
  #budget: number;

  /**
   * @param href of the page's base element; null without one
   * @param charset of the page, by which queries are encoded
   */
  constructor(pageUrl: string, href: string | null, pageLength: number, charset = 'UTF-8') {
    this.#base = baseUrl(pageUrl, href, charset);
    this.#charset = charset;
    this.#budget = 2 ** 20 + 16 * pageLength;
    if (!/^https?:/.test(this.#base)) return;
    this.#document = this.#base.replace(/#.*$/s, '');
    const path = this.#document.replace(/\?.*$/s, '');
    this.#root = path.slice(0, path.indexOf('/', path.indexOf('//') + 2));
    this.#folders.push(path.slice(0, path.lastIndexOf('/') + 1));
  }

  /**
   * The absolute URL; a text that is not a URL comes back unchanged.
   *
   * @throws RangeError when a long base makes the links so much longer than the page that they could fill the memory
   */
  resolve(href: string): string {
    const url = this.#joined(href) ?? this.#parsed(href);
    this.#spend(url.length);
    return url;
  }

  #joined(href: string): string | null {
    if (this.#document === '' || href === '' || href.length > longestPlain || !plain.test(href)) return null;
    switch (href.charCodeAt(0)) {
      case hash:
        return this.#document + href;
      case questionMark:
        return null;
      case slash:
        return href.charCodeAt(1) === slash ? null : this.#root + href;
      default: {
        let up = 0;
        while (href.startsWith('../', up * 3)) up++;
        return this.#folder(up) + href.slice(up * 3);
      }
    }
  }

  #folder(up: number): string {
    for (;;) {
      const known = this.#folders[up];
      if (known !== undefined) return known;
      const last = this.#folders.at(-1) ?? '';
      // `..` at the root stays at the root.
      if (last.length === this.#root.length + 1) return last;
      this.#folders.push(last.slice(0, last.lastIndexOf('/', last.length - 2) + 1));
    }
  }

  #parsed(href: string): string {
    // The URL parser parses the base again for each link, so its length counts too.
    this.#spend(this.#base.length);
    return parsed(href, this.#base, this.#charset) ?? ownText(href);
  }

  #spend(length: number): void {
    this.#budget -= length;
    if (this.#budget < 0) throw new RangeError('the links are many times as long as the page');
  }
}

/** HTML Standard, "document base URL": an invalid base, a data: or a javascript: URL is ignored. */
function baseUrl(pageUrl: string, href: string | null, charset: string): string {
  const base = href === null ? null : parsed(href, pageUrl, charset);
  return base === null || /^(?:data|javascript):/.test(base) ? new URL(pageUrl).href : base;
}

/** The absolute URL; null if it is invalid. Not by URL.canParse(): once optimized, Node 20's fails on letters like é. */
function parsed(href: string, base: string, charset: string): string | null {
  try {
    const url = new URL(href, base);
    // URL Standard, "query state": other schemes always use UTF-8.
    const encoded = /^(?:https?|ftp|file):/.test(url.protocol) ? queryEncoded(href, charset) : href;
    return encoded === href ? url.href : new URL(encoded, base).href;
  } catch {
    return null;
  }
}
