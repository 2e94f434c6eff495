import { encodingOf } from './encodings.ts';

/** How many bytes are looked at in any case. */
const headLength = 1024;

/** How many are looked at while they belong to the document's head. */
const longestHead = 256 * 1024;

interface Attribute {
  readonly name: string;
  readonly value: string;
}

/**
 * The encoding that an HTML document names in its first 1024 bytes: that of a `meta` element, else that of an XML
 * declaration (HTML Standard, section 13.2.3.2, "prescan a byte stream to determine its encoding"). Else that of a
 * `meta` element further on in its head, for which a browser begins anew (section 13.2.3.4, "changing the encoding while
 * parsing").
 *
 * @returns its name; null when there is none, or none that a browser knows
 */
export function htmlEncoding(body: Buffer): string | null {
  const head = headOf(body);
  return wideEncoding(head) ?? metaEncoding(head) ?? declaredEncoding(head) ?? lateEncoding(body);
}

/** What may stand in a head. The content of some of these is text, whatever it looks like. */
const headTag =
  /<(\/?)(?:(script|style|title|noscript)|html|head|meta|link|base|object|template)(?=[\t\n\f\r />])/iy;

/** That of the first `meta` element of the head that names one. */
function lateEncoding(body: Buffer): string | null {
  if (body.length <= headLength) return null;
  const head = body.toString('latin1', 0, longestHead);
  if (!/charset/i.test(head.slice(headLength))) return null;
  for (let at = head.indexOf('<'); at !== -1; at = head.indexOf('<', at)) {
    headTag.lastIndex = at;
    const [, slash, text] = headTag.exec(head) ?? [];
    if (slash === undefined) {
      // The body begins with any other tag.
      if (isAt(head, at, /<\/?[a-z]/iy)) return null;
      at = endOfOther(head, at);
    } else {
      const { attributes, end } = attributesFrom(head, headTag.lastIndex);
      const isMeta = slash === '' && isAt(head, at, /<meta/iy);
      const encoding = isMeta && end !== -1 ? encodingIn(attributes) : null;
      if (encoding !== null) return encoding;
      at = end;
      if (end !== -1 && slash === '' && text !== undefined) {
        at = next(head, end, new RegExp(`</${text}[\\t\\n\\f\\r />]`, 'gi'));
      }
    }
    if (at === -1) return null;
  }
  return null;
}

/** Where a comment or the like that begins at `at` ends; -1 when it does not. */
function endOfOther(head: string, at: number): number {
  // The hyphens of a comment's beginning may be those of its end.
  if (head.startsWith('<!--', at)) return head.indexOf('-->', at + 2);
  return isAt(head, at, /<[!/?]/y) ? head.indexOf('>', at) : at + 1;
}

/** The encoding that an XML document names in its declaration. @returns its name, or null as for HTML */
export function xmlEncoding(body: Buffer): string | null {
  const head = headOf(body);
  return wideEncoding(head) ?? declaredEncoding(head);
}

/** A character per byte. */
function headOf(body: Buffer): string {
  return body.toString('latin1', 0, headLength);
}

/** An XML declaration in UTF-16 is told by its first bytes. */
function wideEncoding(head: string): string | null {
  if (head.startsWith('<\0?\0x\0')) return 'UTF-16LE';
  return head.startsWith('\0<\0?\0x') ? 'UTF-16BE' : null;
}

/** "get an XML encoding" */
function declaredEncoding(head: string): string | null {
  const [, declaration = ''] = /^<\?xml([^>]*)>/.exec(head) ?? [];
  const start = declaration.indexOf('encoding');
  if (start === -1) return null;
  // Bytes up to 0x20 count as spaces here.
  const [, , label = ''] = /^encoding[^!-ÿ]*=[^!-ÿ]*(["'])([!-ÿ]*?)\1/.exec(declaration.slice(start)) ?? [];
  return asciiEncoding(label);
}

function metaEncoding(head: string): string | null {
  // Without this word all of what follows would be for nothing.
  if (!/charset/i.test(head)) return null;
  for (let at = head.indexOf('<'); at !== -1; at = head.indexOf('<', at)) {
    if (isAt(head, at, /<\/?[a-z]/iy)) {
      const isMeta = isAt(head, at, /<meta[\t\n\f\r /]/iy);
      const { attributes, end } = attributesFrom(
        head,
        next(head, at, isMeta ? /[\t\n\f\r /]/g : /[\t\n\f\r >]/g),
      );
      // What is cut off by the end of the bytes does not count.
      if (end === -1) return null;
      const encoding = isMeta ? encodingIn(attributes) : null;
      if (encoding !== null) return encoding;
      at = end;
    } else {
      at = endOfOther(head, at);
      if (at === -1) return null;
    }
  }
  return null;
}

/** The encoding that the attributes of one `meta` element name. */
function encodingIn(attributes: readonly Attribute[]): string | null {
  const valueOf = (wanted: string): string | null =>
    // Of several attributes of a name the first one counts.
    attributes.find(({ name }) => name === wanted)?.value ?? null;
  const charset = valueOf('charset');
  if (charset !== null) return asciiEncoding(charset);
  if (valueOf('http-equiv')?.toLowerCase() !== 'content-type') return null;
  return asciiEncoding(labelIn(valueOf('content') ?? ''));
}

/** HTML Standard, section 4.2.5.4 on: "extracting a character encoding from a meta element" */
function labelIn(content: string): string {
  const [, rest = ''] = /charset[\t\n\f\r ]*=[\t\n\f\r ]*(.*)/is.exec(content) ?? [];
  const quoted = /^(["'])(.*?)\1/s.exec(rest)?.[2];
  return quoted ?? /^[^"'\t\n\f\r ;][^\t\n\f\r ;]*/.exec(rest)?.[0] ?? '';
}

/** The encoding of a label that could be read as ASCII, which UTF-16 cannot. */
function asciiEncoding(label: string): string | null {
  const encoding = encodingOf(label);
  if (encoding === 'UTF-16LE' || encoding === 'UTF-16BE') return 'UTF-8';
  return encoding === 'x-user-defined' ? 'windows-1252' : encoding;
}

/** The attributes of a tag, and where it ends: at its `>`, or -1 when the text ends before that. */
function attributesFrom(head: string, start: number): { attributes: Attribute[]; end: number } {
  const attributes: Attribute[] = [];
  let at = next(head, start, /[^\t\n\f\r /]/g);
  while (at < head.length && head[at] !== '>') {
    // A name may begin with "=".
    const nameEnd = next(head, at + 1, /[\t\n\f\r />=]/g);
    const name = head.slice(at, nameEnd).toLowerCase();
    const equals = next(head, nameEnd, notSpace);
    let value = '';
    at = nameEnd;
    if (head[equals] === '=') {
      const from = next(head, equals + 1, notSpace);
      const quote = head[from];
      if (quote === '"' || quote === "'") {
        const close = head.indexOf(quote, from + 1);
        if (close === -1) return { attributes, end: -1 };
        value = head.slice(from + 1, close);
        at = close + 1;
      } else {
        at = next(head, from, /[\t\n\f\r >]/g);
        value = head.slice(from, at);
      }
    }
    attributes.push({ name, value });
    at = next(head, at, /[^\t\n\f\r /]/g);
  }
  return { attributes, end: at < head.length ? at : -1 };
}

const notSpace = /[^\t\n\f\r ]/g;

/** Where `wanted`, a global pattern, is found next; the length of the text when it is not. */
function next(text: string, from: number, wanted: RegExp): number {
  wanted.lastIndex = from;
  return wanted.exec(text)?.index ?? text.length;
}

function isAt(text: string, at: number, sticky: RegExp): boolean {
  sticky.lastIndex = at;
  return sticky.test(text);
}
