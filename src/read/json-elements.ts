import { InputError } from '../shared/errors.ts';

/** Whether a text begins like JSON: an object, or an array of objects or strings. A list may begin with `[::1]`. */
export function startsJson(head: string): boolean {
  return /^\s*(?:\{|\[\s*(?:[{"\]]|$))/.test(head);
}

/** Whether a JSON text is not JSON Lines: it is an array, or its objects are written over several lines. */
export function isOneDocument(head: string): boolean {
  const text = head.trimStart();
  if (text.startsWith('[')) return true;
  const [first = '', second] = text.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '');
  if (!goesOn(first) || !/[\r\n]/.test(text)) return false;
  // Else the first line is damaged, and the second is the next record.
  return second === undefined || !second.startsWith('{') || /[,:[]\s*$/.test(first);
}

function goesOn(line: string): boolean {
  const splitter = new ElementSplitter();
  splitter.split(Buffer.from(line));
  return splitter.mayGoOn;
}

/**
 * Makes JSON Lines of an array, or of objects over several lines: each element becomes a line. It keeps no text, so neither
 * the array nor an element has to fit into memory.
 *
 * @throws InputError at the end when the array or its last element is not closed
 */
export async function* elementLines(bytes: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const splitter = new ElementSplitter();
  for await (const chunk of bytes) {
    const lines = splitter.split(chunk);
    if (lines.length > 0) yield lines;
  }
  const { open } = splitter;
  if (open !== null) throw new InputError(`${name}: the JSON is cut off (${open} is not closed)`);
}

const [tab, lineFeed, carriageReturn, space] = [0x09, 0x0a, 0x0d, 0x20];
const [quote, comma, openArray, escape, closeArray, openObject, closeObject] = [
  0x22, 0x2c, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d,
];

/** All that has a meaning in JSON is ASCII, so bytes need no decoding. */
class ElementSplitter {
  #line = 1;
  /** The line in which the array began whose elements these are; 0 outside. */
  #arrayLine = 0;
  /** The line in which the element began; 0 between elements. */
  #elementLine = 0;
  /** Open brackets of the element. */
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  /** Whether only spaces have come since the line began. */
  #isIndent = false;

  /** What has begun and not ended, in words; null when nothing has. */
  get open(): string | null {
    if (this.#elementLine > 0) return `what begins in line ${this.#elementLine}`;
    return this.#arrayLine > 0 ? `the array that begins in line ${this.#arrayLine}` : null;
  }

  /** Whether a line may end here within an element: in brackets, and not in a string. */
  get mayGoOn(): boolean {
    return this.#depth > 0 && !this.#isInString;
  }

  /** The part of the elements that is in this chunk, each with a line end. */
  split(chunk: Buffer): Buffer {
    // Twice the size is enough: at worst each byte is an element of its own, and gets a line end.
    const lines = Buffer.allocUnsafe(chunk.length * 2);
    let length = 0;
    for (const byte of chunk) {
      if (byte === lineFeed) this.#line++;
      if (this.#isInString) lines[length++] = this.#takeInString(byte);
      else if (this.#elementLine === 0) {
        if (this.#begins(byte)) lines[length++] = byte;
      } else if (this.#depth === 0 && isScalarEnd(byte)) {
        // A number or a word ends with what follows it.
        this.#elementLine = 0;
        this.#begins(byte);
        lines[length++] = lineFeed;
        continue;
      } else length = this.#takeInElement(byte, lines, length);
      if (this.#elementLine > 0 && this.#depth === 0 && !this.#isInString && isLast(byte)) {
        this.#elementLine = 0;
        lines[length++] = lineFeed;
      }
    }
    return lines.subarray(0, length);
  }

  /** Looks at a byte between elements. @returns whether an element begins with it */
  #begins(byte: number): boolean {
    if (isSpace(byte) || byte === comma) return false;
    if (byte === openArray && this.#arrayLine === 0) this.#arrayLine = this.#line;
    else if (byte === closeArray && this.#arrayLine > 0) this.#arrayLine = 0;
    else {
      this.#elementLine = this.#line;
      this.#depth = byte === openObject || byte === openArray ? 1 : 0;
      this.#isInString = byte === quote;
      return true;
    }
    return false;
  }

  /** A line end in a string becomes a tab: JSON forbids both there, so the element stays invalid. */
  #takeInString(byte: number): number {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === escape) this.#isEscaped = true;
    else if (byte === quote) this.#isInString = false;
    return byte === lineFeed || byte === carriageReturn ? tab : byte;
  }

  /** A line end with the indentation behind it becomes a space. @returns where the next byte goes */
  #takeInElement(byte: number, lines: Buffer, length: number): number {
    if (isSpace(byte)) {
      const isEnd = byte === lineFeed || byte === carriageReturn;
      if (!this.#isIndent) lines[length++] = isEnd ? space : byte;
      this.#isIndent ||= isEnd;
      return length;
    }
    this.#isIndent = false;
    if (byte === quote) this.#isInString = true;
    else if (byte === openObject || byte === openArray) this.#depth++;
    else if (byte === closeObject || byte === closeArray) this.#depth--;
    lines[length++] = byte;
    return length;
  }
}

function isSpace(byte: number): boolean {
  return byte === space || byte === tab || byte === lineFeed || byte === carriageReturn;
}

function isScalarEnd(byte: number): boolean {
  return isSpace(byte) || byte === comma || byte === closeArray;
}

/** Whether an element may end with this byte. */
function isLast(byte: number): boolean {
  return byte === closeObject || byte === closeArray || byte === quote;
}
