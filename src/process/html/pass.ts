import { headOfFrameset } from './frameset.ts';
import { rawTextElements } from './raw-text.ts';
import type { HtmlExtractor, Reader } from './reader.ts';
import { Surroundings } from './surroundings.ts';
import type { Tag } from './tag.ts';
import { readTokens } from './tokens.ts';
import type { Visitor } from './tokens.ts';

/** An element that some reader or the pass itself needs; `readers` are indexes into the list of readers. */
interface Known {
  readonly name: string;
  readonly readers: readonly number[];
}

type Vocabulary = ReadonlyMap<string, Known>;

/** A function that reads the values of these extractors in one pass over a page. It stops as soon as it has them all. */
export function htmlPass(extractors: readonly HtmlExtractor[]): (html: string) => readonly Reader[] {
  const vocabulary = vocabularyOf(extractors);
  return (html) => {
    const whole = new Pass(
      vocabulary,
      extractors.map(({ read }) => read()),
    );
    readTokens(html, whole);
    if (!whole.hasFrameset) return whole.readers;
    const head = headOfFrameset(html);
    if (head === null) return whole.readers;
    const pass = new Pass(
      vocabulary,
      extractors.map(({ read }) => read()),
    );
    readTokens(head, pass);
    return pass.readers;
  };
}

function vocabularyOf(extractors: readonly HtmlExtractor[]): Vocabulary {
  const tags = extractors.map((extractor) => extractor.tags);
  const names = new Set([...rawTextElements.keys(), 'svg', 'math', 'template', 'frameset', ...tags.flat()]);
  return new Map(
    [...names].map((name) => {
      const readers = tags.flatMap((wanted, index) => (wanted.includes(name) ? [index] : []));
      return [name, { name, readers }];
    }),
  );
}

/** Passes the tags and texts of one page to the readers. */
class Pass implements Visitor {
  done = false;
  readonly #vocabulary: Vocabulary;
  readonly readers: readonly Reader[];
  /** Whether there is a frameset tag. A frameset may replace the body that was read. */
  hasFrameset = false;
  /** The open element whose content is raw text; the next end tag of this name closes it. */
  #rawText = '';
  readonly #surroundings = new Surroundings();

  constructor(vocabulary: Vocabulary, readers: readonly Reader[]) {
    this.#vocabulary = vocabulary;
    this.readers = readers;
  }

  get foreign(): boolean {
    return this.#surroundings.foreign;
  }

  get reading(): boolean {
    if (this.#surroundings.inTemplate) return false;
    for (const reader of this.readers) if (reader.reading) return true;
    return false;
  }

  known(name: string): string | null {
    const known = this.#vocabulary.get(name) ?? this.#vocabulary.get(lowerCase(name));
    if (known !== undefined) return known.name;
    return this.#surroundings.empty ? null : lowerCase(name);
  }

  open(tag: Tag): boolean {
    const isHtml = this.#surroundings.open(tag);
    if (isHtml && rawTextElements.has(tag.name)) this.#rawText = tag.name;
    if (isHtml && tag.name === 'frameset') this.hasFrameset = true;
    if (isHtml && !this.#surroundings.inTemplate) {
      for (const index of this.#vocabulary.get(tag.name)?.readers ?? none) {
        this.readers[index]?.open(tag.name, tag);
      }
      this.#lookWhetherDone();
    }
    return isHtml;
  }

  close(name: string): void {
    const isHtml = name === this.#rawText || this.#surroundings.close(name);
    this.#rawText = '';
    if (isHtml && !this.#surroundings.inTemplate) {
      for (const index of this.#vocabulary.get(name)?.readers ?? none) this.readers[index]?.close(name);
      this.#lookWhetherDone();
    }
  }

  text(text: string): void {
    const { hidden } = this.#surroundings;
    for (const reader of this.readers) if (reader.reading) reader.text(text, hidden);
  }

  #lookWhetherDone(): void {
    for (const reader of this.readers) if (!reader.done) return;
    this.done = true;
  }
}

const none: readonly number[] = [];

/** Tag names ignore the case of ASCII letters only; toLowerCase() would also turn the Kelvin sign into a `k`. */
function lowerCase(name: string): string {
  return name.includes('\u212a') ? name : name.toLowerCase();
}
