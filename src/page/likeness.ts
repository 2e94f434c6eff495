import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';

import type { Likeness } from '../shared/likeness.ts';
import { mediaTypeOf } from '../shared/media-type.ts';
import { headLength, textKind } from './text-kind.ts';
import type { TextKind } from './text-kind.ts';

/** Most characters that are examined: of a page's source, and of the text (or the tags) found in it. */
const mostMarkup = 1024 * 1024;
const mostText = 64 * 1024;

/** Longer parts of a URL are not searched for in its page: a hostile server could make that slow. */
const longestEcho = 256;

/** Number of adjacent words that are hashed together as one "place" (a shingle). */
const placeLength = 3;

const sketchSize = 64;

/**
 * The digests by which a page is compared with other pages (soft 404).
 *
 * @param body null when only the headers are known
 * @param url the requested URL, which is removed from the text, as a page that repeats it would differ for each URL; empty
 *   when only whether the body is text is to be known
 * @returns null when the body is not text
 */
export function likenessOf(body: Buffer | null, contentType: string, url: string): Likeness | null {
  const head = body?.toString('latin1', 0, headLength) ?? '';
  const kind = textKind(head, mediaTypeOf(contentType).type);
  if (kind === 'other') return null;
  if (body === null || url === '') return blank;
  // Whether two texts are the same does not depend on the encoding that they are read in.
  const source = body
    .toString(isUtf8(body) ? 'utf8' : 'latin1')
    .slice(0, mostMarkup)
    .toLowerCase();
  const { text, title } = shownIn(source, kind);
  const echo = echoOf(url);
  const withoutUrl = without(text, echo.url);
  const withoutName = without(withoutUrl, echo.name);
  const words = wordsIn(withoutUrl, kind);
  const nameless = withoutName === withoutUrl ? words : wordsIn(withoutName, kind);
  const digestOfWords = digest(words);
  return {
    words: [digestOfWords, nameless === words ? digestOfWords : digest(nameless)],
    title: digest(wordsIn(without(without(title, echo.url), echo.name), kind)),
    sketch: sketchOf(nameless),
  };
}

const blank: Likeness = { words: [], title: '', sketch: new Uint32Array(0) };

/** The visible text and the title. If a page shows nothing but its title, the text also has its tags. */
function shownIn(source: string, kind: TextKind): { readonly text: string; readonly title: string } {
  if (kind !== 'html' && kind !== 'xml') return { text: source.slice(0, mostText), title: '' };
  const { text, tags, title } = partsOf(source);
  return { text: text.trim() === title.trim() ? `${text} ${tags}` : text, title };
}

/** Elements whose content is not shown. */
const hidden = /(?:script|style|template)(?=[\s/>])/y;

/** Splits a page in a single pass, as a hostile page could make several passes slow. */
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
function echoOf(url: string): { readonly url: readonly string[]; readonly name: readonly string[] } {
  const { origin, host, pathname, search } = new URL(url.toLowerCase());
  const paths = [pathname + search, pathname];
  const places = [origin, `//${host}`, ...(pathname === '/' ? [] : [''])];
  const urls = places.flatMap((place) => paths.map((path) => place + path));
  const name = decoded(lastPartOf(pathname));
  const bare = name.replace(/\.[^.]*$/, '');
  const words = [name, bare].map((form) => form.replaceAll(/[-_+]+/g, ' '));
  const names = [name + decoded(search), name, bare, ...words];
  return { url: formsOf(urls.flatMap((form) => [form, decoded(form)])), name: formsOf(names) };
}

/** The last part of a path that is not empty. */
function lastPartOf(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end--;
  return path.slice(path.lastIndexOf('/', end - 1) + 1, end);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** All forms in which a page may have these texts, the longest first. */
function formsOf(texts: readonly string[]): readonly string[] {
  const forms = texts.flatMap((text) => [text, text.replaceAll('&', '&amp;'), encodeURIComponent(text)]);
  const distinct = [...new Set(forms.map((form) => form.toLowerCase()))];
  const usable = distinct.filter((form) => form !== '' && form.length <= longestEcho);
  return usable.toSorted((a, b) => b.length - a.length);
}

/** A text without these parts where they stand as a whole: `/a` is no part of `/about`. */
function without(text: string, parts: readonly string[]): string {
  return parts.reduce(withoutPart, text);
}

// By indexOf: compiling a pattern for each URL would take longer than everything else here.
function withoutPart(text: string, part: string): string {
  let rest = '';
  let from = 0;
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + part.length)) {
    const end = at + part.length;
    if (isWord(text, at - 1) || isWord(text, end)) continue;
    rest += `${text.slice(from, at)} `;
    from = end;
  }
  return from === 0 ? text : rest + text.slice(from);
}

function isWord(text: string, at: number): boolean {
  return /^[\p{L}\p{N}]/u.test(text.charAt(at));
}

/**
 * Hashes of the words of a text. Words with digits are left out, as many change with every request: counters, times, request
 * ids. JSON and plain text keep those of up to 5 characters, which are likely content; a text of nothing else keeps all.
 */
function wordsIn(text: string, kind: TextKind): Uint32Array {
  const all = text.match(/[\p{L}\p{N}_]+/gu) ?? [];
  const isData = kind === 'json' || kind === 'plain';
  const steady = all.filter((word) => !/\p{N}/u.test(word) || (isData && word.length < 6));
  const counted = steady.length === 0 ? all : steady;
  const words = new Uint32Array(counted.length);
  // `from()` would go through an iterator, which takes longer than the hashes.
  for (let i = 0; i < words.length; i++) words[i] = hashOf(counted[i] ?? '');
  return words;
}

function digest(words: Uint32Array): string {
  return hash('sha1', words, 'base64');
}

/** The 64 smallest distinct hashes of all places (MinHash, bottom-k). */
function sketchOf(words: Uint32Array): Uint32Array {
  const places = new Uint32Array(Math.max(0, words.length - placeLength + 1));
  for (let i = 0; i < places.length; i++) {
    let place = 0;
    for (let n = 0; n < placeLength; n++) place = mixed(place ^ (words[i + n] ?? 0));
    places[i] = place;
  }
  const smallest: number[] = [];
  for (const place of places.toSorted()) {
    if (place !== smallest.at(-1)) smallest.push(place);
    if (smallest.length === sketchSize) break;
  }
  return Uint32Array.from(smallest);
}

/** FNV-1a. */
function hashOf(text: string): number {
  let bits = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) bits = Math.imul(bits ^ text.charCodeAt(i), 0x01000193);
  return bits >>> 0;
}

/** Spreads each bit over all bits (finalizer of MurmurHash3): so the smallest hashes are a random sample of the places. */
function mixed(from: number): number {
  let bits = Math.imul(from ^ (from >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}
