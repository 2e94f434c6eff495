import type { decodeHTMLAttribute } from 'entities';

import { loadEncodings } from './encodings.ts';
import { headerText } from './headers.ts';
import type { ResponsePage } from './page.ts';

/** Seconds. A page that leads on later than this is meant to be read. */
const longestWait = 5;

/** Bytes of a page that are searched for the word `refresh`; then characters of its text, for `meta` elements. */
const longestHead = 256 * 1024;

let decoded: typeof decodeHTMLAttribute = (text) => text;

/** Loads what `refreshOf` needs, which few runs do. */
export async function loadRefresh(): Promise<void> {
  await loadEncodings();
  decoded = (await import('entities')).decodeHTMLAttribute;
}

/**
 * The URL to which a page leads on by itself: by its Refresh header, else by a `meta` element (HTML Standard, "shared
 * declarative refresh steps"). Only http and https count, within five seconds, and not to the page itself.
 *
 * @returns an absolute URL; null when there is none
 */
export function refreshOf(page: ResponsePage): string | null {
  const header = headerText(page.rawHeaders, 'refresh');
  const said = header === null ? metaRefresh(page) : targetOf(header);
  if (said === null) return null;
  try {
    const { protocol, href } = new URL(said, page.url);
    return /^https?:$/.test(protocol) && href !== new URL(page.url).href ? href : null;
  } catch {
    return null;
  }
}

function metaRefresh(page: ResponsePage): string | null {
  if (!isReadableHtml(page) || !/refresh/i.test(page.body.toString('latin1', 0, longestHead))) return null;
  for (const attributes of metasIn(page.text().slice(0, longestHead))) {
    if (attributes.get('http-equiv')?.trim().toLowerCase() !== 'refresh') continue;
    const target = targetOf(attributes.get('content') ?? '');
    if (target !== null) return target;
  }
  return null;
}

/** False for a damaged gzip file as well: nobody can read what is in it. */
function isReadableHtml(page: ResponsePage): boolean {
  try {
    return page.kind === 'html';
  } catch {
    return false;
  }
}

/** Elements whose content is skipped: whatever looks like a tag there is text, or inert. */
const rawText = new Set([
  'script',
  'style',
  'title',
  'textarea',
  'template',
  'iframe',
  'noembed',
  'noframes',
  'xmp',
]);

/** The attributes of each `meta` element, in order, with names in lower case. */
function* metasIn(text: string): Generator<Map<string, string>> {
  const lower = text.toLowerCase();
  const tag = /<(?:!--|(\/?[a-z][^\t\n\f\r />]*))/g;
  for (let found = tag.exec(lower); found !== null; found = tag.exec(lower)) {
    const [, name] = found;
    if (name === undefined) {
      const end = lower.indexOf('-->', found.index + 2);
      if (end === -1) return;
      tag.lastIndex = end + 3;
    } else if (rawText.has(name)) {
      const end = lower.indexOf(`</${name}`, tag.lastIndex);
      if (end === -1) return;
      tag.lastIndex = end;
    } else if (name === 'meta') {
      const end = endOfTag(text, tag.lastIndex);
      yield attributesIn(text.slice(tag.lastIndex, end));
      tag.lastIndex = end;
    }
  }
}

/** Where the tag ends whose attributes begin at `from`: behind the first `>` outside quotes. */
function endOfTag(text: string, from: number): number {
  const mark = /=[\t\n\f\r ]*(["'])|>/g;
  mark.lastIndex = from;
  for (let found = mark.exec(text); found !== null; found = mark.exec(text)) {
    const [, quote] = found;
    if (quote === undefined) return mark.lastIndex;
    const end = text.indexOf(quote, mark.lastIndex);
    if (end === -1) break;
    mark.lastIndex = end + 1;
  }
  return text.length;
}

function attributesIn(text: string): Map<string, string> {
  const attributes = new Map<string, string>();
  const each =
    /([^\t\n\f\r />=][^\t\n\f\r />=]*)(?:[\t\n\f\r ]*=[\t\n\f\r ]*(?:"([^"]*)"|'([^']*)'|([^\t\n\f\r >]*)))?/g;
  for (const [, name = '', double, single, plain = ''] of text.matchAll(each)) {
    const key = name.toLowerCase();
    if (!attributes.has(key)) attributes.set(key, decoded(double ?? single ?? plain));
  }
  return attributes;
}

/** The URL of `5; url=…`; null where there is none, or the wait is too long. */
function targetOf(content: string): string | null {
  const [, seconds = '', point, behind] =
    /^[\t\n\f\r ]*(\d*)(?:(\.)[\d.]*)?(?:[;,\t\n\f\r ][\t\n\f\r ]*[;,]?[\t\n\f\r ]*(.*))?$/s.exec(content) ??
    [];
  if ((seconds === '' && point === undefined) || behind === undefined || behind === '') return null;
  if (Number(seconds) > longestWait) return null;
  const url = behind.replace(/^url[\t\n\f\r ]*=[\t\n\f\r ]*/i, '');
  const quote = url[0] === '"' || url[0] === "'" ? url[0] : null;
  return (quote === null ? url : (url.slice(1).split(quote, 1)[0] ?? '')).trim() || null;
}
