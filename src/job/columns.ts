import type { Options } from '../options/table.ts';
import { extractors } from '../process/extractors.ts';
import type { OwnColumns } from '../read/earlier-result.ts';
import type { FetchSurroundings } from '../fetch/stream-options.ts';
import {
  certificateColumns,
  charsetColumns,
  chosenColumns,
  columns,
  digestColumn,
  soft404Column,
  traceColumns,
} from '../write/columns.ts';
import type { AddedColumns } from '../write/layout-shape.ts';

/** The columns that a job writes, and those of its input that an earlier run wrote. */
export interface JobColumns {
  readonly added: AddedColumns;
  readonly own: OwnColumns;
}

type ColumnOptions = Pick<Options, 'columns' | 'prefix' | 'retryFailed' | 'urlColumn' | 'urlTemplate'> &
  Partial<Pick<Options, 'since' | 'next'>>;

/** Columns that are always written with `--since`: those that the next run compares with, and `change`. */
const forSince = ['etag', 'last_modified', 'sha256', 'change'];

/** Columns that are always written with `--next`: they tell the pages of a row apart, and whether there are more. */
const forPages = ['page', 'next'];

/** @param processed names of the processors' columns @throws UsageError when `columns` names an unknown one */
export function jobColumns(options: ColumnOptions, processed: readonly string[]): JobColumns {
  const { columns: list, prefix, retryFailed, since, next } = options;
  const copies = retryFailed !== undefined;
  const chosen = copies && list === '' ? null : chosenColumns(list, prefix);
  const needed = [...(since === undefined ? [] : forSince), ...(next === undefined ? [] : forPages)];
  const all = chosen === null ? chosen : [...new Set([...chosen, ...needed])];
  // The extractor of the same name already gives this column.
  const results = all?.filter((name) => name !== digestColumn || !processed.includes(prefix + name)) ?? null;
  // Without a prefix, a column "title" may be one of the user's.
  const extracted = prefix === '' ? [] : [...Object.keys(extractors), 'file'];
  const earlier = new Set([...Object.keys(columns), ...extracted].map((name) => prefix + name));
  const written = (results ?? []).map((name) => prefix + name);
  return {
    added: {
      results,
      processed,
      prefix,
      ...(copies ? { earlier } : {}),
      ...(copies || prefix === '' ? {} : { outdated: (names) => outdated(earlier, options, names) }),
    },
    own: {
      names: new Set([...(copies || prefix !== '' ? earlier : written), ...processed]),
      status: `${prefix}status`,
      error: `${prefix}error`,
      copies,
      pages: { column: `${prefix}page`, areAskedFor: next !== undefined },
    },
  };
}

/**
 * What the fetching must find out for these result columns.
 *
 * @param results null: any that an earlier result may have
 */
export function toldFor(
  results: readonly string[] | null,
  prefix: string,
): Pick<FetchSurroundings, 'traces' | 'charsets' | 'digests' | 'certificates' | 'soft404'> {
  const shows = (names: readonly string[]): boolean =>
    results === null || results.some((name) => names.includes(name));
  return {
    traces: shows(traceColumns),
    charsets: shows(charsetColumns),
    digests: shows([digestColumn]),
    certificates: shows(certificateColumns),
    soft404: soft404Of(results, prefix),
  };
}

/**
 * For which rows `soft404` is found out; null: for none. It takes requests of its own, so if the columns are those of
 * an earlier result, it is only done if that has the column.
 */
function soft404Of(results: readonly string[] | null, prefix: string): FetchSurroundings['soft404'] {
  if (results === null) return ({ table }) => table.names.includes(prefix + soft404Column);
  return results.includes(soft404Column) ? () => true : null;
}

/** The columns of an earlier run that a new one leaves out: all but those that the URL is taken from. */
function outdated(
  earlier: ReadonlySet<string>,
  { urlColumn = '', urlTemplate = '' }: ColumnOptions,
  names: readonly string[],
): Set<string> {
  const said = urlColumn.trim().toLowerCase();
  const [first] = said.split(/[.[]/, 1);
  const inTemplate = [...urlTemplate.toLowerCase().matchAll(/\{[^\p{L}\p{N}{}_]?([^{}]*)\}/gu)].map(
    ([, name]) => name?.trim(),
  );
  const used = new Set([said, first, names[Number(said) - 1]?.toLowerCase(), ...inTemplate]);
  return new Set([...earlier].filter((name) => !used.has(name.toLowerCase())));
}
