import { parseNamed } from '../options/checks.ts';
import { UsageError } from '../shared/errors.ts';
import { ownText } from '../shared/own-text.ts';
import type { Processor, Value } from '../shared/records.ts';
import { collapsed } from './html/characters.ts';
import { treeOfPage } from './tree/page-tree.ts';
import { domOf } from './xpath/dom.ts';
import { compileXpath, stringOf } from './xpath/evaluate.ts';
import type { Evaluate, Found } from './xpath/evaluate.ts';

interface Query {
  readonly name: string;
  /** Whether the value is a list of all nodes, instead of the first one. */
  readonly isList: boolean;
  readonly evaluate: Evaluate;
}

/**
 * Fills the columns of `--xpath`: `NAME=EXPR`, with `*=` for all nodes. The library cannot limit its steps, so this must run
 * in a thread that can be ended.
 *
 * @throws UsageError for an invalid XPath 1.0 expression
 */
export function xpathProcessor(said: readonly string[]): Processor {
  const queries = said.map(queryOf);
  return {
    columns: queries.map(({ name }) => name),
    process(page) {
      const tree = treeOfPage(page);
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

/** As for `--select`: attributes unchanged, texts with their whitespace collapsed. */
function textOf(node: Parameters<typeof stringOf>[0]): string {
  const text = stringOf(node);
  return ownText(node.nodeType === 2 ? text : collapsed(text));
}
