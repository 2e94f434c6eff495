/** Reads the text of a selector by the rules of CSS Syntax. */
export class Scanner {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    // CSS Syntax, "preprocessing".
    this.text = text.replaceAll(/\r\n?|\f/g, '\n').replaceAll('\0', '\ufffd');
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** Skips these characters if they come next. @returns whether they did */
  takes(signs: string): boolean {
    if (!this.text.startsWith(signs, this.at)) return false;
    this.at += signs.length;
    return true;
  }

  comesNext(signs: string): boolean {
    return this.text.startsWith(signs, this.at);
  }

  /** Skips whitespace and comments. @returns whether there was whitespace */
  skipSpace(): boolean {
    let found = false;
    for (;;) {
      this.skipComments();
      if (!/[ \t\n]/.test(this.text.charAt(this.at))) return found;
      found = true;
      this.at++;
    }
  }

  skipComments(): void {
    while (this.takes('/*')) {
      const end = this.text.indexOf('*/', this.at);
      this.at = end === -1 ? this.text.length : end + 2;
    }
  }

  /** Reads a name and resolves its escapes; null if there is none. */
  name(): string | null {
    identifierStart.lastIndex = this.at;
    return identifierStart.test(this.text) ? this.#nameRest() : null;
  }

  /** Reads a string in quotes; null if there is none. @throws RangeError when it does not end */
  string(): string | null {
    const quote = this.text.charAt(this.at);
    if (quote !== '"' && quote !== "'") return null;
    let value = '';
    for (this.at++; ;) {
      const sign = this.text.charAt(this.at);
      if (sign === '' || sign === '\n') throw new RangeError(`a ${quote} is missing`);
      if (sign === '\\') value += this.#escape();
      else {
        this.at++;
        if (sign === quote) return value;
        value += sign;
      }
    }
  }

  /** Reads up to the closing parenthesis, and skips that. @throws RangeError when there is none */
  rawArgument(): string {
    const start = this.at;
    for (let depth = 0; !this.isAtEnd; this.at++) {
      const sign = this.text.charAt(this.at);
      if (sign === '"' || sign === "'") {
        this.string();
        this.at--;
      } else if (sign === '\\') this.at++;
      else if (sign === '(') depth++;
      else if (sign === ')' && depth-- === 0) return this.text.slice(start, this.at++);
    }
    throw new RangeError('a ")" is missing');
  }

  /** The next characters, for messages. */
  get found(): string {
    return this.isAtEnd
      ? 'its end'
      : JSON.stringify(String.fromCodePoint(this.text.codePointAt(this.at) ?? 0));
  }

  #nameRest(): string {
    let name = '';
    for (;;) {
      nameSigns.lastIndex = this.at;
      const [signs = ''] = nameSigns.exec(this.text) ?? [];
      name += signs;
      this.at += signs.length;
      if (!/^\\[^\n]/s.test(this.text.slice(this.at, this.at + 2))) return name;
      name += this.#escape();
    }
  }

  #escape(): string {
    escapes.lastIndex = this.at;
    const [all = '', hex, sign = ''] = escapes.exec(this.text) ?? [];
    this.at += all.length;
    if (hex === undefined) return sign === '\n' ? '' : sign;
    const code = Number.parseInt(hex, 16);
    const isCharacter = code > 0 && code <= 0x10_ffff && (code < 0xd800 || code > 0xdfff);
    return isCharacter ? String.fromCodePoint(code) : '\ufffd';
  }
}

const identifierStart = /(?:--|-?(?:[a-z_\u0080-\u{10ffff}]|\\[^\n]))/iuy;
const nameSigns = /[\w\-\u0080-\u{10ffff}]*/uy;
const escapes = /\\(?:([\da-f]{1,6})[ \t\n]?|(.)|$)/isuy;
