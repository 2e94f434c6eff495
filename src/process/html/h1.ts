import { collapsed } from './characters.ts';
import { Reader } from './reader.ts';
import type { HtmlExtractor } from './reader.ts';

const headings = new Set(['h1', 'h2', 'h3', 'h4', 'h5', 'h6']);

/** Blocks. The end tag of a block that was opened before the heading ends the heading too. */
const blocks = new Set(
  (
    'address article aside blockquote button center details dialog dir div dl fieldset figcaption figure footer form ' +
    'header hgroup listing main menu nav ol pre search section summary ul li dd dt table applet marquee object'
  ).split(' '),
);

/** A cell ends where another cell, a row or a section of its table begins or ends. */
const tableParts = new Set(['caption', 'tbody', 'td', 'tfoot', 'th', 'thead', 'tr']);

/** `textContent` of the first h1, whitespace collapsed. */
export const h1: HtmlExtractor = {
  tags: [...headings, ...blocks, ...tableParts],
  read: () => new H1Reader(),
};

/** How many elements of each name are open. */
class OpenElements {
  readonly #counts = new Map<string, number>();

  has(name: string): boolean {
    return (this.#counts.get(name) ?? 0) > 0;
  }

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  remove(name: string): void {
    if (this.has(name)) this.#counts.set(name, (this.#counts.get(name) ?? 0) - 1);
  }
}

class H1Reader extends Reader {
  #text = '';
  /** Blocks that contain the heading. */
  readonly #around = new OpenElements();
  /** Open elements within the heading (blocks, headings, cells): how many by name, and the names, outermost first. */
  readonly #within = new OpenElements();
  readonly #inside: string[] = [];
  #headings = 0;

  open(name: string): void {
    if (this.done) return;
    if (!this.reading) {
      this.reading = name === 'h1';
      this.#around.add(name);
    } else if (this.#inside.length === 0 && (headings.has(name) || this.#endsCell(name))) this.#end();
    // Outside a table, browsers ignore the tags of cells.
    else if (!tableParts.has(name) || this.#within.has('table')) {
      // A heading ends the heading that is its parent.
      if (headings.has(name) && headings.has(this.#inside.at(-1) ?? '')) this.#leave();
      this.#inside.push(name);
      this.#within.add(name);
      if (headings.has(name)) this.#headings++;
    }
  }

  override close(name: string): void {
    if (this.done) return;
    if (!this.reading) this.#around.remove(name);
    else if (name === 'form') {
      // HTML Standard, "in body": the end tag of a form closes no other element, even one that is open within it.
      if (this.#inside.at(-1) === name) this.#leave();
    } else if (headings.has(name)) {
      if (this.#headings === 0) this.#end();
      else {
        while (!headings.has(this.#inside.at(-1) ?? '')) this.#leave();
        this.#leave();
      }
    } else if (this.#within.has(name)) {
      while (this.#inside.at(-1) !== name) this.#leave();
      this.#leave();
    } else if (this.#around.has(name)) this.#end();
  }

  override text(text: string): void {
    this.#text += text;
  }

  value(): string {
    return collapsed(this.#text);
  }

  #endsCell(name: string): boolean {
    return tableParts.has(name) && this.#around.has('table');
  }

  #leave(): void {
    const name = this.#inside.pop() ?? '';
    this.#within.remove(name);
    if (headings.has(name)) this.#headings--;
  }

  #end(): void {
    this.reading = false;
    this.done = true;
  }
}
