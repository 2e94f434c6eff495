import { hash } from 'node:crypto';

import { UsageError } from '../shared/errors.ts';
import { didYouMean } from '../shared/nearest.ts';
import type { Result } from '../shared/records.ts';
import { listed } from '../options/checks.ts';
import type { Options } from '../options/table.ts';
import { columns, digestColumn } from '../write/columns.ts';
import { harmless } from '../write/dialect.ts';
import { cellText } from '../write/formats.ts';
import type { AddedColumns } from '../write/layout-shape.ts';

/** The extractor whose column `--change-by text` compares. */
export const textDigest = 'text_sha256';

/** The columns that a run writes besides the input's. */
export type Written = Pick<AddedColumns, 'processed' | 'prefix'> & { readonly results: readonly string[] };

/** Columns that tell of a page without its body: by default they are compared for HEAD. */
const ofHead = ['type', 'etag', 'last_modified'];

/**
 * The columns of the output by which a page counts as changed.
 *
 * @param saved name of the column of saved files, which is not compared as a value; null without one
 * @param isHead whether requests are HEAD, so that no bodies come
 * @throws UsageError when `changeBy` names a column that is not written
 */
export function comparedColumns(
  { changeBy }: Pick<Options, 'changeBy'>,
  { results, processed, prefix }: Written,
  saved: string | null,
  isHead: boolean,
): readonly string[] {
  const ours = results.map((name) => prefix + name);
  if (changeBy === undefined) {
    const values = processed.filter((name) => name !== saved);
    if (values.length > 0) return values;
    const known = isHead ? ofHead : [digestColumn];
    return known.map((name) => prefix + name).filter((name) => ours.includes(name));
  }
  const written = new Set([...ours, ...processed]);
  return listed(changeBy).map((said) => {
    const name = said === 'body' ? digestColumn : said === 'text' ? textDigest : said;
    if (name === said && written.has(name)) return name;
    if (written.has(prefix + name)) return prefix + name;
    throw new UsageError(
      `--change-by: no column "${name}" is written; there are body, text, ${[...written].join(', ')}${didYouMean(name, [...written])}`,
    );
  });
}

/** The cells of these columns for a result, as they will be read back from the output. */
export function cellsOf(
  { values, rows, ...result }: Result,
  names: readonly string[],
  { processed, prefix }: Written,
): string[] {
  const all = { ...values, ...rows?.[0] };
  return names.map((name) => {
    const value = processed.includes(name)
      ? all[name]
      : columns[name.slice(prefix.length)]?.value({ ...result, values, rows });
    return cellText(value);
  });
}

/**
 * A hash of cells, cut to 16 bytes, by which they are compared with those of another run. It is made of the cells as
 * `--excel-safe` writes them, as only one of the two runs may have used that option.
 *
 * @param names of their columns
 * @returns null when one of them is the hash of a body or text that is not known, as with HEAD
 */
export function digestOf(names: readonly string[], cells: readonly string[], prefix: string): string | null {
  const isUnknown = (name: string, at: number): boolean =>
    cells[at] === '' && (name === prefix + digestColumn || name === prefix + textDigest);
  if (names.some(isUnknown)) return null;
  return hash('sha256', JSON.stringify(cells.map(harmless)), 'base64').slice(0, 22);
}
