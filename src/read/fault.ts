import { InputError } from '../shared/errors.ts';

/** What makes a line of the input no good row, and what its author can do. */
const remedies = {
  utf8: 'name its encoding, perhaps --encoding windows-1252',
  utf16: 'save the file again, as UTF-8',
  encoding: 'name another encoding',
  quote: 'close or double it',
  length: 'is a line end missing?',
  json: 'mend or remove it',
};

/** What records are counted by in messages: lines of the input, or elements of its JSON array. */
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
  /** In words that go on from "line 7". */
  readonly what: string;
}

/** As a row tells it, whose file is known. */
export function faultOfRow({ line, unit = 'line', what }: Fault): string {
  return `${unit} ${line} ${what}`;
}

/** As the run tells it, with what can be done. */
export function faultOfFile(fault: Fault): string {
  return `${fault.name}: ${faultOfRow(fault)}; ${remedies[fault.kind]}`;
}

/** Whether the record has as many cells all the same as it was meant to have. */
export function leavesCells({ kind }: Fault): boolean {
  return kind === 'utf8' || kind === 'utf16' || kind === 'encoding';
}

/** Without a header there are no columns. */
export function headerFault(fault: Fault): InputError {
  return new InputError(faultOfFile(fault));
}

/** Stand in a line for a character that is not valid and whose bytes are of no use: those of UTF-16, and of others. */
export const [brokenUtf16, brokenCharacter] = ['\udc00', '\udc01'];

/** The first lone surrogate, which is how bytes that are no text come here. */
const broken = /[\ud800-\udfff]/u;

/** Null for a line that could be decoded. */
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
  // An element is not looked at as it stands in the input, so its bytes cannot be counted.
  const where = unit === 'line' ? `byte ${place} of the line is` : 'it holds the byte';
  return { kind: 'utf8', name, line, unit, what: `is not UTF-8 (${where} 0x${byte})` };
}
