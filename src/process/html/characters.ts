import { decodeHTML, decodeHTMLAttribute } from 'entities/decode';

/** HTML Standard, "normalize newlines": a browser's parser never sees a carriage return. */
function normalized(source: string): string {
  return source.includes('\r') ? source.replaceAll(/\r\n?/g, '\n') : source;
}

/** Text between tags: character references are decoded, NUL characters dropped. */
export function decodedText(source: string): string {
  const text = normalized(source);
  const whole = text.includes('\0') ? text.replaceAll('\0', '') : text;
  return whole.includes('&') ? decodeHTML(whole) : whole;
}

/** The content of a script or the like: character references stay, NUL becomes U+FFFD. */
export function rawText(source: string): string {
  const text = normalized(source);
  return text.includes('\0') ? text.replaceAll('\0', '\ufffd') : text;
}

/** The content of a title or textarea, or text within svg or math: as `rawText`, with character references decoded. */
export function decodedRawText(source: string): string {
  const text = rawText(source);
  return text.includes('&') ? decodeHTML(text) : text;
}

/** The value of an attribute: `&copy=1` is not decoded there, as it is mostly a parameter of a URL. */
export function decodedAttribute(source: string): string {
  const text = rawText(source);
  return text.includes('&') ? decodeHTMLAttribute(text) : text;
}

/** HTML Standard, "strip and collapse ASCII whitespace". */
export function collapsed(text: string): string {
  return text.replaceAll(/[\t\n\f\r ]+/g, ' ').replace(/^ | $/g, '');
}

/** HTML Standard, "strip leading and trailing ASCII whitespace". */
export function stripped(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

export function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x09 || code === 0x0c || code === 0x0d;
}
