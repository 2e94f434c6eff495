import { isUtf8 } from 'node:buffer';

import { decodeText, encodingOf, markedEncoding } from './encodings.ts';
import { guessedEncoding } from './guess.ts';
import { mediaTypeOf } from '../shared/media-type.ts';
import { htmlEncoding, xmlEncoding } from './prescan.ts';
import { headLength, textKind } from './text-kind.ts';
import type { TextKind } from './text-kind.ts';

/**
 * What decided about the encoding of a text: a byte order mark, Content-Type, the document's own declaration, a guess from
 * its bytes, or the default for its kind.
 */
export type CharsetSource = 'bom' | 'http' | 'document' | 'guess' | 'default';

/** How the bytes of a body become text. */
export interface Charset {
  /** Name of the encoding in the Encoding Standard, as in `document.characterSet`. */
  readonly encoding: string;
  readonly from: CharsetSource;
  readonly kind: TextKind;
}

/**
 * Finds the encoding of a body. The first of these counts: a byte order mark, the charset of Content-Type, the declaration
 * in the document (HTML Standard, section 13.2.3.2, "encoding sniffing algorithm"), a guess; XML is guessed only if it is not
 * valid UTF-8. JSON is always UTF-8, whatever Content-Type says (RFC 8259, sections 8.1 and 11). Pure ASCII is windows-1252
 * in HTML, as in a browser, and UTF-8 in other text.
 */
export function charsetFor(body: Buffer, contentType: string): Charset {
  const { type, charset } = mediaTypeOf(contentType);
  const marked = markedEncoding(body);
  const kind = textKind(headOf(body, marked), type);
  if (marked !== null) return { encoding: marked, from: 'bom', kind };
  if (kind === 'json') return { encoding: 'UTF-8', from: 'default', kind };
  const sent = encodingOf(charset);
  if (sent !== null) return { encoding: sent, from: 'http', kind };
  const declared = declaredEncoding(kind, body);
  if (declared !== null) return { encoding: declared, from: 'document', kind };
  return { ...undeclared(kind, body), kind };
}

function headOf(body: Buffer, marked: string | null): string {
  return marked === null
    ? body.toString('latin1', 0, headLength)
    : decodeText(body.subarray(0, 2 * headLength), marked);
}

function declaredEncoding(kind: TextKind, body: Buffer): string | null {
  if (kind === 'html') return htmlEncoding(body);
  return kind === 'xml' ? xmlEncoding(body) : null;
}

function undeclared(kind: TextKind, body: Buffer): Pick<Charset, 'encoding' | 'from'> {
  if (kind === 'other') return { encoding: isUtf8(body) ? 'UTF-8' : 'windows-1252', from: 'default' };
  if (kind === 'xml' && isUtf8(body)) return { encoding: 'UTF-8', from: 'default' };
  const guessed = guessedEncoding(body);
  if (guessed !== null) return { encoding: guessed, from: 'guess' };
  return { encoding: kind === 'html' ? 'windows-1252' : 'UTF-8', from: 'default' };
}
