import { createRequire } from 'node:module';

import type * as ToughCookie from 'tough-cookie';

import { hasControl } from '../../options/checks.ts';

type CookieJar = ToughCookie.CookieJar;

const mostCookies = 50;

/** Of one Set-Cookie, and of all that is sent with a request; in characters, which are bytes here. */
const longest = 8 * 1024;

/**
 * The cookies that one row's redirects set (RFC 6265), to be sent along the rest of that chain: some sites redirect
 * for ever without them. Each chain has its own, so no row learns what another one was told.
 *
 * Text is what stands on the wire, one character per byte. Nothing here throws: a cookie that is malformed, too long
 * or not the host's to set is left out.
 */
export class ChainCookies {
  #jar: CookieJar | null = null;
  readonly #held = new Set<string>();

  /**
   * Keeps the cookies of one reply.
   *
   * @param setCookies values of its Set-Cookie headers
   * @param url what was requested
   */
  set(setCookies: readonly string[], url: string): void {
    for (const text of setCookies) {
      if (this.#held.size >= mostCookies) return;
      if (text.length > longest || hasControl(text) || !isBytes(text)) continue;
      this.#jar ??= newJar();
      const cookie = kept(this.#jar, text, url);
      if (cookie !== undefined) this.#held.add([cookie.domain, cookie.path, cookie.key].join(';'));
    }
  }

  /** Value of the Cookie header of a request to the URL; empty when there is nothing to send. */
  header(url: string): string {
    if (this.#jar === null) return '';
    let header = '';
    for (const cookie of cookiesFor(this.#jar, url)) {
      const longer = header === '' ? cookie.cookieString() : `${header}; ${cookie.cookieString()}`;
      if (longer.length <= longest) header = longer;
    }
    return header;
  }
}

function kept(jar: CookieJar, text: string, url: string): ToughCookie.Cookie | undefined {
  try {
    return jar.setCookieSync(text, url, { ignoreError: true });
  } catch {
    return undefined;
  }
}

function cookiesFor(jar: CookieJar, url: string): ToughCookie.Cookie[] {
  try {
    return jar.getCookiesSync(url, { sort: true });
  } catch {
    // It refuses hosts that are a reserved name in all, like "example".
    return [];
  }
}

function newJar(): CookieJar {
  // Here and not above: it takes 15 ms to load, the list of public suffixes in it, and few runs meet such a cookie.
  const tough = createRequire(import.meta.url)('tough-cookie') as typeof ToughCookie;
  return new tough.CookieJar(undefined, { allowSecureOnLocal: false });
}

function isBytes(text: string): boolean {
  return Buffer.from(text, 'latin1').toString('latin1') === text;
}
