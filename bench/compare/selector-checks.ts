import { readFileSync, readdirSync } from 'node:fs';

import { compileSelectors } from '../../src/process/selectors/selector.ts';
import { Steps } from '../../src/process/tree/limits.ts';
import { treeOf } from '../../src/process/tree/tree.ts';

/**
 * Pages, each with the selectors to try on it, one a line: `NAME.txt`, and `NAME.refused.txt` for invalid
 * ones.
 */
export const folder = new URL('../../../fixtures/selectors/', import.meta.url);

export interface Check {
  readonly page: string;
  readonly html: string;
  readonly type: 'text/html' | 'application/xhtml+xml';
  readonly selectors: readonly string[];
}

/** For each selector, the position and name of each element found; null if the selector is refused. */
export type Answers = Readonly<Record<string, readonly string[] | null>>;

export function checks(): Check[] {
  const files = readdirSync(folder);
  return files
    .filter((file) => /\.x?html$/.test(file))
    .map((page) => {
      const name = page.replace(/\.x?html$/, '');
      return {
        page,
        html: text(page),
        type: page.endsWith('.xhtml') ? 'application/xhtml+xml' : 'text/html',
        selectors: files
          .filter((file) => file === `${name}.txt` || file === `${name}.refused.txt`)
          .flatMap((file) => text(file).trimEnd().split('\n')),
      };
    });
}

function text(file: string): string {
  return readFileSync(new URL(file, folder), 'utf8');
}

/** The answers of our own tree and selectors. */
export function answersOf({ html, type, selectors }: Check): Answers {
  const tree = treeOf(html, type === 'text/html' ? 'html' : 'xhtml');
  return Object.fromEntries(
    selectors.map((selector) => {
      try {
        const test = compileSelectors(selector);
        const search = { tree, steps: new Steps(), language: '', memo: new Map() };
        const found = tree.elements.filter((element) => test(element, search));
        return [selector, found.map(({ order, localName }) => `${order} ${localName}`)];
      } catch (error) {
        if (error instanceof RangeError) return [selector, null];
        throw error;
      }
    }),
  );
}
