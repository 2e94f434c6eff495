import { decodedAttribute } from './characters.ts';

/** A start tag. It keeps the positions of its attributes in the page and decodes a value when it is asked for. */
export class Tag {
  /** In lower case. */
  name = '';
  /** Where it begins in the page. */
  at = 0;
  /** Whether it ends with `/>`, which HTML ignores except in svg and math. */
  selfClosing = false;
  readonly #html: string;
  /** Start and end of name and value of each attribute, four numbers each; the value is -1, -1 where there is none. */
  readonly #spans: number[] = [];

  constructor(html: string) {
    this.#html = html;
  }

  begin(name: string, at: number): void {
    this.name = name;
    this.at = at;
    this.#spans.length = 0;
  }

  addName(start: number, end: number): void {
    this.#spans.push(start, end, -1, -1);
  }

  addValue(start: number, end: number): void {
    this.#spans[this.#spans.length - 2] = start;
    this.#spans[this.#spans.length - 1] = end;
  }

  /** The value of the first attribute of that name: empty if it has no value, null if there is no such attribute. */
  attribute(name: string): string | null {
    for (let at = 0; at < this.#spans.length; at += 4) {
      const start = this.#spans[at] ?? 0;
      const end = this.#spans[at + 1] ?? 0;
      if (end - start === name.length && this.#html.slice(start, end).toLowerCase() === name) {
        const from = this.#spans[at + 2] ?? -1;
        return from === -1 ? '' : decodedAttribute(this.#html.slice(from, this.#spans[at + 3]));
      }
    }
    return null;
  }
}
