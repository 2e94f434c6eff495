import { InputError } from '../shared/errors.ts';

/** The kinds of faults in the input, and for each what its author can do. */
const remedies = {
  utf8: 'name its encoding, perhaps --encoding windows-1252',
  utf16: 'save the file again, as UTF-8',
  encoding: 'name another encoding',
  quote: 'close or double it',
  length: 'is a line end missing?',
  json: 'mend or remove it',
};

/** The unit in which messages count records: lines of the input, or elements of its JSON array. */
export type Unit = 'line' | 'element';

/** Why a record cannot be taken as it stands. */
export interface Fault {
  readonly kind: keyof typeof remedies;
  /** Name of the source. */
  readonly name: string;
  /** From 1. */
  readonly line: number;
  /** Default: line. */
  readonly unit?: Unit;
  /** Continues "line 7 …" in a message. */
  readonly what: string;
}

/** The text for the detail of a row, whose file is known. */
export function faultOfRow({ line, unit = 'line', what }: Fault): string {
  return `${unit} ${line} ${what}`;
}

/** The text for a message of the run: with the name of the file, and what can be done. */
export function faultOfFile(fault: Fault): string {
  return `${fault.name}: ${faultOfRow(fault)}; ${remedies[fault.kind]}`;
}

/** Whether the record has all its cells in spite of the fault, with a broken character in one. */
export function leavesCells({ kind }: Fault): boolean {
  return kind === 'utf8' || kind === 'utf16' || kind === 'encoding';
}

/** The error that ends the run when the header is faulty: without a header there are no columns. */
export function headerFault(fault: Fault): InputError {
  return new InputError(faultOfFile(fault));
}

/** Stand in a line for an invalid character of a transcoded text (UTF-16, other encodings), whose bytes are of no use. */
export const [brokenUtf16, brokenCharacter] = ['\udc00', '\udc01'];

/** A lone surrogate, which stands for a byte or a character that could not be decoded. */
const broken = /[\ud800-\udfff]/u;

/** The fault of a line that could not be decoded whole; null when it could. */
export function encodingFault(name: string, line: number, text: string, unit: Unit = 'line'): Fault | null {
  if (text.isWellFormed()) return null;
  const before = text.slice(0, broken.exec(text)?.index ?? 0);
  const symbol = text[before.length] ?? '';
  const at = `(character ${before.length + 1} is broken)`;
  if (symbol === brokenUtf16) return { kind: 'utf16', name, line, unit, what: `is not UTF-16 ${at}` };
  if (symbol === brokenCharacter) {
    return { kind: 'encoding', name, line, unit, what: `is not in the encoding that was named ${at}` };
  }
  const byte = (symbol.charCodeAt(0) & 0xff).toString(16).toUpperCase();
  const place = Buffer.byteLength(before) + 1;
  // An element is not in its original form here, so its bytes in the input cannot be counted.
  const where = unit === 'line' ? `byte ${place} of the line is` : 'it holds the byte';
  return { kind: 'utf8', name, line, unit, what: `is not UTF-8 (${where} 0x${byte})` };
}
