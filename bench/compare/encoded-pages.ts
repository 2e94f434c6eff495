import { readFile, readdir } from 'node:fs/promises';

import { percentEncodeAfterEncoding } from '@exodus/bytes/whatwg.js';

import { decodeText } from '../../src/page/encodings.ts';
import { sampled } from './pages.ts';

/** The encodings in which pages of a language were written before UTF-8. */
export const encodings: Readonly<Record<string, readonly string[]>> = {
  ja: ['Shift_JIS', 'EUC-JP', 'ISO-2022-JP'],
  'zh-CN': ['GBK'],
  'zh-TW': ['Big5'],
  ko: ['EUC-KR'],
  ru: ['windows-1251', 'KOI8-R', 'ISO-8859-5'],
  uk: ['windows-1251', 'KOI8-U'],
  bg: ['windows-1251'],
  el: ['windows-1253', 'ISO-8859-7'],
  he: ['windows-1255'],
  ar: ['windows-1256'],
  fa: ['windows-1256'],
  th: ['windows-874'],
  tr: ['windows-1254'],
  cs: ['windows-1250', 'ISO-8859-2'],
  pl: ['windows-1250', 'ISO-8859-2'],
  hu: ['windows-1250', 'ISO-8859-2'],
  hr: ['windows-1250', 'ISO-8859-2'],
  lt: ['windows-1257'],
  lv: ['windows-1257'],
  en: ['windows-1252'],
  de: ['windows-1252'],
  fr: ['windows-1252'],
  es: ['windows-1252'],
  it: ['windows-1252'],
  pt: ['windows-1252'],
  nl: ['windows-1252'],
  sv: ['windows-1252'],
  da: ['windows-1252'],
};

/** A page in an old encoding, which it does not declare. */
export interface EncodedPage {
  readonly encoding: string;
  readonly body: Buffer;
  /** The text as decoded with the right encoding. */
  readonly text: string;
}

/**
 * Pages of a language found below a folder, as strings: HTML files, and pages made of translated program
 * messages.
 */
export async function pagesOf(folder: string, language: string, count: number): Promise<string[]> {
  const all = (await readdir(folder, { recursive: true })).toSorted();
  // Folders may be named zh_CN or zh-CN; pt-BR counts as pt.
  const name = language.replace('-', '[-_]') + (language.includes('-') ? '' : '(?:[-_][A-Z]{2})?');
  const ofLanguage = all.filter((file) => new RegExp(String.raw`(?:^|/|\.)${name}(?:/|\.html$)`).test(file));
  const html = sampled(
    ofLanguage.filter((file) => file.endsWith('.html')),
    count,
  );
  const pages = await Promise.all(html.map((file) => readFile(`${folder}/${file}`, 'utf8')));
  const catalogues = ofLanguage.filter((file) => file.endsWith('.mo'));
  const messages = await Promise.all(catalogues.map((file) => readFile(`${folder}/${file}`)));
  return [...pages.map(undeclared), ...sampled(messages.flatMap(messagePages), count)];
}

/** The page without what declares its encoding. */
function undeclared(html: string): string {
  return html.replace(/^<\?xml[^>]*>/, '').replaceAll(/<meta[^>]*charset[^>]*>/gi, '');
}

/** Pages of 40 translated messages each, from a catalogue of GNU gettext ("The Format of GNU MO Files"). */
function messagePages(catalogue: Buffer): string[] {
  const count = catalogue.readUInt32LE(8);
  const table = catalogue.readUInt32LE(16);
  const messages = Array.from({ length: count }, (_, index) => {
    const at = catalogue.readUInt32LE(table + 8 * index + 4);
    const text = catalogue.toString('utf8', at, at + catalogue.readUInt32LE(table + 8 * index));
    return text.replaceAll(/\0.*/gs, '').replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  });
  return Array.from({ length: Math.floor(count / 40) }, (_, index) => {
    const [title = '', ...texts] = messages.slice(1 + 40 * index, 41 + 40 * index);
    return `<html><head><title>${title}</title></head><body>\n<p>${texts.join('</p>\n<p>')}</p>\n</body></html>\n`;
  });
}

/** A page with the same title, but only 200 characters of the text. */
export function shortened(html: string): string {
  const title = /<title>(.*?)<\/title>/s.exec(html)?.[1] ?? '';
  const body = html
    .replace(/^.*<body[^>]*>/s, '')
    .replaceAll(/<(script|style).*?<\/\1>/gs, '')
    .replaceAll(/<[^>]*>|\s+/g, ' ');
  const middle = Math.floor(body.length / 3);
  return `<html><head><title>${title}</title></head><body><p>${body.slice(middle, middle + 200)}</p></body></html>`;
}

/**
 * The page in an encoding; null if it is all ASCII, with nothing to guess by. Characters missing in the
 * encoding become references.
 */
export function encodedPage(html: string, encoding: string): EncodedPage | null {
  const escaped = percentEncodeAfterEncoding(encoding, html, '%');
  const bytes = escaped.replaceAll(/%(..)/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  if (!/[\u0080-\u00ff]/.test(bytes) && !bytes.includes('\u001b')) return null;
  const body = Buffer.from(bytes, 'latin1');
  return { encoding, body, text: decodeText(body, encoding) };
}
