import { isUtf8 } from 'node:buffer';

import { encodingOf, markedEncoding } from './encodings.ts';
import { charsetOf, mediaType } from './headers.ts';
import { markupOf } from './markup.ts';
import { htmlEncoding, xmlEncoding } from './prescan.ts';

/** The kinds of text, by how their encoding is found; `other` is not text. */
type TextKind = 'html' | 'xml' | 'json' | 'plain' | 'other';

/** How the bytes of a body become text. */
export interface Charset {
  /** Name of the encoding in the Encoding Standard, as in `document.characterSet`. */
  readonly encoding: string;
  /** Whether the body is text at all, by its media type or, without one, by its first bytes. */
  readonly isText: boolean;
}

/**
 * Finds the encoding of a body. The first of these counts: a byte order mark, the charset of Content-Type, the declaration
 * in the document (HTML Standard, section 13.2.3.2, "encoding sniffing algorithm"). Without any of them HTML is
 * windows-1252, XML is UTF-8, and other text is UTF-8 if that is valid, else windows-1252. JSON is always UTF-8, whatever
 * Content-Type says (RFC 8259, sections 8.1 and 11).
 */
export function charsetFor(body: Buffer, contentType: string): Charset {
  const kind = kindOf(body, contentType);
  return { encoding: encodingFor(kind, body, contentType), isText: kind !== 'other' };
}

function encodingFor(kind: TextKind, body: Buffer, contentType: string): string {
  const marked = markedEncoding(body);
  if (marked !== null) return marked;
  if (kind === 'json') return 'UTF-8';
  const declared = encodingOf(charsetOf(contentType));
  if (declared !== null) return declared;
  if (kind === 'html') return htmlEncoding(body) ?? 'windows-1252';
  if (kind === 'xml') return xmlEncoding(body) ?? 'UTF-8';
  return isUtf8(body) ? 'UTF-8' : 'windows-1252';
}

/** Media types of text other than `text/…`. */
const plainTypes =
  /^application\/(?:x-)?(?:javascript|ecmascript|yaml|toml|sql|graphql|sh|www-form-urlencoded)$/;

function kindOf(body: Buffer, contentType: string): TextKind {
  const markup = markupOf(contentType, body);
  if (markup !== null) return markup === 'html' ? 'html' : 'xml';
  const type = mediaType(contentType);
  if (type === '') return looksLikeText(body) ? 'plain' : 'other';
  if (/[/+](?:x-)?(?:nd)?json(?:l|-seq)?$/.test(type)) return 'json';
  return type.startsWith('text/') || plainTypes.test(type) ? 'plain' : 'other';
}

/** MIME Sniffing Standard, section 7.1: control characters in the first 1445 bytes are signs of binary data. */
function looksLikeText(body: Buffer): boolean {
  const head = body.toString('latin1', 0, 1445);
  // ISO-2022-JP begins its characters with escape.
  const isBinary = /[^\t\n\f\r -ÿ]/.test(head.replaceAll('\u001b', ''));
  return !isBinary || markedEncoding(body) !== null;
}
