const lineFeed = 10;
const carriageReturn = 13;

/**
 * Counts the records of a text, or of a piece from the middle of one, by its line ends. Whether a piece begins within quotes
 * shows by the neighbours of its quotes: a delimiter or a line end stands before an opening and behind a closing one.
 */
export class RecordCounter {
  readonly #quote: number;
  readonly #delimiter: number;
  /** Line ends outside and inside of quotes, if the text begins outside. */
  #outside = 0;
  #inside = 0;
  /** Quotes that suggest that the text begins outside of quotes, less those that suggest the opposite. */
  #fits = 0;
  #isInside = false;
  #before = lineFeed;
  #isBinary = false;

  /** @param quote null: there are none */
  constructor(quote: string | null, delimiter: string) {
    this.#quote = quote?.charCodeAt(0) ?? -1;
    this.#delimiter = delimiter.charCodeAt(0);
  }

  add(text: Buffer): void {
    if (text.includes(0)) this.#isBinary = true;
    if (this.#isInside || (this.#quote !== -1 && text.includes(this.#quote))) this.#addQuoted(text);
    else this.#addPlain(text);
    this.#before = text.at(-1) ?? this.#before;
  }

  /** How many records a whole text has, of which the last may have no line end; null where it cannot be told. */
  get whole(): number | null {
    if (this.#isBinary) return null;
    return this.#outside + (this.#before === lineFeed ? 0 : 1);
  }

  /** How many records end in a piece of a text, or in the text so far; null where it cannot be told. */
  get piece(): number | null {
    if (this.#isBinary) return null;
    return this.#fits >= 0 ? this.#outside : this.#inside;
  }

  #addPlain(text: Buffer): void {
    let from = 0;
    for (let at = text.indexOf(lineFeed); at !== -1; at = text.indexOf(lineFeed, from)) {
      if (!this.#isBlank(text, from, at)) this.#outside++;
      from = at + 1;
    }
  }

  /** Whether no record ends here: the line is blank. */
  #isBlank(text: Buffer, from: number, at: number): boolean {
    if (at > from + 1) return false;
    const before = from === 0 ? this.#before : lineFeed;
    return before === lineFeed && (at === from || text[from] === carriageReturn);
  }

  #addQuoted(text: Buffer): void {
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const byte = text[at];
      if (byte === lineFeed) {
        if (this.#isInside) this.#inside++;
        else if (!this.#isBlank(text, from, at)) this.#outside++;
        from = at + 1;
      } else if (byte === this.#quote && text[at + 1] === byte) {
        // A quote within quotes, or an empty cell.
        at++;
      } else if (byte === this.#quote) {
        const opens = this.#isEdge(at === 0 ? this.#before : text[at - 1]);
        const closes = this.#isEdge(text[at + 1]);
        if (opens !== closes) this.#fits += opens === this.#isInside ? -1 : 1;
        this.#isInside = !this.#isInside;
      }
    }
  }

  #isEdge(byte: number | undefined): boolean {
    return byte === this.#delimiter || byte === lineFeed || byte === carriageReturn;
  }
}
