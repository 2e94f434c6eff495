import type { Options } from '../options/table.ts';
import { extractors } from '../process/extractors.ts';
import type { OwnColumns } from '../read/earlier-result.ts';
import { chosenColumns, columns } from '../write/columns.ts';
import type { AddedColumns } from '../write/layout-shape.ts';

/** Which columns a job writes, and which of its input are not the user's. */
export interface JobColumns {
  readonly added: AddedColumns;
  readonly own: OwnColumns;
}

/** @throws UsageError when `columns` names one that there is not */
export function jobColumns(
  { columns: list, prefix, retryFailed }: Pick<Options, 'columns' | 'prefix' | 'retryFailed'>,
  processed: readonly string[],
): JobColumns {
  const copies = retryFailed !== undefined;
  const results = copies && list === '' ? null : chosenColumns(list);
  // Without a prefix a column called "title" may well be the user's own.
  const extracted = prefix === '' ? [] : Object.keys(extractors);
  const earlier = new Set([...Object.keys(columns), ...extracted].map((name) => prefix + name));
  const written = copies ? earlier : (results ?? []).map((name) => prefix + name);
  return {
    added: { results, processed, prefix, ...(copies ? { earlier } : {}) },
    own: {
      names: new Set([...written, ...processed]),
      status: `${prefix}status`,
      error: `${prefix}error`,
      copies,
    },
  };
}
