import type { Attributes } from './reader.ts';

/** The link types of an element: the words of its `rel` in lower case. */
export function linkTypes(tag: Attributes): readonly string[] {
  const rel = tag.attribute('rel');
  return rel === null ? [] : rel.toLowerCase().split(/[\t\n\f\r ]+/);
}

/** Whether a link leads to another form of the page, and not to another style sheet. */
export function isAlternate(types: readonly string[]): boolean {
  return types.includes('alternate') && !types.includes('stylesheet');
}
