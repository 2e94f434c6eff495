import { UsageError } from '../shared/errors.ts';
import type { Row, Table } from '../shared/records.ts';
import { columns, numberColumns } from './columns.ts';
import type { Cell } from './columns.ts';
import type { Layout } from './layout-shape.ts';

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
  const errorAt = places[results.indexOf('error')] ?? -1;
  const earlierCell = ({ cells }: Row, index: number): Cell => {
    const text = cells[places[index] ?? -1] ?? '';
    return text === '' ? null : isNumber[index] === true ? asNumber(text) : text;
  };
  return {
    ...base,
    ownCells: (row) => {
      if (row.earlierStatus !== undefined) return base.ownCells(row);
      return base.ownCells(row).map((cell, index) => (emptied[index] === true ? '' : cell));
    },
    addedValues: (result, of) => {
      const { row } = result;
      if (row.earlierStatus !== undefined) return places.map((_, index) => earlierCell(row, index));
      const values = base.addedValues(result, of);
      if (numberAt === -1) return values;
      // The number is that of the first input's record. A row that fitted then and does not now has lost its order.
      const isAstray = row.error === 'bad-row' && row.cells[errorAt] !== 'bad-row';
      values[numberAt] = isAstray ? null : earlierCell(row, numberAt);
      return values;
    },
    isEmptied,
  };
}

/** So that an object holds a number; one that would be written otherwise stays text. */
function asNumber(text: string): Cell {
  const number = Number(text);
  return Number.isFinite(number) && String(number) === text ? number : text;
}
