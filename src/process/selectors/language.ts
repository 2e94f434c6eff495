import type { Element } from '../tree/nodes.ts';
import { namespaces } from '../tree/nodes.ts';
import { asciiLower } from './ascii.ts';
import type { Search } from './search.ts';
import type { Word } from './syntax.ts';

/** HTML Standard, "language of a node": that of the element or an ancestor, else of the page, else of its header. */
export function languageOf(element: Element, search: Search): string {
  for (let next: Element | null = element; next !== null; next = next.parentElement) {
    search.steps.spend(1 + next.attrs.length);
    const said =
      next.attrs.find(({ name, namespace }) => name === 'lang' && namespace === namespaces.xml) ??
      next.attrs.find(({ name, namespace }) => name === 'lang' && namespace === undefined);
    if (said !== undefined) {
      search.steps.spend(said.value.length >> 4);
      return said.value;
    }
  }
  return defaultLanguage(search);
}

function defaultLanguage({ tree, language, memo, steps }: Search): string {
  const known = memo.get(defaultLanguage);
  if (typeof known === 'string') return known;
  let found = language;
  for (const element of tree.elements) {
    steps.spend(1);
    if (element.localName !== 'meta' || !element.isHtml) continue;
    if (asciiLower(element.attribute('http-equiv') ?? '') !== 'content-language') continue;
    const content = (element.attribute('content') ?? '').trim();
    if (content !== '' && !content.includes(',')) found = content.split(/[\t\n\f\r ]/, 1)[0] ?? '';
  }
  memo.set(defaultLanguage, found);
  return found;
}

/**
 * Whether a language is in a range, both in lower case. A name matches as in browsers: the same language, or one that
 * continues with a hyphen. A string matches as in Selectors Level 4: `*-CH`.
 */
export function matchesLanguage(language: string, { text, isString }: Word): boolean {
  if (text === '' || language === '') return text === language;
  return isString ? isWithin(language, text) : language === text || language.startsWith(`${text}-`);
}

/** RFC 4647, "extended filtering". */
function isWithin(language: string, range: string): boolean {
  const tags = language.split('-');
  const [first, ...wanted] = range.split('-');
  if (first !== '*' && first !== tags[0]) return false;
  let at = 1;
  for (const tag of wanted) {
    if (tag === '*') continue;
    while (tags[at] !== tag) {
      if (tags[at] === undefined || tags[at]?.length === 1) return false;
      at++;
    }
    at++;
  }
  return true;
}
