import { Tokenizer } from 'htmlparser2';

import { decodedRawText, decodedText, rawText } from './characters.ts';
import { endOfRawText, rawTextElements } from './raw-text.ts';
import { Tag } from './tag.ts';

/** Receives the tags and texts of a page. */
export interface Visitor {
  /** Whether the rest of the page need not be read. */
  readonly done: boolean;
  /** Whether `text` is to be called for the text at the current place. */
  readonly reading: boolean;
  /** Whether the current place is within svg or math. */
  readonly foreign: boolean;
  /** The name in lower case; null for a tag that does not matter: neither `open` nor `close` is called for it. */
  known: (name: string) => string | null;
  /** @returns whether it is an HTML element, so that raw text may follow */
  open: (tag: Tag) => boolean;
  /** `name` as `known` gave it. */
  close: (name: string) => void;
  text: (text: string) => void;
}

const cdata = '<![CDATA[';

/**
 * Passes the tags and texts of a page to the visitor until it is done. htmlparser2's tokenizer finds the tags; texts and
 * attribute values are decoded only on demand. The content of scripts, titles and the like is skipped here and not by the
 * tokenizer, which would end a script with a comment elsewhere than browsers do.
 */
export function readTokens(html: string, visitor: Visitor): void {
  // CDATA sections exist in svg and math only; elsewhere `<![CDATA[` begins a comment that ends at the next ">". The
  // tokenizer knows sections everywhere, so it gets a text of the same length without them; texts are cut from `html`.
  const shown = html.includes(cdata) ? html.replaceAll(cdata, '<!?CDATA[') : html;
  const callbacks = new TokenCallbacks(html, visitor);
  const tokenizer = new Tokenizer({ decodeEntities: false }, callbacks);
  callbacks.tokenizer = tokenizer;
  for (;;) {
    tokenizer.write(callbacks.start === 0 ? shown : shown.slice(callbacks.start));
    if (tokenizer.running) break;
    if (visitor.done) return;
    callbacks.start = callbacks.next;
    tokenizer.reset();
  }
  tokenizer.end();
}

/** The tokenizer's callbacks. Their offsets are relative to `start`. */
class TokenCallbacks {
  tokenizer: Tokenizer | null = null;
  start = 0;
  /** Where to restart the tokenizer after a pause. */
  next = 0;
  readonly #html: string;
  readonly #visitor: Visitor;
  readonly #tag: Tag;
  #known = false;

  constructor(html: string, visitor: Visitor) {
    this.#html = html;
    this.#visitor = visitor;
    this.#tag = new Tag(html);
  }

  onopentagname(from: number, to: number): void {
    const name = this.#visitor.known(this.#html.slice(this.start + from, this.start + to));
    this.#known = name !== null;
    if (name !== null) this.#tag.begin(name, this.start + from - 1);
  }

  onattribname(from: number, to: number): void {
    if (this.#known) this.#tag.addName(this.start + from, this.start + to);
  }

  onattribdata(from: number, to: number): void {
    if (this.#known) this.#tag.addValue(this.start + from, this.start + to);
  }

  onopentagend(at: number): void {
    if (this.#known) this.#open(this.start + at, false);
  }

  onselfclosingtag(at: number): void {
    // `/ >` is not self-closing.
    if (this.#known) this.#open(this.start + at, this.#html[this.start + at - 1] === '/');
  }

  onclosetag(from: number, to: number): void {
    const name = this.#visitor.known(this.#html.slice(this.start + from, this.start + to));
    if (name === null) return;
    this.#visitor.close(name);
    if (this.#visitor.done) this.tokenizer?.pause();
  }

  ontext(from: number, to: number): void {
    if (!this.#visitor.reading) return;
    const source = this.#html.slice(this.start + from, this.start + to);
    this.#visitor.text(this.#visitor.foreign ? decodedRawText(source) : decodedText(source));
  }

  oncomment(from: number): void {
    const at = this.start + from;
    if (!this.#visitor.foreign || !this.#html.startsWith(cdata, at - 2)) return;
    const begin = at - 2 + cdata.length;
    const end = this.#html.indexOf(']]>', begin);
    if (this.#visitor.reading)
      this.#visitor.text(rawText(this.#html.slice(begin, end === -1 ? undefined : end)));
    this.#goOn(end === -1 ? this.#html.length : end + 3);
  }

  #open(at: number, selfClosing: boolean): void {
    const tag = this.#tag;
    tag.selfClosing = selfClosing;
    const isHtml = this.#visitor.open(tag);
    const decode = isHtml ? rawTextElements.get(tag.name) : undefined;
    if (this.#visitor.done) this.tokenizer?.pause();
    else if (decode !== undefined) {
      const end = endOfRawText(this.#html, tag.name, at + 1);
      if (this.#visitor.reading) this.#visitor.text(decode(this.#html.slice(at + 1, end)));
      this.#goOn(end);
    }
  }

  #goOn(next: number): void {
    this.next = next;
    this.tokenizer?.pause();
  }

  /** Always true, so that the tokenizer does not look for scripts and the like itself. */
  isInForeignContext(): boolean {
    return true;
  }

  onattribend(): void {}
  onattribentity(): void {}
  oncdata(): void {}
  ondeclaration(): void {}
  onend(): void {}
  onprocessinginstruction(): void {}
  ontextentity(): void {}
}
