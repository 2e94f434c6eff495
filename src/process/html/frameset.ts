import { Surroundings } from './surroundings.ts';
import type { Tag } from './tag.ts';
import { readTokens } from './tokens.ts';
import type { Visitor } from './tokens.ts';

/** HTML Standard, "the frameset-ok flag": a frameset after one of these is ignored. */
const content = new Set(
  (
    'body pre listing li dd dt button applet marquee object table area br embed img image keygen wbr hr textarea xmp ' +
    'iframe select'
  ).split(' '),
);

/** Elements before the body, whose tags do not begin it. */
const headElements = new Set(
  'html head base basefont bgsound link meta noframes noscript script style template title'.split(' '),
);

/**
 * The head of a page whose frameset takes the place of the body, so that browsers drop the rest. Null when the
 * frameset is ignored, as a body with text or other content began before it.
 */
export function headOfFrameset(html: string): string | null {
  const look = new Look();
  readTokens(html, look);
  return look.isFrameset ? html.slice(0, look.bodyAt) : null;
}

class Look implements Visitor {
  done = false;
  readonly reading = true;
  isFrameset = false;
  /** The index where the body or the frameset begins. */
  bodyAt = 0;
  #inBody = false;
  /** The element of the head that contains the current text; empty: none. */
  #holder = '';
  readonly #surroundings = new Surroundings();

  get foreign(): boolean {
    return this.#surroundings.foreign;
  }

  known(name: string): string {
    return name.toLowerCase();
  }

  open(tag: Tag): boolean {
    const isHtml = this.#surroundings.open(tag);
    const { name } = tag;
    if (this.done || this.#surroundings.inTemplate) return isHtml;
    if (!this.#inBody && !headElements.has(name)) {
      this.#inBody = true;
      this.bodyAt = tag.at;
    }
    if (isHtml && name === 'frameset') {
      this.isFrameset = true;
      this.done = true;
    } else if (isHtml) {
      this.#holder = headElements.has(name) ? name : '';
      const isHidden = /^hidden$/i.test(tag.attribute('type') ?? '');
      if (content.has(name) || (name === 'input' && !isHidden)) this.done = true;
    }
    return isHtml;
  }

  close(name: string): void {
    this.#surroundings.close(name);
    this.#holder = '';
    // `</br>` counts as a start tag.
    if (name === 'br') this.done = true;
  }

  text(text: string): void {
    const isHeld = ['noframes', 'script', 'style', 'title'].includes(this.#holder);
    if (!isHeld && !this.#surroundings.inTemplate && /[^\t\n\f\r ]/.test(text)) this.done = true;
  }
}
