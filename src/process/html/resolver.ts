import { ownText } from '../../shared/own-text.ts';
import { queryEncoded } from './query.ts';

/** Whether a URL is the same on every page. */
export function isAbsolute(href: string): boolean {
  return /^[\t\n\f\r ]*[a-z][a-z0-9+.-]*:\/\//i.test(href);
}

// What the URL Standard leaves as it is: path segments that are no dots (`%2e` is one), a query, a fragment.
const segment = String.raw`(?!\.|%2)[\w.~!$&'()*+,;=@%-]*`;
const query = String.raw`(?:\?[\w.~!$&()*+,;=:@%/?-]*)?`;
const fragment = String.raw`(?:#[\w.~!$&'()*+,;=:@%/?-]*)?`;
const plain = new RegExp(String.raw`^(?:\.\.\/)*${segment}(?:\/${segment})*${query}${fragment}$`);
/** A regular expression may need more stack than there is for very long ones. */
const longestPlain = 2048;

const hash = 0x23;
const slash = 0x2f;
const questionMark = 0x3f;

/**
 * Gives the URLs of one page what `a.href` would be. Most are relative and need no parsing: they are put together, ten
 * times as fast.
 */
export class Resolver {
  readonly #base: string;
  readonly #charset: string;
  /** The base without its fragment; empty when it is of another scheme than HTTP, and all must be parsed. */
  #document = '';
  /** Scheme and host. */
  #root = '';
  /** The base's folder, the folder above it, … up to `/`. */
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
   * The URL, or the text itself where it is none.
   *
   * @throws RangeError when a long base makes the links so much longer than the page that they would fill the memory
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
      // Nothing is above the root.
      if (last.length === this.#root.length + 1) return last;
      this.#folders.push(last.slice(0, last.lastIndexOf('/', last.length - 2) + 1));
    }
  }

  #parsed(href: string): string {
    // The base is parsed each time.
    this.#spend(this.#base.length);
    return parsed(href, this.#base, this.#charset) ?? ownText(href);
  }

  #spend(length: number): void {
    this.#budget -= length;
    if (this.#budget < 0) throw new RangeError('the links are many times as long as the page');
  }
}

/** HTML Standard, "document base URL": a base that is no URL, or data or a script, does not count. */
function baseUrl(pageUrl: string, href: string | null, charset: string): string {
  const base = href === null ? null : parsed(href, pageUrl, charset);
  return base === null || /^(?:data|javascript):/.test(base) ? new URL(pageUrl).href : base;
}

/** URL.canParse() is of no use: in Node 20 it fails on letters like é as soon as it has been compiled. */
function parsed(href: string, base: string, charset: string): string | null {
  try {
    const url = new URL(href, base);
    // URL Standard, "query state": of other schemes it is UTF-8 always.
    const encoded = /^(?:https?|ftp|file):/.test(url.protocol) ? queryEncoded(href, charset) : href;
    return encoded === href ? url.href : new URL(encoded, base).href;
  } catch {
    return null;
  }
}
