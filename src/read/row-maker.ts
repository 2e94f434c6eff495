import type { Row, Table } from '../shared/records.ts';
import { urlOf } from '../shared/url-like.ts';
import type { InputOptions } from './content.ts';
import { earlierStatus, failedPage } from './earlier-result.ts';
import type { OwnColumns } from './earlier-result.ts';
import type { Entry } from './entry.ts';
import { faultOfRow } from './fault.ts';
import type { Fault } from './fault.ts';
import { findJsonPath } from './json-path.ts';
import { findUrlColumn } from './url-column.ts';
import { compileUrlTemplate } from './url-template.ts';

export interface RowOptions extends InputOptions {
  /** Whether the output has room for the header's columns only: then a record with more is a `bad-row`. */
  readonly fixedColumns: boolean;
  /** Whether cells may hold JSON, as in a result made of JSON Lines, so that a path may lead into them. */
  readonly holdsJson?: boolean;
  /** Finds the text that says what is fetched, in place of `urlColumn`, `urlTemplate` and a search. */
  readonly urlTextOf?: ((table: Table) => UrlText) | undefined;
  /** Columns that are not the user's; null where nothing is known of any. */
  readonly own: OwnColumns | null;
  /** A column that the input must have, which shows its delimiter. */
  readonly resultColumn?: string;
  /** Finds the URL column by other rules than those for a list. */
  readonly search?: UrlSearch;
}

export interface UrlSearch {
  /** Whether more records must be read before the column can be told. */
  readonly needsMore: (table: Table, records: readonly Entry[]) => boolean;
  /**
   * @param sample the first records
   * @returns a function that gives the text of a row's URL; null: the URL is found as in a list
   * @throws UsageError when the URL column cannot be told
   */
  readonly find: (table: Table, sample: readonly Entry[]) => ((cells: readonly string[]) => string) | null;
}

/** Gives the text that says what is fetched for a row of these cells. */
export type UrlText = (cells: readonly string[]) => string;

/** @param number of the row in the input, from 1 */
type ToRow = (entry: Entry, number: number) => Row;

export interface RowMaker {
  readonly toRow: ToRow;
  readonly urlText: UrlText;
}

/**
 * Makes rows of the records of a table.
 *
 * @param sample the first records, by which the URL column is found
 * @param onUrl gets the text of each URL
 * @throws UsageError when the URL column cannot be told
 */
export function rowMaker(
  table: Table,
  options: RowOptions,
  sample: readonly Entry[],
  onFault: (fault: Fault) => void,
  onUrl: (text: string) => void,
): RowMaker {
  const width = table.names.length;
  const { fixedColumns } = options;
  const [defaultScheme = '', ...others] = options.defaultScheme.toLowerCase().split(',');
  const isOrHttp = (text: string): boolean => others.length > 0 && typeof urlOf(text, 'none') !== 'string';
  const urlText = urlFinder(table, options, sample);
  const isHeaderAgain = headerLook(table);
  /** Why a record is no good row; null when it is one. */
  const badRow = (cells: readonly string[], json: string | null, fault: Fault | null): string | null => {
    if (fault !== null) {
      onFault(fault);
      return faultOfRow(fault);
    }
    if (cells.length !== width && (json === null || fixedColumns)) {
      return `${cells.length} cells where the ${table.header ? 'header' : 'first row'} has ${width}`;
    }
    return json === null && isHeaderAgain(cells) ? 'the header line again' : null;
  };
  const toRow: ToRow = ({ cells: all, json, url: own, fault }, number) => {
    const cells = all.length > width && json === null ? withoutEmptySurplus(all, width) : all;
    const detail = badRow(cells, json, fault);
    if (detail !== null) return { number, cells, table, url: '', error: 'bad-row', detail, json };
    const text = own ?? urlText(cells);
    onUrl(text);
    const url = urlOf(text, defaultScheme);
    if (typeof url !== 'string') {
      return { number, cells, table, url: '', error: 'invalid-url', detail: url.detail, json };
    }
    const row = { number, cells, table, url, error: url === '' ? 'no-url' : null, detail: '', json } as const;
    return isOrHttp(text) ? { ...row, orHttp: true } : row;
  };
  const copies = options.own?.copies === true;
  return { toRow: copies ? orCopy(toRow, table, options.own) : toRow, urlText };
}

/** Whether the records are those of a list, which needs no URL column. */
export function tellUrls(entries: readonly Entry[]): boolean {
  return entries.some(({ url }) => url !== null);
}

export function cellsOf(entries: readonly Entry[]): (readonly string[])[] {
  return entries.flatMap(({ cells, fault }) => (fault === null ? [cells] : []));
}

/** Without a header all columns are the user's: they have numbers instead of names. */
export function ownOf({ header }: Table, { own }: RowOptions): OwnColumns | null {
  return header ? own : null;
}

/** A delimiter at the end of a line makes an empty cell that nobody intended. */
function withoutEmptySurplus(cells: readonly string[], width: number): readonly string[] {
  return cells.slice(width).every((cell) => cell === '') ? cells.slice(0, width) : cells;
}

/** Recognises a repeated header line, as in files that were concatenated. */
function headerLook({ names, header }: Table): (cells: readonly string[]) => boolean {
  const [first = ''] = names;
  const marked = `\ufeff${first}`;
  return (cells) => {
    if (cells[0] !== first && cells[0] !== marked) return false;
    return header && names.every((name, column) => column === 0 || cells[column] === name);
  };
}

/** Rows that went well in an earlier run are copied, whatever their URL cell holds now. */
function orCopy(toRow: ToRow, table: Table, own: OwnColumns): ToRow {
  const statusOf = earlierStatus(table, own);
  const pageOf = failedPage(table, own);
  return (entry, number) => {
    const row = toRow(entry, number);
    // Its cells may not fit the header: then the status would be read from a wrong column.
    if (row.error === 'bad-row') return row;
    const status = statusOf(row.cells);
    if (status !== null) return { ...row, error: null, earlierStatus: status };
    const fromPage = pageOf(row.cells);
    return fromPage === 1 ? row : { ...row, fromPage };
  };
}

export function urlFinder(table: Table, options: RowOptions, sample: readonly Entry[]): UrlText {
  const { names } = table;
  const { urlTemplate, urlColumn, urlTextOf, search } = options;
  if (urlTextOf !== undefined) return urlTextOf(table);
  const found = search?.find(table, sample) ?? null;
  if (found !== null) return found;
  if (urlTemplate !== undefined) return compileUrlTemplate(urlTemplate, names);
  if (urlColumn === undefined && tellUrls(sample)) return (cells) => cells[0] ?? '';
  const records = cellsOf(sample);
  const isJson = options.holdsJson === true || sample.some(({ json }) => json !== null);
  const path = isJson && urlColumn !== undefined ? findJsonPath(names, urlColumn, records) : null;
  if (path !== null) return path;
  const column = findUrlColumn(names, urlColumn, records, ownOf(table, options));
  return (cells) => cells[column] ?? '';
}
