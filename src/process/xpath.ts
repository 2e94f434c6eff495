import { parseNamed } from '../options/checks.ts';
import { UsageError } from '../shared/errors.ts';
import { ownText } from '../shared/own-text.ts';
import type { Processor, Value } from '../shared/records.ts';
import { markupOf } from './tree/markup.ts';
import { treeOf } from './tree/tree.ts';
import { domOf } from './xpath/dom.ts';
import { compileXpath, stringOf } from './xpath/evaluate.ts';
import type { Evaluate, Found } from './xpath/evaluate.ts';

interface Query {
  readonly name: string;
  /** All nodes as a list, instead of the first one. */
  readonly isList: boolean;
  readonly evaluate: Evaluate;
}

/**
 * The columns of `--xpath`: `NAME=EXPR`, with `*=` for all nodes. It counts no steps, so it runs where it can be ended.
 *
 * @throws UsageError for what is no XPath 1.0
 */
export function xpathProcessor(said: readonly string[]): Processor {
  const queries = said.map(queryOf);
  return {
    columns: queries.map(({ name }) => name),
    process(page) {
      const markup = markupOf(page);
      const tree = markup === null ? null : treeOf(page.text(), markup);
      const document = tree === null ? null : domOf(tree);
      const values = queries.map(({ name, isList, evaluate }) => {
        const found = tree === null || document === null ? [] : evaluate(document, tree);
        return [name, valueOf(found, isList)];
      });
      return Object.fromEntries(values) as Record<string, Value>;
    },
  };
}

function queryOf(said: string): Query {
  try {
    const { name, isList, text } = parseNamed(said);
    return { name, isList, evaluate: compileXpath(text) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--xpath: ${said}: ${reason}`);
  }
}

function valueOf(found: Found, isList: boolean): Value {
  if (typeof found !== 'object') {
    const value = typeof found === 'number' && !Number.isFinite(found) ? null : found;
    return isList ? [value] : value;
  }
  if (isList) return found.map((node) => textOf(node));
  const [first] = found;
  return first === undefined ? null : textOf(first);
}

/** As of `--select`: an attribute as it is written, texts with their whitespace collapsed. */
function textOf(node: Parameters<typeof stringOf>[0]): string {
  const text = stringOf(node);
  return ownText(node.nodeType === 2 ? text : text.replaceAll(/[\t\n\f\r ]+/g, ' ').replaceAll(/^ | $/g, ''));
}
