import type { Value } from '../../shared/records.ts';
import { isSpace } from './characters.ts';
import { Reader } from './reader.ts';
import type { HtmlExtractor } from './reader.ts';

type Role = 'block' | 'paragraph' | 'break' | 'row' | 'cell' | 'pre' | 'left out';

function words(text: string): string[] {
  return text.split(' ');
}

/** How elements lay out their text; all others are inline. */
const roles: ReadonlyMap<string, Role> = new Map(
  (
    [
      [
        'block',
        'address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure ' +
          'footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li main menu nav ol optgroup option search section ' +
          'summary ul',
      ],
      ['paragraph', 'p'],
      ['break', 'br'],
      ['row', 'table caption thead tbody tfoot tr'],
      ['cell', 'td th'],
      ['pre', 'pre listing xmp plaintext'],
      [
        'left out',
        'audio canvas datalist iframe noembed noframes noscript script style textarea title video',
      ],
    ] satisfies [Role, string][]
  ).flatMap(([role, names]) => words(names).map((name) => [name, role] as const)),
);

/**
 * The visible text, much like `innerText` on a page without style sheets: blocks and br start a line, blank lines surround
 * paragraphs, tabs separate cells.
 */
export const text: HtmlExtractor = ofText((whole) => whole);

/** An extractor whose value a function makes from the visible text. */
export function ofText(give: (text: string) => Value): HtmlExtractor {
  return { tags: [...roles.keys()], read: () => new TextReader(give) };
}

class TextReader extends Reader {
  override reading = true;
  #text = '';
  /** Line ends, tabs and a space that are pending: they are written only before more text. */
  #lines = 0;
  #tabs = 0;
  #space = false;
  #rowHasCell = false;
  /** Whether the cell has no text yet. Blocks at its start do not begin a line. */
  #cellBegins = false;
  /** The number of open pre elements, and whether one has just begun: its first line end is ignored. */
  #pre = 0;
  #preBegins = false;
  readonly #give: (text: string) => Value;
  /** The outermost element that is left out, and how many elements of its name are open. */
  #leftOut = '';
  #depth = 0;

  constructor(give: (text: string) => Value) {
    super();
    this.#give = give;
  }

  open(name: string): void {
    const role = roles.get(name);
    this.#preBegins = false;
    if (this.#depth > 0) {
      if (name === this.#leftOut) this.#depth++;
    } else if (role === 'left out') {
      this.#leftOut = name;
      this.#depth = 1;
      this.reading = false;
    } else if (role === 'break') {
      if (!this.#cellBegins) this.#break(Math.max(this.#lines, Math.min(this.#lines + 1, 2)));
    } else if (role === 'cell') this.#cell();
    else {
      this.#border(role);
      if (role === 'row') this.#rowHasCell = false;
      if (role === 'pre') {
        this.#pre++;
        this.#preBegins = true;
      }
    }
  }

  override close(name: string): void {
    const role = roles.get(name);
    this.#preBegins = false;
    if (this.#depth > 0) {
      if (name !== this.#leftOut) return;
      this.#depth--;
      this.reading = this.#depth === 0;
    } else if (role !== 'cell' && role !== 'left out') {
      // Also without a start tag: to a browser `</br>` is a br and `</p>` an empty paragraph.
      this.#border(role);
      if (role === 'pre' && this.#pre > 0) this.#pre--;
    }
  }

  override text(piece: string, hidden: boolean): void {
    if (hidden) return;
    if (this.#pre > 0) this.#addLines(this.#preBegins && piece.startsWith('\n') ? piece.slice(1) : piece);
    else this.#addWords(piece);
    this.#preBegins = false;
  }

  value(): Value {
    return this.#give(this.#text);
  }

  #border(role: Role | undefined): void {
    if (this.#cellBegins && role !== 'row') return;
    this.#cellBegins = false;
    this.#break(Math.max(this.#lines, role === 'paragraph' ? 2 : 1));
  }

  #break(lines: number): void {
    this.#lines = lines;
    this.#tabs = 0;
    this.#space = false;
  }

  /** All cells of a row stay on one line, even those that contain blocks. */
  #cell(): void {
    if (this.#rowHasCell) {
      this.#tabs++;
      this.#lines = 0;
    }
    this.#rowHasCell = true;
    this.#cellBegins = true;
    this.#space = false;
  }

  #addWords(piece: string): void {
    let start = 0;
    let end = piece.length;
    while (start < end && isSpace(piece.charCodeAt(start))) start++;
    if (start > 0) this.#space = true;
    if (start === end) return;
    while (isSpace(piece.charCodeAt(end - 1))) end--;
    this.#flush();
    for (let at = start; at < end; at++) {
      const code = piece.charCodeAt(at);
      if (code > 0x20 || !isSpace(code)) continue;
      const wordEnd = at;
      while (isSpace(piece.charCodeAt(at + 1))) at++;
      // A single space stays where it is.
      if (at === wordEnd && code === 0x20) continue;
      this.#text += `${piece.slice(start, wordEnd)} `;
      start = at + 1;
    }
    this.#text += piece.slice(start, end);
    this.#space = end < piece.length;
  }

  /** Preformatted text. Its outer line ends are pending like those of blocks, so that the text does not end with them. */
  #addLines(piece: string): void {
    let start = 0;
    let end = piece.length;
    while (piece[start] === '\n') start++;
    this.#lines += start;
    if (start === end) return;
    while (piece[end - 1] === '\n') end--;
    this.#flush();
    this.#text += piece.slice(start, end);
    this.#lines = piece.length - end;
  }

  #flush(): void {
    if (this.#text !== '') {
      if (this.#lines > 0) this.#text += '\n'.repeat(this.#lines);
      else if (this.#space && this.#tabs === 0) this.#text += ' ';
    }
    if (this.#tabs > 0) this.#text += '\t'.repeat(this.#tabs);
    this.#lines = 0;
    this.#tabs = 0;
    this.#space = false;
    this.#cellBegins = false;
  }
}
