import { UsageError } from '../errors.ts';
import type { Row, Table } from '../records.ts';
import { columns, numberColumns } from './columns.ts';
import type { Cell } from './columns.ts';
import type { Layout } from './layout.ts';

/**
 * The result columns that an earlier result has, in its order, by their names in the table of columns.
 *
 * @throws UsageError when it is none: nothing would tell which rows have failed
 */
export function earlierResults({ names }: Table, prefix: string): string[] {
  if (!names.includes(`${prefix}status`)) {
    throw new UsageError(
      `--retry-failed: the file has no column "${prefix}status"; is it a result, and written with this --prefix?`,
    );
  }
  const found = names.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
  return [...new Set(found)].filter((name) => Object.hasOwn(columns, name));
}

/**
 * The layout of an earlier result with some of its rows fetched again. Rows that are copied keep their cells; in those
 * that are fetched nothing old stays beside what is new.
 *
 * @param base the layout as it were if all rows were fetched
 * @param results the result columns that are written, by their names in the table of columns
 * @param earlier whole names of columns that an earlier run may have written
 */
export function earlierLayout(
  base: Layout,
  { names }: Table,
  results: readonly string[],
  earlier: ReadonlySet<string>,
): Layout {
  const places = base.added.map((name) => names.indexOf(name));
  const isNumber = results.map((name) => numberColumns.includes(name));
  const numberAt = names.includes(base.added[results.indexOf('row')] ?? '') ? results.indexOf('row') : -1;
  const isEmptied = (name: string): boolean => earlier.has(name) && !base.isReplaced(name);
  const emptied = base.names.slice(0, base.names.length - base.added.length).map(isEmptied);
  const end = names.findLastIndex((name) => !base.isReplaced(name)) + 1;
  const errorAt = places[results.indexOf('error')] ?? -1;
  const alignedRow = (row: Row): Row => {
    const surplus = row.json === null ? row.cells.length - names.length : 0;
    return surplus > 0 && row.cells[errorAt + surplus] === 'bad-row' && errorAt >= end
      ? { ...row, cells: surplusLast(row.cells, end, surplus) }
      : row;
  };
  const earlierCell = ({ cells }: Row, index: number): Cell => {
    const text = cells[places[index] ?? -1] ?? '';
    return text === '' ? null : isNumber[index] === true ? asNumber(text) : text;
  };
  return {
    ...base,
    ownCells: (row) => {
      if (row.earlierStatus !== undefined) return base.ownCells(row);
      return base.ownCells(alignedRow(row)).map((cell, index) => (emptied[index] === true ? '' : cell));
    },
    addedValues: (result, of) => {
      const { row } = result;
      if (row.earlierStatus !== undefined) return places.map((_, index) => earlierCell(row, index));
      const values = base.addedValues(result, of);
      if (numberAt === -1) return values;
      // The number is that of the first input's record: the others keep theirs.
      const aligned = alignedRow(row);
      const isAstray = aligned === row && row.error === 'bad-row';
      values[numberAt] = isAstray ? null : earlierCell(aligned, numberAt);
      return values;
    },
    isEmptied,
  };
}

/** An earlier run has put the result cells of a row that is too long behind all of its own. */
function surplusLast(cells: readonly string[], end: number, surplus: number): string[] {
  return [...cells.slice(0, end), ...cells.slice(end + surplus), ...cells.slice(end, end + surplus)];
}

/** So that an object holds a number; one that would be written otherwise stays text. */
function asNumber(text: string): Cell {
  const number = Number(text);
  return Number.isFinite(number) && String(number) === text ? number : text;
}
