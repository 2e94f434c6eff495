import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';

import type { Likeness } from '../shared/likeness.ts';
import { mediaTypeOf } from '../shared/media-type.ts';
import { headLength, textKind } from './text-kind.ts';
import type { TextKind } from './text-kind.ts';

/** Characters of a page that are looked at, and of its text. */
const mostMarkup = 1024 * 1024;
const mostText = 64 * 1024;

/** Longer parts of a URL are not looked for in its page: a server that likes to would make that slow. */
const longestEcho = 256;

/** So many words that stand side by side are a place. */
const placeLength = 3;

const sketchSize = 64;

/**
 * What tells whether a page is the same as another one.
 *
 * @param body null when only the headers are known
 * @param url what was asked for: pages that say so differ for each
 * @returns null for what is no text
 */
export function likenessOf(body: Buffer | null, contentType: string, url: string): Likeness | null {
  const head = body?.toString('latin1', 0, headLength) ?? '';
  const kind = textKind(head, mediaTypeOf(contentType).type);
  if (kind === 'other') return null;
  if (body === null) return { words: [], title: '', sketch: new Uint32Array(0) };
  // Whether two texts are the same does not depend on the encoding that they are read in.
  const source = body
    .toString(isUtf8(body) ? 'utf8' : 'latin1')
    .slice(0, mostMarkup)
    .toLowerCase();
  const { text, title } = shownIn(source, kind);
  const echo = echoOf(url);
  const withoutUrl = text.replaceAll(echo.url, ' ');
  const words = wordsIn(withoutUrl, kind);
  const withoutName = withoutUrl.replaceAll(echo.name, ' ');
  const nameless = withoutName === withoutUrl ? words : wordsIn(withoutName, kind);
  const ownTitle = title.replaceAll(echo.url, ' ').replaceAll(echo.name, ' ');
  return {
    words: [digest(words), digest(nameless)],
    title: digest(wordsIn(ownTitle, kind)),
    sketch: sketchOf(nameless),
  };
}

/** The text that is shown and the title; of a page that shows hardly any, all of its markup that is no script. */
function shownIn(source: string, kind: TextKind): { readonly text: string; readonly title: string } {
  if (kind !== 'html' && kind !== 'xml') return { text: source.slice(0, mostText), title: '' };
  const { text, tags, title } = partsOf(source);
  return { text: text.trim() === title.trim() ? `${text} ${tags}` : text, title };
}

/** Elements whose content is not shown. */
const hidden = /(?:script|style|template)(?=[\s/>])/y;

/** In one pass, as a page may be made to make several slow. */
function partsOf(source: string): { readonly text: string; readonly tags: string; readonly title: string } {
  let [text, tags, title] = ['', '', ''];
  let at = 0;
  const skipTo = (mark: string, from: number): number => {
    const found = source.indexOf(mark, from);
    return found === -1 ? source.length : found + mark.length;
  };
  while (at < source.length && text.length < mostText) {
    const tag = source.indexOf('<', at);
    const end = tag === -1 ? source.length : tag;
    text += `${source.slice(at, end)} `;
    if (tag === -1) break;
    if (source.startsWith('<!--', tag)) {
      at = skipTo('-->', tag + 4);
      continue;
    }
    at = skipTo('>', tag);
    if (tags.length < mostText) tags += `${source.slice(tag + 1, at - 1)} `;
    hidden.lastIndex = tag + 1;
    const [name] = hidden.exec(source) ?? [];
    if (name !== undefined) at = skipTo('>', skipTo(`</${name}`, at));
    else if (title === '' && source.startsWith('<title', tag)) title = source.slice(at, skipTo('<', at) - 1);
  }
  return { text: text.slice(0, mostText), tags: tags.slice(0, mostText), title };
}

/** The forms in which a page may repeat the URL that was asked for, and its last part. */
function echoOf(url: string): { readonly url: RegExp; readonly name: RegExp } {
  const { origin, host, pathname, search } = new URL(url.toLowerCase());
  const paths = [pathname + search, pathname];
  const places = [origin, `//${host}`, ...(pathname === '/' ? [] : [''])];
  const urls = places.flatMap((place) => paths.map((path) => place + path));
  const name = decoded(/[^/]*(?=\/*$)/.exec(pathname)?.[0] ?? '');
  const bare = name.replace(/\.[^.]*$/, '');
  const words = [name, bare].map((form) => form.replaceAll(/[-_+]+/g, ' '));
  const names = [name + decoded(search), name, bare, ...words];
  return { url: anyOf(urls.flatMap((form) => [form, decoded(form)])), name: anyOf(names) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Finds any of these texts, the longest first, as a whole: `/a` is no part of `/about`. */
function anyOf(texts: readonly string[]): RegExp {
  const forms = texts.flatMap((text) => [text, text.replaceAll('&', '&amp;'), encodeURIComponent(text)]);
  const distinct = [...new Set(forms.map((form) => form.toLowerCase()))];
  const usable = distinct.filter((form) => form !== '' && form.length <= longestEcho);
  if (usable.length === 0) return /(?!)/g;
  const escaped = usable
    .toSorted((a, b) => b.length - a.length)
    .map((form) => form.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`));
  return new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${escaped.join('|')})(?![\p{L}\p{N}])`, 'gu');
}

/**
 * The words of a text without those that differ each time it is made: counters, times, numbers of requests. In data short numbers
 * are what it is about; a text of nothing else keeps them all.
 */
function wordsIn(text: string, kind: TextKind): readonly string[] {
  const all = text.match(/[\p{L}\p{N}_]+/gu) ?? [];
  const isData = kind === 'json' || kind === 'plain';
  const steady = all.filter((word) => !/\p{N}/u.test(word) || (isData && word.length < 6));
  return steady.length === 0 ? all : steady;
}

function digest(words: readonly string[]): string {
  return hash('sha1', words.join(' '), 'base64');
}

/** The smallest of the hashes of all places (MinHash, bottom-k). */
function sketchOf(words: readonly string[]): Uint32Array {
  const hashes = Uint32Array.from(words, hashOf);
  const places = new Uint32Array(Math.max(0, hashes.length - placeLength + 1));
  for (let i = 0; i < places.length; i++) {
    let place = 0;
    for (let n = 0; n < placeLength; n++) place = mixed(place ^ (hashes[i + n] ?? 0));
    places[i] = place;
  }
  const distinct = new Set(places.toSorted());
  return Uint32Array.from([...distinct].slice(0, sketchSize));
}

/** FNV-1a. */
function hashOf(text: string): number {
  let bits = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) bits = Math.imul(bits ^ text.charCodeAt(i), 0x01000193);
  return bits >>> 0;
}

/** Spreads what a few bits tell over all (MurmurHash3), as the smallest hashes are to be those of any places. */
function mixed(from: number): number {
  let bits = Math.imul(from ^ (from >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
