import type { Change, Row } from '../shared/records.ts';
import { hasFailed } from '../shared/statuses.ts';
import { harmless } from '../write/dialect.ts';
import type { EarlierRows } from '../earlier/earlier-rows.ts';
import type { Place } from './columns.ts';

/** What has become of a row of either file. */
export type RowChange = Change | 'gone';

/** A row of the output. Plain data, as it may wait in a temporary file (`WaitingDifferences`). */
export interface Difference {
  readonly change: RowChange;
  /** The cells of the list's columns. */
  readonly own: readonly string[];
  /** The row's own JSON text if its file is JSON Lines; else null. */
  readonly json: string | null;
  /** Whether the row is a `bad-row`, so that its cells may hold bytes that are no text. */
  readonly isBad: boolean;
  /** Cells beyond the columns of the header. */
  readonly surplus: readonly string[];
  /** The cells of the compared columns; null where there is no such row. */
  readonly before: readonly string[] | null;
  readonly after: readonly string[] | null;
}

/** Where in a row of either file the cells are that are compared and written. */
export interface Comparison {
  readonly compared: readonly Place[];
  /** The list's columns. */
  readonly own: readonly Place[];
  readonly status: Place;
  readonly error: Place;
  /** The key of a row of NEW, by which its row of OLD is found. */
  readonly keyOf: (row: Row) => string;
}

/** What has become of each row of NEW, in its order, then the rows of OLD that it lacks, in theirs. */
export async function* differences(
  earlier: EarlierRows,
  batches: AsyncIterable<readonly Row[]>,
  comparison: Comparison,
): AsyncGenerator<Difference> {
  for await (const rows of batches) {
    for (const row of rows) yield compare(await earlier.take(comparison.keyOf(row)), row, comparison);
  }
  for await (const row of earlier.rest()) yield gone(row, comparison);
}

function compare(before: Row | null, after: Row, { compared, own, status, error }: Comparison): Difference {
  const cells = {
    own: own.map((column) => after.cells[column.after] ?? ''),
    json: after.json,
    isBad: after.error === 'bad-row',
    surplus: after.json === null ? after.cells.slice(after.table.names.length) : [],
    before: before === null ? null : compared.map((column) => before.cells[column.before] ?? ''),
    after: compared.map((column) => after.cells[column.after] ?? ''),
  };
  if (before === null) return { change: 'new', ...cells };
  const failedBefore = failed(before.cells[status.before], before.cells[error.before]);
  const failedAfter = failed(after.cells[status.after], after.cells[error.after]);
  return { change: changeOf(failedBefore, failedAfter, differing(cells).length > 0), ...cells };
}

function gone(row: Row, { compared, own }: Comparison): Difference {
  return {
    change: 'gone',
    own: own.map((column) => row.cells[column.before] ?? ''),
    json: row.json,
    isBad: row.error === 'bad-row',
    surplus: row.json === null ? row.cells.slice(row.table.names.length) : [],
    before: compared.map((column) => row.cells[column.before] ?? ''),
    after: null,
  };
}

/** A row that fails in one file only has changed, whatever columns are compared. */
function changeOf(failedBefore: boolean, failedAfter: boolean, differs: boolean): RowChange {
  if (failedBefore !== failedAfter) return failedAfter ? 'failed' : 'recovered';
  if (!differs) return 'same';
  return failedAfter ? 'still-failing' : 'changed';
}

/** A row without a status has failed, even if it names no failure code: a run always writes one of the two. */
function failed(status = '', error = ''): boolean {
  return status === '' || hasFailed(Number(status), error === '' ? null : error);
}

/** Indexes of the compared columns whose cells differ; none for a row that one of the files lacks. */
export function differing({ before, after }: Pick<Difference, 'before' | 'after'>): number[] {
  if (before === null || after === null) return [];
  return after.flatMap((cell, index) => (isSame(before[index] ?? '', cell) ? [] : [index]));
}

/** Cells are also compared as `--excel-safe` writes them, as only one of the files may have been written with it. */
function isSame(before: string, after: string): boolean {
  return before === after || harmless(before) === harmless(after);
}
