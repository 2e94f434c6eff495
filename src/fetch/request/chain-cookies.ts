import { createRequire } from 'node:module';

import type * as ToughCookie from 'tough-cookie';

import { hasControl } from '../../options/checks.ts';

type CookieJar = ToughCookie.CookieJar;

const mostCookies = 50;

/** Longest Set-Cookie header, and longest Cookie header of a request, in characters, which are bytes here. */
const longest = 8 * 1024;

/**
 * The cookies that one row's redirects set (RFC 6265), to be sent along the rest of that chain: some sites redirect
 * for ever without them. Each chain has its own, so no row sends what was set for another.
 *
 * All texts are as on the wire, one character per byte. Nothing here throws: a cookie that is malformed, too long
 * or not the host's to set is left out.
 */
export class ChainCookies {
  #jar: CookieJar | null = null;
  /** Domain, path and name of each cookie that was kept or taken away. */
  readonly #held = new Set<string>();
  readonly #most: number;

  /** @param most cookies that are kept at most */
  constructor(most = mostCookies) {
    this.#most = most;
  }

  /**
   * Keeps the cookies of one reply.
   *
   * @param setCookies values of its Set-Cookie headers
   * @param url what was requested
   */
  set(setCookies: readonly string[], url: string): void {
    for (const text of setCookies) {
      if (this.#held.size >= this.#most) return;
      if (text.length > longest || hasControl(text) || !isBytes(text)) continue;
      this.#jar ??= newJar();
      const cookie = kept(this.#jar, text, url);
      if (cookie !== undefined) this.#held.add(placeOf(cookie));
    }
  }

  /**
   * Value of the Cookie header of a request to the URL; empty when there is nothing to send.
   *
   * @param others cookies that are sent too, except those that have been set anew here
   */
  header(url: string, others: ChainCookies | null = null): string {
    const more = (others === null ? [] : others.#for(url)).filter(
      (cookie) => !this.#held.has(placeOf(cookie)),
    );
    let header = '';
    for (const cookie of [...more, ...this.#for(url)]) {
      const longer = header === '' ? cookie.cookieString() : `${header}; ${cookie.cookieString()}`;
      if (longer.length <= longest) header = longer;
    }
    return header;
  }

  #for(url: string): ToughCookie.Cookie[] {
    return this.#jar === null ? [] : cookiesFor(this.#jar, url);
  }
}

/** What makes a cookie replace another one (RFC 6265, section 5.3). */
function placeOf({ domain, path, key }: ToughCookie.Cookie): string {
  return [domain, path, key].join(';');
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
    // tough-cookie refuses hosts that are a reserved name as a whole, like "example".
    return [];
  }
}

function newJar(): CookieJar {
  // Not loaded at the top: it takes 15 ms, with its list of public suffixes, and few runs meet such a cookie.
  const tough = createRequire(import.meta.url)('tough-cookie') as typeof ToughCookie;
  return new tough.CookieJar(undefined, { allowSecureOnLocal: false });
}

function isBytes(text: string): boolean {
  return Buffer.from(text, 'latin1').toString('latin1') === text;
}
