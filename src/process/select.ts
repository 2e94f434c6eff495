import { compile, selectAll, selectOne } from 'css-select';
import type { AnyNode, Element } from 'domhandler';

import { UsageError } from '../shared/errors.ts';
import { parseNamed } from '../options/checks.ts';
import type { Processor, Value } from '../shared/records.ts';
import { ownText } from '../shared/own-text.ts';
import { Walker, markupOf, treeOf } from './tree.ts';

type Query = ReturnType<typeof compile<AnyNode, Element>>;

interface Selection {
  readonly name: string;
  readonly said: string;
  /** All matches as a list, instead of the first one. */
  readonly isList: boolean;
  /** Null for the text. */
  readonly attribute: string | null;
  readonly queries: Readonly<Record<'html' | 'xml', Query>>;
}

/**
 * The columns of `--select`: `NAME=CSS`, `NAME=CSS@attribute`, and either with `*=` for all matches.
 *
 * @throws UsageError for what cannot be a selector
 */
export function selected(said: readonly string[]): Processor {
  const walker = new Walker();
  const selections = said.map((text) => selectionOf(text, walker));
  return {
    columns: selections.map(({ name }) => name),
    process(page) {
      const markup = markupOf(page);
      const tree = markup === null ? null : treeOf(page.text(), markup);
      const values = selections.map((selection) => {
        if (markup === null || tree === null) return [selection.name, selection.isList ? [] : null];
        try {
          return [selection.name, valueOf(selection, tree, markup, walker)];
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
  markup: 'html' | 'xml',
  walker: Walker,
): Value {
  const options = { ...walker.options, xmlMode: markup === 'xml' };
  walker.restart();
  const taken = (element: Element): string | null => {
    if (attribute === null) return collapsed(walker.text(element));
    const name = markup === 'xml' ? attribute : attribute.toLowerCase();
    return Object.hasOwn(element.attribs, name) ? ownText(element.attribs[name] ?? '') : null;
  };
  if (isList) {
    return selectAll(queries[markup], tree, options)
      .map((element) => taken(element))
      .filter((value) => value !== null);
  }
  const element = selectOne(queries[markup], tree, options);
  return element === null ? null : taken(element);
}

/** ASCII whitespace is what HTML has between words; no-break spaces stay. */
function collapsed(text: string): string {
  return ownText(text.replaceAll(/[\t\n\f\r ]+/g, ' ').replaceAll(/^ | $/g, ''));
}

function selectionOf(said: string, walker: Walker): Selection {
  const { name, isList, text } = parseNamed(said);
  const [, css = '', attribute = null] = /^(.*?)(?:(?<!\\)@([^\s@'"()[\]\\]+))?$/s.exec(text.trim()) ?? [];
  const query = (xmlMode: boolean): Query => {
    try {
      checkSelector(css);
      return compile<AnyNode, Element>(css, { ...walker.options, xmlMode });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UsageError(`--select: ${said}: ${reason}`);
    }
  };
  return { name, said, isList, attribute, queries: { html: query(false), xml: query(true) } };
}

/** What css-select takes, and never finds. */
function checkSelector(css: string): void {
  if (css.trim() === '') throw new RangeError('a CSS selector is needed');
  if (/^[>+~]|[>+~]\s*$/.test(css)) throw new RangeError('a selector is missing beside > + or ~');
  if (/^[^'"()[\]]*(?<!\\)@/.test(css)) throw new RangeError('"@" is followed by the name of one attribute');
}
