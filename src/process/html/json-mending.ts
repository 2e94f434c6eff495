import { decodeHTML } from 'entities/decode';

/** The JSON value of a script, and whether it had to be repaired. */
export interface ReadJson {
  readonly value: unknown;
  readonly isMended: boolean;
}

/**
 * Parses JSON as found in pages. If it is invalid, these errors are repaired: comments, the marks of CDATA sections and HTML
 * comments around it, extra commas and semicolons, control characters in strings, HTML references for its quotes.
 *
 * @throws SyntaxError when it is still not JSON
 */
export function readJson(text: string): ReadJson {
  try {
    return { value: JSON.parse(text) as unknown, isMended: false };
  } catch {
    return { value: JSON.parse(mended(text)), isMended: true };
  }
}

const quoteReference = /&(?:quot|#34|#x22);/i;

/** Repairs JSON in one pass from left to right, so that megabytes of text like comments do not take quadratic time. */
function mended(source: string): string {
  const text = !source.includes('"') && quoteReference.test(source) ? decodeHTML(source) : source;
  const pieces: string[] = [];
  /** Index of a comma in the pieces that no value has followed yet; -1: none. */
  let comma = -1;
  let at = 0;
  while (at < text.length) {
    const end = endOfToken(text, at);
    const token = text.slice(at, end);
    at = end;
    if (isNothing(token)) continue;
    if (token === ',') {
      // Drops a comma after another one, and one before the first value.
      if (comma !== -1 || /^[[{]?$/.test(pieces.at(-1) ?? '')) continue;
      comma = pieces.length;
    } else if (token.trim() !== '') {
      if (comma !== -1 && /^[\]}]$/.test(token)) pieces[comma] = '';
      comma = -1;
    } else continue;
    pieces.push(token.startsWith('"') ? mendedString(token) : token);
  }
  if (comma !== -1) pieces[comma] = '';
  return pieces.join('');
}

/** Whether a token is dropped: marks of comments and CDATA, and semicolons. */
function isNothing(token: string): boolean {
  return token === ';' || /^(?:\/[/*]|<!--)/.test(token) || marks.includes(token);
}

const marks = ['<!--', '-->', '<![CDATA[', ']]>'];

function endOfToken(text: string, at: number): number {
  const sign = text.charAt(at);
  if (sign === '"') return endOfString(text, at);
  const mark = marks.find((candidate) => text.startsWith(candidate, at));
  if (mark !== undefined) return at + (mark === '<!--' ? lengthOfComment(text, at) : mark.length);
  if (text.startsWith('//', at)) {
    // A comment that only hides a mark from scripts ends with that mark.
    marked.lastIndex = at;
    return marked.test(text) ? marked.lastIndex : endBehind(text, '\n', at);
  }
  if (text.startsWith('/*', at)) return endBehind(text, '*/', at + 2);
  plain.lastIndex = at;
  return plain.test(text) ? plain.lastIndex : at + 1;
}

const marked = /\/\/[\t ]*<!\[CDATA\[/y;

/** A short comment is skipped. If it contains braces, it may be the value itself, so only its mark is dropped. */
function lengthOfComment(text: string, at: number): number {
  const begin = text.slice(at, at + 1000);
  const end = begin.indexOf('-->');
  return end === -1 || /[{[]/.test(begin.slice(0, end)) ? '<!--'.length : end + '-->'.length;
}

/** Numbers and words, and whitespace. */
const plain = /\s+|(?:(?!-->)[\w.+-])+/y;

function endBehind(text: string, sign: string, from: number): number {
  const at = text.indexOf(sign, from);
  return at === -1 ? text.length : at + sign.length;
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

/** Escapes control characters, and removes the backslash of invalid escapes. */
function mendedString(string: string): string {
  return string.replaceAll(/\\(?:u[\da-fA-F]{4}|["\\/bfnrt])|\\|\p{Cc}/gu, (found) => {
    if (found.length > 1) return found;
    return found === '\\' ? '' : `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
