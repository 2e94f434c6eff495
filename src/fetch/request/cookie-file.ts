import { UsageError } from '../../shared/errors.ts';
import { ChainCookies } from './chain-cookies.ts';

/**
 * Reads a cookie file of the form that Netscape, curl, wget and the browsers' extensions write: domain, whether its
 * subdomains are meant, path, whether TLS is needed, expiry in seconds since 1970 (0: with the session), name and
 * value, with tabs between them. Lines that begin with `#` are comments, except `#HttpOnly_`.
 *
 * @param label what the file is called in messages
 * @throws UsageError with the number of the line, never with its text
 */
export function readCookies(text: string, label: string): ChainCookies {
  const cookies = new ChainCookies(Infinity);
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const said = line.replace(/^#HttpOnly_/, '');
    if (said.trim() === '' || said.startsWith('#')) continue;
    const [domain = '', subdomains = '', path = '', secure = '', expiry = '', name = '', ...value] =
      said.split('\t');
    if (value.length !== 1 || !isTruth(subdomains) || !isTruth(secure) || !/^\d+$/.test(expiry)) {
      throw new UsageError(
        `${label}: line ${index + 1}: not seven fields of a cookie with tabs between them`,
      );
    }
    const host = domain.replace(/^\./, '').toLowerCase();
    const attributes = [
      `${bytes(name)}=${bytes(value[0] ?? '')}`,
      `Path=${path}`,
      ...(isTrue(subdomains) ? [`Domain=${host}`] : []),
      ...(isTrue(secure) ? ['Secure'] : []),
      ...(expiry === '0' ? [] : [`Expires=${new Date(Number(expiry) * 1000).toUTCString()}`]),
    ];
    cookies.set([attributes.join('; ')], `https://${host}${path}`);
  }
  return cookies;
}

function isTruth(text: string): boolean {
  return /^(?:true|false)$/i.test(text);
}

function isTrue(text: string): boolean {
  return /^true$/i.test(text);
}

/** The UTF-8 bytes of a text, one character for each, as cookies are sent. */
function bytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}
