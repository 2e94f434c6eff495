import type { Page, Value } from '../../shared/records.ts';
import { TooLarge } from './limits.ts';
import { markupOf } from './markup.ts';
import type { Document } from './nodes.ts';
import { treeOf } from './tree.ts';

/** The page that was parsed last. One is enough: all that need the tree of a page ask before the next page comes. */
let latest: { readonly page: Page; readonly tree: Document | TooLarge | null } | null = null;

/**
 * The tree of a page, parsed once for all callers before the next page. It must not be changed.
 *
 * @returns null for a page that is neither HTML nor XML
 * @throws TooLarge when it has more nodes, or is nested deeper, than any real page
 */
export function treeOfPage(page: Page): Document | null {
  if (latest?.page !== page) {
    // Dropped before the next page is parsed, so that there are never two trees in memory.
    latest = null;
    latest = { page, tree: parsed(page) };
  }
  if (latest.tree instanceof TooLarge) throw latest.tree;
  return latest.tree;
}

function parsed(page: Page): Document | TooLarge | null {
  const markup = markupOf(page);
  if (markup === null) return null;
  const text = page.text();
  try {
    return treeOf(text, markup);
  } catch (error) {
    if (error instanceof TooLarge) return error;
    throw error;
  }
}

/**
 * An extractor of the tree of HTML or XHTML. Its value is empty for other pages, and for those that are larger, or nested
 * deeper, than any real page.
 */
export function ofTree(give: (tree: Document, page: Page) => Value): (page: Page) => Value {
  return (page) => {
    const markup = markupOf(page);
    if (markup === null || markup === 'xml') return '';
    try {
      const tree = treeOfPage(page);
      return tree === null ? '' : give(tree, page);
    } catch (error) {
      if (error instanceof TooLarge) return '';
      throw error;
    }
  };
}
