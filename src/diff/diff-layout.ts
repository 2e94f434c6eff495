import { UsageError } from '../shared/errors.ts';
import type { Result, Table, Values } from '../shared/records.ts';
import { numberColumns } from '../write/columns.ts';
import { asNumber } from '../write/earlier-layout.ts';
import { distinct } from '../write/layout.ts';
import type { Layout } from '../write/layout-shape.ts';
import type { Difference } from './differences.ts';

/** The columns of both files, and which of them the output has. */
export interface DiffColumns {
  /** Names of the list's columns. */
  readonly own: readonly string[];
  /** Names of the compared columns. */
  readonly compared: readonly string[];
  /** Indexes in `compared` of the columns that are written. */
  readonly written: readonly number[];
  /** Names of all result columns of both files. */
  readonly found: ReadonlySet<string>;
  readonly prefix: string;
}

/**
 * The layout of the output: `change`, the list's columns, then `NAME_before` and `NAME_after` for each column that is
 * written.
 *
 * @throws UsageError when the list has a column with one of the added names
 */
export function diffLayout({ own, compared, written, found }: DiffColumns): Layout {
  const added = written.flatMap((index) => pairOf(compared[index] ?? ''));
  const names = ['change', ...own];
  const keys = distinct(names);
  const taken = own.find((name) => name === 'change' || added.includes(name));
  if (taken !== undefined) throw new UsageError(`the list has a column "${taken}"; rename it in NEW and OLD`);
  return {
    names: [...names, ...added],
    header: true,
    added,
    inputKey: (index) => keys[index] ?? '',
    surplusKey: (index) => `surplus_${index + 1}`,
    inputCells: ({ cells }) => cells.slice(0, names.length),
    surplus: ({ cells }) => cells.slice(names.length),
    addedValues: (_result, of) => added.map((name) => of[name]),
    isReplaced: (name) => found.has(name),
    isTakenLate: () => false,
    isEmptied: () => false,
  };
}

/** Makes the function that turns a difference, the `number`th of the output, into a result that writers take. */
export function resultMaker(
  { compared, written, prefix }: DiffColumns,
  table: Table,
): (difference: Difference, number: number) => Result {
  const columns = written.map((index) => {
    const name = compared[index] ?? '';
    const isNumber = name.startsWith(prefix) && numberColumns.includes(name.slice(prefix.length));
    return { index, names: pairOf(name), isNumber };
  });
  return ({ change, own, json, isBad, surplus, before, after }, number) => {
    const values: Record<string, Values[string]> = {};
    for (const { index, names, isNumber } of columns) {
      const [cellBefore, cellAfter] = [before, after].map((cells) => {
        const text = cells?.[index] ?? '';
        return text === '' ? null : isNumber ? asNumber(text) : text;
      });
      values[names[0]] = cellBefore;
      values[names[1]] = cellAfter;
    }
    const row = {
      number,
      cells: [change, ...own, ...surplus],
      table,
      url: '',
      error: isBad ? ('bad-row' as const) : null,
      detail: '',
      json: json === null ? null : withMember(json, `"change":"${change}"`),
    };
    // Neither the layout nor the writer reads other fields.
    return {
      row,
      values,
      rows: null,
      pagesBefore: [],
      status: null,
      error: null,
    } as Partial<Result> as Result;
  };
}

/** Inserts a member at the front of the text of a JSON object. */
function withMember(json: string, member: string): string {
  return json.replace(/\{\s*(\}?)/, (_, end: string) => (end === '' ? `{${member},` : `{${member}}`));
}

function pairOf(name: string): readonly [before: string, after: string] {
  return [`${name}_before`, `${name}_after`];
}
