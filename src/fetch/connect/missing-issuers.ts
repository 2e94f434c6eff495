import { X509Certificate } from 'node:crypto';

import { certificatesInPkcs7 } from './der.ts';
import { isIssuer, isSelfIssued } from './issuing.ts';
import { derOf, pemCertificates } from './pem.ts';

/**
 * Gets the file of a URL by http; null when it cannot be had. Never rejects.
 *
 * @param fromPublic whether a server at a public address has named the URL
 */
export type FetchFile = (url: string, fromPublic: boolean) => Promise<Buffer | null>;

/** URLs that are tried for one certificate. */
const mostUrls = 3;
/** Certificates that are read from one file. */
const mostCertificates = 16;
/** Files that are remembered; the oldest go first. */
const mostFiles = 1000;
/** Milliseconds for which a file that could not be had is not asked for again. */
const patience = 60_000;

/** A file that was asked for. */
class IssuerFile {
  readonly certificates: Promise<readonly X509Certificate[]>;
  /** When it may be fetched again, on the clock of `performance.now()`; Infinity: never. */
  until = Infinity;

  constructor(content: Promise<Buffer | null>) {
    this.certificates = this.#read(content);
  }

  async #read(coming: Promise<Buffer | null>): Promise<readonly X509Certificate[]> {
    const content = await coming;
    const certificates = content === null ? [] : certificatesIn(content);
    if (certificates.length === 0) this.until = performance.now() + patience;
    return certificates;
  }
}

/**
 * Fetches certificates of issuers from the URLs in the certificates that they have signed ("CA Issuers" of the
 * Authority Information Access; RFC 5280, section 4.2.2.1). A URL is fetched once for all who need it.
 *
 * What is fetched must not be trusted: it comes over plain http, from a URL that a server has named.
 */
export class MissingIssuers {
  readonly #fetch: FetchFile;
  readonly #known = new Map<string, IssuerFile>();

  constructor(fetch: FetchFile) {
    this.#fetch = fetch;
  }

  /** The issuer's certificate, if that is a CA and not self-signed; null when it is not found. */
  async of(certificate: X509Certificate, fromPublic: boolean): Promise<X509Certificate | null> {
    for (const url of issuerUrls(certificate)) {
      // One after the other, as mostly the first URL has it.
      // oxlint-disable-next-line no-await-in-loop
      const found = await this.#file(url, fromPublic);
      const issuer = found.find((other) => other.ca && !isSelfIssued(other) && isIssuer(other, certificate));
      if (issuer !== undefined) return issuer;
    }
    return null;
  }

  #file(url: string, fromPublic: boolean): Promise<readonly X509Certificate[]> {
    // `fromPublic` decides whether the URL may be fetched, so outcomes are kept apart by it.
    const key = `${fromPublic} ${url}`;
    const known = this.#known.get(key);
    if (known !== undefined && performance.now() < known.until) return known.certificates;
    const file = new IssuerFile(this.#fetch(url, fromPublic));
    this.#known.delete(key);
    this.#known.set(key, file);
    const [oldest = ''] = this.#known.keys();
    if (this.#known.size > mostFiles) this.#known.delete(oldest);
    return file.certificates;
  }
}

/** The http URLs of the issuer's certificate. Over https, the server that has it might lack an issuer, too. */
export function issuerUrls({ infoAccess }: X509Certificate): readonly string[] {
  const lines = infoAccess?.split('\n') ?? [];
  const urls = lines.flatMap((line) => {
    const [, said] = /^CA Issuers - URI:(.*)$/.exec(line) ?? [];
    const text = said === undefined ? '' : unquoted(said);
    const url = URL.canParse(text) ? new URL(text) : null;
    return url?.protocol === 'http:' ? [url.href] : [];
  });
  return urls.slice(0, mostUrls);
}

/** Node writes an ambiguous text as a JSON string. */
function unquoted(text: string): string {
  try {
    return text.startsWith('"') ? String(JSON.parse(text)) : text;
  } catch {
    return '';
  }
}

/** The certificates in a file: one in DER, several in PKCS #7 ("certs-only"), or either of them in PEM. */
export function certificatesIn(content: Buffer): readonly X509Certificate[] {
  const text = content.toString('latin1');
  const [message] = /-----BEGIN (?:PKCS7|CMS)-----[^-]*-----END[^-]*-----/.exec(text) ?? [];
  const pems = pemCertificates(text).map(derOf);
  const ders = pems.length > 0 ? pems : certificatesInPkcs7(message === undefined ? content : derOf(message));
  return (ders.length > 0 ? ders : [content]).slice(0, mostCertificates).flatMap(parsed);
}

function parsed(der: Buffer): X509Certificate[] {
  try {
    return [new X509Certificate(der)];
  } catch {
    return [];
  }
}
