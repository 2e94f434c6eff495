import type { Tag } from './tag.ts';

type Kind = 'svg' | 'math' | 'html' | 'template';

/** Elements of svg and math whose content is HTML again (HTML Standard, "integration point"). */
const integrationPoints = {
  svg: new Set(['foreignobject', 'desc', 'title']),
  math: new Set(['mi', 'mo', 'mn', 'ms', 'mtext']),
};

/** HTML Standard, "the rules for parsing tokens in foreign content": start tags that end svg or math. */
const breakouts = new Set(
  (
    'b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta ' +
    'nobr ol p pre ruby s small span strong strike sub sup table tt u ul var'
  ).split(' '),
);

/** Elements that commonly contain svg or math: their end tags end an svg or math that is still open. */
const outerElements = new Set([
  ...[...breakouts].filter((name) => !['body', 'head'].includes(name)),
  ...(
    'a address article aside button caption details fieldset figcaption figure footer form header hgroup label main ' +
    'nav section summary tbody td tfoot th thead tr'
  ).split(' '),
]);

/** Stands for an HTML template on the stack. No element can have this name, not even a template of svg. */
const templateMark = '<template';

/**
 * Which svg, math and template elements are open at the current place. No other part of the tree is kept, so a page takes
 * time linear in its length: all steps are amortized O(1).
 */
export class Surroundings {
  readonly #names: string[] = [];
  readonly #kinds: Kind[] = [];
  /** The indexes of each name on the stack. */
  readonly #places = new Map<string, number[]>();
  #templates = 0;
  #hidden = 0;

  /** Whether no svg, math or template is open. */
  get empty(): boolean {
    return this.#names.length === 0;
  }

  /** Whether a tag here would be one of svg or math. */
  get foreign(): boolean {
    const kind = this.#kinds.at(-1);
    return kind === 'svg' || kind === 'math';
  }

  /** Whether a template is open: its content is not a part of the document. */
  get inTemplate(): boolean {
    return this.#templates > 0;
  }

  /** Whether text here is in svg, or in an annotation of math, which browsers do not show. */
  get hidden(): boolean {
    return this.#hidden > 0;
  }

  /** @returns whether it is an element of HTML */
  open(tag: Tag): boolean {
    if (this.foreign && !breaksOut(tag)) {
      if (!tag.selfClosing) this.#push(tag.name, this.#kindWithin(tag));
      return false;
    }
    this.#leave();
    const { name } = tag;
    if (isRoot(name)) {
      if (!tag.selfClosing) this.#push(name, name);
      return false;
    }
    if (name === 'template') this.#push(templateMark, 'template');
    return true;
  }

  /** @returns whether it is the end tag of an element of HTML */
  close(name: string): boolean {
    if (this.empty) return true;
    const place = this.#places.get(name)?.at(-1) ?? -1;
    const template = this.#places.get(templateMark)?.at(-1) ?? -1;
    if (place > template && (this.foreign || name === this.#names.at(-1) || isRoot(name))) {
      this.#cut(place);
      return false;
    }
    if (outerElements.has(name)) this.#leave();
    if (name === 'template' && template !== -1) this.#cut(template);
    return !this.foreign;
  }

  /** The kind of content of a new element of svg or math. */
  #kindWithin(tag: Tag): Kind {
    if (this.#kinds.at(-1) === 'svg') return integrationPoints.svg.has(tag.name) ? 'html' : 'svg';
    if (tag.name === 'svg') return 'svg';
    if (integrationPoints.math.has(tag.name)) return 'html';
    const encoding = tag.name === 'annotation-xml' ? tag.attribute('encoding')?.toLowerCase() : undefined;
    return encoding === 'text/html' || encoding === 'application/xhtml+xml' ? 'html' : 'math';
  }

  #push(name: string, kind: Kind): void {
    const places = this.#places.get(name);
    if (places === undefined) this.#places.set(name, [this.#names.length]);
    else places.push(this.#names.length);
    this.#names.push(name);
    this.#kinds.push(kind);
    if (kind === 'template') this.#templates++;
    if (isHidden(name)) this.#hidden++;
  }

  /** Closes svg and math up to the innermost HTML. */
  #leave(): void {
    while (this.foreign) this.#cut(this.#names.length - 1);
  }

  #cut(place: number): void {
    while (this.#names.length > place) {
      const name = this.#names.pop() ?? '';
      this.#places.get(name)?.pop();
      if (this.#kinds.pop() === 'template') this.#templates--;
      if (isHidden(name)) this.#hidden--;
    }
  }
}

function isRoot(name: string): name is 'svg' | 'math' {
  return name === 'svg' || name === 'math';
}

function isHidden(name: string): boolean {
  return name === 'svg' || name === 'annotation' || name === 'annotation-xml';
}

/** Whether the start tag ends the svg or math element around it. */
function breaksOut(tag: Tag): boolean {
  if (tag.name === 'font') return ['color', 'face', 'size'].some((name) => tag.attribute(name) !== null);
  return breakouts.has(tag.name);
}
