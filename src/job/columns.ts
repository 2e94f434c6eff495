import type { Options } from '../options/table.ts';
import { extractors } from '../process/extractors.ts';
import type { OwnColumns } from '../read/earlier-result.ts';
import { chosenColumns, columns } from '../write/columns.ts';
import type { AddedColumns } from '../write/layout-shape.ts';

/** The columns that a job writes, and those of its input that an earlier run wrote. */
export interface JobColumns {
  readonly added: AddedColumns;
  readonly own: OwnColumns;
}

/** @param processed names of the processors' columns @throws UsageError when `columns` names an unknown one */
export function jobColumns(
  { columns: list, prefix, retryFailed }: Pick<Options, 'columns' | 'prefix' | 'retryFailed'>,
  processed: readonly string[],
): JobColumns {
  const copies = retryFailed !== undefined;
  const results = copies && list === '' ? null : chosenColumns(list);
  // Without a prefix, a column "title" may be one of the user's.
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
