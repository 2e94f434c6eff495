import { UsageError } from '../shared/errors.ts';
import { parseNamed } from '../options/checks.ts';
import type { Processor, Value } from '../shared/records.ts';
import { ownText } from '../shared/own-text.ts';
import { collapsed } from './html/characters.ts';
import { attributeOf } from './selectors/attributes.ts';
import type { Search, Test } from './selectors/search.ts';
import { compileSelectors } from './selectors/selector.ts';
import { Steps } from './tree/limits.ts';
import type { Document, Element, Parent } from './tree/nodes.ts';
import { treeOfPage } from './tree/page-tree.ts';
import { nodesIn, textContent } from './tree/tree.ts';

/** Gives the value of each match, in document order; null for a match without the attribute. */
type Find = (search: Search) => Iterable<string | null>;

interface Selection {
  readonly name: string;
  readonly said: string;
  /** Whether the value is a list of all matches, instead of the first one. */
  readonly isList: boolean;
  readonly find: Find;
}

/**
 * The columns of `--select`: `NAME=CSS`, `NAME=CSS@attribute`, and either with `*=` for all matches. Behind a selector
 * may also stand `::text` or `::attr(name)`, as in Scrapy.
 *
 * @throws UsageError for an invalid selector
 */
export function selectProcessor(said: readonly string[]): Processor {
  const selections = said.map(selectionOf);
  return {
    columns: selections.map(({ name }) => name),
    process(page) {
      const tree = treeOfPage(page);
      const language = page.headers['content-language'] ?? '';
      const values = selections.map((selection) => [selection.name, valueOf(selection, tree, language)]);
      return Object.fromEntries(values) as Record<string, Value>;
    },
  };
}

function valueOf(selection: Selection, tree: Document | null, language: string): Value {
  if (tree === null) return selection.isList ? [] : null;
  try {
    return valuesOf(selection, { tree, steps: new Steps(), language, memo: new Map() });
  } catch (error) {
    if (error instanceof RangeError) error.message = `--select ${selection.said}: ${error.message}`;
    throw error;
  }
}

function valuesOf({ find, isList }: Selection, search: Search): Value {
  const values: string[] = [];
  for (const value of find(search)) {
    if (!isList) return value;
    if (value !== null) values.push(value);
  }
  return isList ? values : null;
}

function selectionOf(said: string): Selection {
  try {
    const { name, isList, text } = parseNamed(said);
    return { name, said, isList, find: findOf(text.trim()) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--select: ${said}: ${reason}`);
  }
}

function findOf(text: string): Find {
  const [, css = '', pseudo, argument = ''] =
    /^(.*?)::(text|attr)(?:\(\s*([^\s()]+)\s*\))?$/is.exec(text) ?? [];
  if (pseudo?.toLowerCase() === 'text' && argument === '') return textsOf(compileSelectors(withInner(css)));
  if (pseudo?.toLowerCase() === 'attr' && argument !== '') {
    const test = compileSelectors(/(?:^|\s)$/.test(css) ? `${css}*` : css);
    const take = attribute(argument);
    return function* find(search) {
      for (const element of matches(test, search)) {
        const value = take(element, search);
        if (value !== null) yield value;
      }
    };
  }
  const [, before = '', name] = /^(.*?)(?:(?<!\\)@([^\s@'"()[\]\\]+))?$/s.exec(text) ?? [];
  const test = compileSelectors(checked(before));
  const take = name === undefined ? wholeText : attribute(name);
  return function* find(search) {
    for (const element of matches(test, search)) yield take(element, search);
  };
}

function* matches(test: Test, search: Search): Generator<Element> {
  for (const element of search.tree.elements) if (test(element, search)) yield element;
}

/** Rewrites the selector before `::text`: `a ::text` also takes the texts of all elements within `a`. */
function withInner(css: string): string {
  if (css.trim() === '') return '*';
  if (!/\s$/.test(css)) return css;
  compileSelectors(css);
  return `:is(${css}), :is(${css}) *`;
}

/** The texts that are children of the elements, without those of whitespace only. */
function textsOf(test: Test): Find {
  return function* find(search) {
    const parents = new Set<Parent>(matches(test, search));
    for (const node of nodesIn(search.tree)) {
      search.steps.spend(1);
      if (node.nodeType !== 3 || node.parentNode === null || !parents.has(node.parentNode)) continue;
      search.steps.spend(node.data.length);
      const text = ownText(collapsed(node.data));
      if (text !== '') yield text;
    }
  };
}

function checked(css: string): string {
  if (css.trim() === '') throw new RangeError('a CSS selector is needed');
  if (/^[^'"()[\]]*(?<!\\)@/.test(css)) throw new RangeError('"@" is followed by the name of one attribute');
  return css;
}

function wholeText(element: Element, { steps }: Search): string {
  return ownText(collapsed(textContent(element, (count) => steps.spend(count))));
}

function attribute(name: string) {
  return (element: Element, { tree, steps }: Search): string | null => {
    steps.spend(element.attrs.length);
    const value = attributeOf(element, name, tree);
    return value === null ? null : ownText(value);
  };
}
