import { UsageError } from '../shared/errors.ts';
import type { Table, Value } from '../shared/records.ts';
import { columns } from './columns.ts';
import { earlierLayout, earlierResults } from './earlier-layout.ts';
import type { AddedColumns, Layout } from './layout-shape.ts';

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
