import { ownText } from '../../shared/own-text.ts';
import { addressesIn } from './addresses.ts';
import type { FoundAddress } from './addresses.ts';
import { stripped } from './characters.ts';
import { Reader } from './reader.ts';
import type { Attributes, HtmlExtractor } from './reader.ts';
import { text } from './text.ts';

const ofText = new Set(text.tags);

/**
 * E-mail addresses of a page in order, each once: of mailto: links, and those in the text that the extractor `text` gives.
 * Addresses that Cloudflare has encoded are decoded.
 */
export const emails: HtmlExtractor = {
  tags: [...new Set([...text.tags, 'a', 'area', 'span'])],
  read: () => new EmailsReader(),
};

class EmailsReader extends Reader {
  override reading = true;
  readonly #text = text.read();
  /** Addresses of links; `at` is the length of the text before the link. */
  readonly #linked: FoundAddress[] = [];

  open(name: string, tag: Attributes): void {
    if (ofText.has(name)) this.#text.open(name, tag);
    else this.#look(tag);
    this.reading = this.#text.reading;
  }

  override close(name: string): void {
    if (ofText.has(name)) this.#text.close(name);
    this.reading = this.#text.reading;
  }

  override text(piece: string, hidden: boolean): void {
    this.#text.text(piece, hidden);
  }

  value(): string[] {
    const inText = [...addressesIn(this.#textSoFar)];
    // At the same place the address of the link comes first (the sort is stable), as the link's text follows its tag.
    const all = [...this.#linked, ...inText].toSorted((a, b) => a.at - b.at);
    const distinct = new Map<string, string>();
    for (const { address } of all) {
      const key = address.toLowerCase();
      if (!distinct.has(key)) distinct.set(key, ownText(address));
    }
    return [...distinct.values()];
  }

  get #textSoFar(): string {
    return this.#text.value(String) as string;
  }

  #look(tag: Attributes): void {
    const href = stripped(tag.attribute('href') ?? '');
    const hidden =
      tag.attribute('data-cfemail') ?? /\/cdn-cgi\/l\/email-protection#([\da-f]+)$/i.exec(href)?.[1];
    const said = hidden === undefined ? mailtoOf(href) : revealed(hidden);
    for (const address of said === '' ? [] : addressesOf(said))
      this.#linked.push({ at: this.#textSoFar.length, address });
  }
}

/** The decoded addresses of a mailto: URL, without its query (RFC 6068). */
function mailtoOf(href: string): string {
  const [, encoded = ''] = /^mailto:([^?#]*)/i.exec(href) ?? [];
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

/** The addresses in a list separated by commas. Some authors write names around them. */
function addressesOf(said: string): string[] {
  return said.split(',').flatMap((part) => {
    const whole = part.trim();
    return /^[^\s@<>"():;]+@[^\s@<>"():;]+$/.test(whole)
      ? [whole]
      : [...addressesIn(part)].map(({ address }) => address);
  });
}

/** Decodes an address that Cloudflare has hidden: bytes in hexadecimal, all but the first XORed with the first one. */
function revealed(hidden: string): string {
  if (!/^(?:[\da-f]{2}){2,320}$/i.test(hidden)) return '';
  const bytes = Buffer.from(hidden, 'hex');
  const [key = 0] = bytes;
  const said = Buffer.from(bytes.subarray(1).map((byte) => byte ^ key)).toString();
  return said.replace(/\?.*$/s, '');
}
