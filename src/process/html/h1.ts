import { collapsed } from './characters.ts';
import { Reader } from './reader.ts';
import type { HtmlExtractor } from './reader.ts';

const headings = new Set(['h1', 'h2', 'h3', 'h4', 'h5', 'h6']);

/** Blocks: the end tag of one that began before the heading ends the heading too. */
const blocks = new Set(
  (
    'address article aside blockquote button center details dialog dir div dl fieldset figcaption figure footer form ' +
    'header hgroup listing main menu nav ol pre search section summary ul li dd dt table applet marquee object'
  ).split(' '),
);

/** A cell ends where the next one, its row or its table's part begins or ends. */
const tableParts = new Set(['caption', 'tbody', 'td', 'tfoot', 'th', 'thead', 'tr']);

/** `textContent` of the first h1, whitespace collapsed. */
export const h1: HtmlExtractor = {
  tags: [...headings, ...blocks, ...tableParts],
  read: () => new H1Reader(),
};

class H1Reader extends Reader {
  #text = '';
  /** Blocks and headings within it that are open. */
  readonly #inside: string[] = [];
  #headings = 0;

  open(name: string): void {
    if (this.done) return;
    if (!this.reading) this.reading = name === 'h1';
    else if (this.#inside.length === 0 && (headings.has(name) || tableParts.has(name))) this.#end();
    else {
      // A heading ends one that it stands in directly.
      if (headings.has(name) && headings.has(this.#inside.at(-1) ?? '')) this.#leave();
      this.#inside.push(name);
      if (headings.has(name)) this.#headings++;
    }
  }

  override close(name: string): void {
    if (!this.reading) return;
    if (headings.has(name)) {
      const own = this.#headings === 0;
      while (this.#headings > 0 && !headings.has(this.#inside.at(-1) ?? '')) this.#inside.pop();
      if (own) this.#end();
      else this.#leave();
    } else {
      while (this.#inside.length > 0 && this.#inside.at(-1) !== name) this.#leave();
      if (this.#inside.length === 0) this.#end();
      else this.#leave();
    }
  }

  override text(text: string): void {
    this.#text += text;
  }

  value(): string {
    return collapsed(this.#text);
  }

  #leave(): void {
    if (headings.has(this.#inside.pop() ?? '')) this.#headings--;
  }

  #end(): void {
    this.reading = false;
    this.done = true;
  }
}
