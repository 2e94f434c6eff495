import { UsageError } from '../shared/errors.ts';
import type { Table, Value } from '../shared/records.ts';
import { columns } from './columns.ts';
import { earlierLayout, earlierResults } from './earlier-layout.ts';
import type { AddedColumns, Layout } from './layout-shape.ts';

/** @throws UsageError when two columns would have the same name, or the input of `--retry-failed` is not a result */
export function layoutOf(table: Table, columnsToAdd: AddedColumns): Layout {
  const { processed, prefix, earlier } = columnsToAdd;
  const found = earlier === undefined ? [] : earlierResults(table, prefix);
  const results = columnsToAdd.results ?? found;
  const added = [...results.map((name) => prefix + name), ...processed];
  const twice = added.find((name, index) => added.indexOf(name) !== index);
  if (twice !== undefined) throw new UsageError(`the column "${twice}" would be written twice; rename one`);
  // In an earlier result the columns from its first result column on were written by that run and may be replaced.
  const end = earlier === undefined ? Infinity : table.names.indexOf(prefix + (found[0] ?? ''));
  const inputNames = new Set(table.header ? table.names.slice(0, end) : []);
  const unprefixed = processed.filter((name) => prefix === '' || !name.startsWith(prefix));
  const taken = unprefixed.find((name) => inputNames.has(name));
  if (taken !== undefined)
    throw new UsageError(`the input already has a column "${taken}"; rename one of them`);
  const outdated = columnsToAdd.outdated?.(table.names) ?? [];
  const replaced = new Set(table.header ? [...added, ...outdated] : []);
  const kept = table.names.flatMap((name, index) => (replaced.has(name) ? [] : [index]));
  const width = table.names.length;
  const nothingReplaced = kept.length === width;
  const inputKeys = distinct(
    kept.map((index) => table.names[index] ?? ''),
    added,
  );
  const late = new Set(unprefixed.filter((name) => !table.names.includes(name)));
  const values = results.flatMap((name) => columns[name]?.value ?? []);
  const layout: Layout = {
    names: [...kept.map((index) => table.names[index] ?? ''), ...added],
    header: table.header,
    added,
    inputKey: (index) => inputKeys[index] ?? '',
    surplusKey: (index) => free(String(width + 1 + index), [...inputKeys, ...added]),
    inputCells: ({ cells }) =>
      nothingReplaced && cells.length === width ? cells : kept.map((index) => cells[index] ?? ''),
    surplus: ({ cells }) => (cells.length > width ? cells.slice(width) : noCells),
    addedValues: (result, of) => {
      const all: Value[] = values.map((value) => value(result));
      for (const name of processed) all.push(of[name]);
      return all;
    },
    isReplaced: (name) => replaced.has(name),
    isTakenLate: (name) => late.has(name),
    isEmptied: () => false,
  };
  return earlier === undefined ? layout : earlierLayout(layout, table, results, earlier);
}

/** Which columns of an earlier run are left out and not written anew, in words for the user; null when there are none. */
export function leftOut({ names }: Table, { added, isReplaced }: Layout): string | null {
  const left = names.filter((name) => isReplaced(name) && !added.includes(name));
  if (left.length === 0) return null;
  return `left out, as they are of an earlier run: ${left.map((name) => JSON.stringify(name)).join(', ')}`;
}

const noCells: readonly string[] = [];

/** `a,a` → `a,a_2`: the keys of an object are unique. @param others keys that it has besides */
export function distinct(names: readonly string[], others: readonly string[] = []): string[] {
  const keys: string[] = [];
  for (const name of names) keys.push(free(name, [...others, ...keys]));
  return keys;
}

export function free(name: string, taken: readonly string[]): string {
  let key = name;
  for (let n = 2; taken.includes(key); n++) key = `${name}_${n}`;
  return key;
}
