import { encodingOf } from './encodings.ts';

/** Bytes that are searched in any case. */
const headLength = 1024;

/** Bytes that are searched at most, while the head element goes on. */
const longestHead = 256 * 1024;

interface Attribute {
  readonly name: string;
  readonly value: string;
}

/**
 * The encoding that an HTML document declares. The first 1024 bytes are searched for a `meta` element, then for an XML
 * declaration (HTML Standard, section 13.2.3.2, "prescan a byte stream to determine its encoding"), then the rest of its
 * head for a `meta` element, where a browser would restart (section 13.2.3.4, "changing the encoding while parsing").
 *
 * @returns the name of the encoding; null when none is declared, or one that browsers do not know
 */
export function htmlEncoding(body: Buffer): string | null {
  const head = headOf(body);
  return wideEncoding(head) ?? metaEncoding(head) ?? declaredEncoding(head) ?? lateEncoding(body);
}

/** The tags of a head. The content of the first group is text even where it looks like tags. */
const headTag =
  /<(\/?)(?:(script|style|title|noscript)|html|head|meta|link|base|object|template)(?=[\t\n\f\r />])/iy;

/** The encoding of the first `meta` element of the head that declares one. */
function lateEncoding(body: Buffer): string | null {
  if (body.length <= headLength) return null;
  const head = body.toString('latin1', 0, longestHead);
  if (!/charset/i.test(head.slice(headLength))) return null;
  for (let at = head.indexOf('<'); at !== -1; at = head.indexOf('<', at)) {
    headTag.lastIndex = at;
    const [, slash, text] = headTag.exec(head) ?? [];
    if (slash === undefined) {
      // Any other tag starts the body.
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

/** Where a comment or the like that starts at `at` ends; -1 when it does not end. */
function endOfOther(head: string, at: number): number {
  // `<!-->` is a whole comment: its hyphens belong to both marks.
  if (head.startsWith('<!--', at)) return head.indexOf('-->', at + 2);
  return isAt(head, at, /<[!/?]/y) ? head.indexOf('>', at) : at + 1;
}

/** The encoding that an XML document declares. @returns its name, or null as for HTML */
export function xmlEncoding(body: Buffer): string | null {
  const head = headOf(body);
  return wideEncoding(head) ?? declaredEncoding(head);
}

/** A character per byte. */
function headOf(body: Buffer): string {
  return body.toString('latin1', 0, headLength);
}

/** UTF-16 without a byte order mark, recognised by the first bytes of an XML declaration. */
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
  // A quick check that spares most documents the search.
  if (!/charset/i.test(head)) return null;
  for (let at = head.indexOf('<'); at !== -1; at = head.indexOf('<', at)) {
    if (isAt(head, at, /<\/?[a-z]/iy)) {
      const isMeta = isAt(head, at, /<meta[\t\n\f\r /]/iy);
      const { attributes, end } = attributesFrom(
        head,
        next(head, at, isMeta ? /[\t\n\f\r /]/g : /[\t\n\f\r >]/g),
      );
      // A tag that is cut off by the limit is ignored.
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

/** The encoding that one `meta` element declares. */
function encodingIn(attributes: readonly Attribute[]): string | null {
  const valueOf = (wanted: string): string | null =>
    // Repeated attributes are ignored.
    attributes.find(({ name }) => name === wanted)?.value ?? null;
  const charset = valueOf('charset');
  if (charset !== null) return asciiEncoding(charset);
  if (valueOf('http-equiv')?.toLowerCase() !== 'content-type') return null;
  return asciiEncoding(labelIn(valueOf('content') ?? ''));
}

/** HTML Standard, "extracting a character encoding from a meta element" */
function labelIn(content: string): string {
  const [, rest = ''] = /charset[\t\n\f\r ]*=[\t\n\f\r ]*(.*)/is.exec(content) ?? [];
  const quoted = /^(["'])(.*?)\1/s.exec(rest)?.[2];
  return quoted ?? /^[^"'\t\n\f\r ;][^\t\n\f\r ;]*/.exec(rest)?.[0] ?? '';
}

/** The encoding of a label that was itself read as ASCII, so that it cannot be UTF-16 (section 13.2.3.2). */
function asciiEncoding(label: string): string | null {
  const encoding = encodingOf(label);
  if (encoding === 'UTF-16LE' || encoding === 'UTF-16BE') return 'UTF-8';
  return encoding === 'x-user-defined' ? 'windows-1252' : encoding;
}

/** The attributes of a tag, and the index of its `>`; -1 when the text ends before it. */
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

/** The index of the next match of `wanted`, a global pattern; the length of the text without a match. */
function next(text: string, from: number, wanted: RegExp): number {
  wanted.lastIndex = from;
  return wanted.exec(text)?.index ?? text.length;
}

function isAt(text: string, at: number, sticky: RegExp): boolean {
  sticky.lastIndex = at;
  return sticky.test(text);
}
