import { compile, selectAll, selectOne } from 'css-select';
import type { AnyNode, Element } from 'domhandler';

import { checkColumn, parseNamed } from '../options/checks.ts';
import { markupOf } from '../page/markup.ts';
import { UsageError } from '../shared/errors.ts';
import { ownText } from '../shared/own-text.ts';
import type { Page, Processor, Value } from '../shared/records.ts';
import { collapsed } from './html/characters.ts';
import { Walker, treeOf } from './tree.ts';
import type { Syntax } from './tree.ts';

type Query = ReturnType<typeof compile<AnyNode, Element>>;

interface Selection {
  readonly name: string;
  readonly said: string;
  /** Whether the value is a list of all matches, instead of the first one. */
  readonly isList: boolean;
  /** The attribute to take; null for the text. */
  readonly attribute: string | null;
  readonly queries: Readonly<Record<Syntax, Query>>;
}

/**
 * Fills the columns of `--select`: `NAME=CSS`, `NAME=CSS@attribute`, and either with `*=` for all matches.
 *
 * @throws UsageError for an invalid selector
 */
export function selectProcessor(said: readonly string[]): Processor {
  const walker = new Walker();
  const selections = said.map((text) => selectionOf(text, walker));
  return {
    columns: selections.map(({ name }) => name),
    process(page) {
      const syntax = syntaxOf(page);
      const tree = syntax === null ? null : treeOf(page.text(), syntax);
      const values = selections.map((selection) => {
        if (syntax === null || tree === null) return [selection.name, selection.isList ? [] : null];
        try {
          return [selection.name, valueOf(selection, tree, syntax, walker)];
        } catch (error) {
          if (error instanceof RangeError) error.message = `--select ${selection.said}: ${error.message}`;
          throw error;
        }
      });
      return Object.fromEntries(values) as Record<string, Value>;
    },
  };
}

function valueOf(
  { queries, isList, attribute }: Selection,
  tree: AnyNode,
  syntax: Syntax,
  walker: Walker,
): Value {
  const options = { ...walker.options, xmlMode: syntax === 'xml' };
  walker.restart();
  const taken = (element: Element): string | null => {
    if (attribute === null) return ownText(collapsed(walker.text(element)));
    const name = syntax === 'xml' ? attribute : attribute.toLowerCase();
    return Object.hasOwn(element.attribs, name) ? ownText(element.attribs[name] ?? '') : null;
  };
  if (isList) {
    return selectAll(queries[syntax], tree, options)
      .map((element) => taken(element))
      .filter((value) => value !== null);
  }
  const element = selectOne(queries[syntax], tree, options);
  return element === null ? null : taken(element);
}

/** XHTML is read as HTML, as the extractors read it. */
function syntaxOf({ headers, body }: Page): Syntax | null {
  const markup = markupOf(headers['content-type'] ?? '', body);
  return markup === 'xhtml' ? 'html' : markup;
}

function selectionOf(said: string, walker: Walker): Selection {
  const { name: marked, text } = parseNamed(said);
  const isList = marked.endsWith('*');
  const name = isList ? marked.slice(0, -1) : marked;
  const [, css = '', attribute = null] = /^(.*?)(?:(?<!\\)@([^\s@'"()[\]\\]+))?$/s.exec(text.trim()) ?? [];
  const query = (xmlMode: boolean): Query => {
    try {
      checkColumn(name);
      checkSelector(css);
      return compile<AnyNode, Element>(css, { ...walker.options, xmlMode });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UsageError(`--select: ${said}: ${reason}`);
    }
  };
  return { name, said, isList, attribute, queries: { html: query(false), xml: query(true) } };
}

/** Refuses selectors that css-select accepts though they can never match. */
function checkSelector(css: string): void {
  if (css.trim() === '') throw new RangeError('a CSS selector is needed');
  if (/^[>+~]|[>+~]\s*$/.test(css)) throw new RangeError('a selector is missing beside > + or ~');
  if (/^[^'"()[\]]*(?<!\\)@/.test(css)) throw new RangeError('"@" is followed by the name of one attribute');
}
