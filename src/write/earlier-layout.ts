import { UsageError } from '../shared/errors.ts';
import type { Row, Table } from '../shared/records.ts';
import { columns, numberColumns } from './columns.ts';
import type { Cell } from './columns.ts';
import type { Layout } from './layout-shape.ts';

/**
 * The result columns of an earlier result, in its order, by their names in the table of columns.
 *
 * @throws UsageError when it has no status column, without which nothing tells which rows have failed
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
 * The layout for `--retry-failed`. Copied rows keep their cells. In rows that are fetched again, old values of result columns
 * that are not written anew become empty.
 *
 * @param base the layout for rows that are fetched
 * @param results names of the result columns to write, without the prefix
 * @param earlier names with the prefix of all columns that the earlier run may have written
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
    inputCells: (row) => {
      if (row.earlierStatus !== undefined) return base.inputCells(row);
      return base.inputCells(row).map((cell, index) => (emptied[index] === true ? '' : cell));
    },
    addedValues: (result, of) => {
      const { row } = result;
      if (row.earlierStatus !== undefined) return places.map((_, index) => earlierCell(row, index));
      const values = base.addedValues(result, of);
      if (numberAt === -1) return values;
      // `row` stays the record's number in the first input. A row that has become a bad-row has lost its columns, and so
      // the place of that number.
      const isAstray = row.error === 'bad-row' && row.cells[errorAt] !== 'bad-row';
      values[numberAt] = isAstray ? null : earlierCell(row, numberAt);
      return values;
    },
    isEmptied,
  };
}

/** The number that a text stands for, if JSON writes it with the same characters; else the text. */
export function asNumber(text: string): Cell {
  const number = Number(text);
  return Number.isFinite(number) && String(number) === text ? number : text;
}
