import { UsageError } from '../shared/errors.ts';
import type { Result, Row, Table, Value, Values } from '../shared/records.ts';
import { columns } from './columns.ts';
import { earlierLayout, earlierResults } from './earlier-layout.ts';

/** Which columns a job writes beside those of its input. */
export interface AddedColumns {
  /** Result columns by their names in the table of columns; null: those that the input has, an earlier result. */
  readonly results: readonly string[] | null;
  /** The processors' columns by their whole names. */
  readonly processed: readonly string[];
  readonly prefix: string;
  /** There when the input is an earlier result whose good rows are copied: whole names of columns that may be its. */
  readonly earlier?: ReadonlySet<string>;
}

/** The columns of one job's output. */
export interface Layout {
  /** All names in order. */
  readonly names: readonly string[];
  readonly header: boolean;
  /** Names of the columns that come after the input's. */
  readonly added: readonly string[];
  /** What an own cell is called where an object is written: names differ there. */
  readonly ownKey: (index: number) => string;
  /** What a cell beyond the header is called there: its number in the row. */
  readonly surplusKey: (index: number) => string;
  /** The cells of the input's columns: without those that this run replaces, and filled up where a row is too short. */
  readonly ownCells: (row: Row) => readonly string[];
  /** The values that come after them. @param of what processors gave for this output row; there may be several */
  readonly addedValues: (result: Result, of: Values) => Value[];
  /** The cells beyond the header, which come last: all others stand under their names. */
  readonly surplus: (row: Row) => readonly string[];
  /** Whether the input has a column of this name that is written anew. */
  readonly isReplaced: (name: string) => boolean;
  /** Whether a column of this name stays, but empty in rows that are fetched. */
  readonly isEmptied: (name: string) => boolean;
}

/** @throws UsageError when a processor's column is there already, or an earlier result is none */
export function layoutOf(table: Table, columnsToAdd: AddedColumns): Layout {
  const { processed, prefix, earlier } = columnsToAdd;
  const found = earlier === undefined ? [] : earlierResults(table, prefix);
  const results = columnsToAdd.results ?? found;
  const added = [...results.map((name) => prefix + name), ...processed];
  const twice = added.find((name, index) => added.indexOf(name) !== index);
  if (twice !== undefined) throw new UsageError(`the column "${twice}" would be written twice; rename one`);
  // What an earlier result has of them behind its own first column, an earlier run has written.
  const end = earlier === undefined ? Infinity : table.names.indexOf(prefix + (found[0] ?? ''));
  const own = new Set(table.header ? table.names.slice(0, end) : []);
  const taken = processed.find((name) => (prefix === '' || !name.startsWith(prefix)) && own.has(name));
  if (taken !== undefined)
    throw new UsageError(`the input already has a column "${taken}"; rename one of them`);
  const anew = new Set(table.header ? added : []);
  const kept = table.names.flatMap((name, index) => (anew.has(name) ? [] : [index]));
  const width = table.names.length;
  const nothingReplaced = kept.length === width;
  const ownKeys = distinct(kept.map((index) => table.names[index] ?? ''));
  const values = results.flatMap((name) => columns[name]?.value ?? []);
  const layout: Layout = {
    names: [...kept.map((index) => table.names[index] ?? ''), ...added],
    header: table.header,
    added,
    ownKey: (index) => ownKeys[index] ?? '',
    surplusKey: (index) => free(String(width + 1 + index), [...ownKeys, ...added]),
    ownCells: ({ cells }) =>
      nothingReplaced && cells.length === width ? cells : kept.map((index) => cells[index] ?? ''),
    surplus: ({ cells }) => (cells.length > width ? cells.slice(width) : noCells),
    addedValues: (result, of) => {
      const all: Value[] = values.map((value) => value(result));
      for (const name of processed) all.push(of[name]);
      return all;
    },
    isReplaced: (name) => anew.has(name),
    isEmptied: () => false,
  };
  return earlier === undefined ? layout : earlierLayout(layout, table, results, earlier);
}

const noCells: readonly string[] = [];

/** `a,a` → `a,a_2`: an object cannot hold one name twice. */
function distinct(names: readonly string[]): string[] {
  const keys: string[] = [];
  for (const name of names) keys.push(free(name, keys));
  return keys;
}

function free(name: string, taken: readonly string[]): string {
  let key = name;
  for (let n = 2; taken.includes(key); n++) key = `${name}_${n}`;
  return key;
}
