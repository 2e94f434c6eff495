import { UsageError } from '../shared/errors.ts';
import { objectMembers } from '../shared/json-object.ts';
import { didYouMean } from '../shared/nearest.ts';
import type { Table } from '../shared/records.ts';
import type { Entry } from '../read/entry.ts';
import { runColumns } from '../write/columns.ts';

/** A column, and where it is in the rows of each file; -1: the file lacks it. */
export interface Place {
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

/** A column of one file, and where it is in its rows. */
export interface Column {
  readonly name: string;
  readonly at: number;
}

/** The columns of a result: `own` are those of its input list, `found` those that the run has added. */
export interface ResultColumns {
  readonly own: readonly Column[];
  readonly found: readonly Column[];
}

/** In JSON Lines, this many rows at most are looked at for the list's columns. */
const headRows = 100;

/**
 * The list's columns stand before the first result column. In JSON Lines each row has keys of its own: those that come
 * before the first result column in any row are the list's.
 *
 * @param results names of result columns: the first of them ends the list's columns
 * @param entries the first rows
 */
export function resultColumns(
  { names }: Table,
  results: ReadonlySet<string>,
  entries: readonly Entry[],
): ResultColumns {
  const all = names.map((name, at) => ({ name, at }));
  const rows = entries.slice(0, headRows).flatMap(({ json }) => (json === null ? [] : [objectMembers(json)]));
  const count = leading(names, results).length;
  const keys = new Set(
    rows.flatMap((members) =>
      leading(
        members.map(([key]) => key),
        results,
      ),
    ),
  );
  const isOwn = ({ name, at }: Column): boolean => (rows.length === 0 ? at < count : keys.has(name));
  return { own: all.filter(isOwn), found: all.filter((column) => !isOwn(column)) };
}

function leading(names: readonly string[], results: ReadonlySet<string>): readonly string[] {
  const end = names.findIndex((name) => results.has(name));
  return end === -1 ? names : names.slice(0, end);
}

/** Where a result column is in the rows of each file. */
export function placeOf(name: string, before: ResultColumns, after: ResultColumns): Place {
  const at = ({ found }: ResultColumns): number => named(found, name)?.at ?? -1;
  return { name, before: at(before), after: at(after) };
}

/** The list's columns in both files: those of NEW, then those that only OLD has. */
export function ownPlaces(before: ResultColumns, after: ResultColumns): Place[] {
  // Two columns may have the same name: the one at the same position comes first.
  const inOld = (name: string, index: number): number => {
    const column = before.own[index]?.name === name ? before.own[index] : named(before.own, name);
    return column?.at ?? -1;
  };
  return [
    ...after.own.map(({ name, at }, index) => ({ name, before: inOld(name, index), after: at })),
    ...before.own.flatMap(({ name, at }) =>
      named(after.own, name) === undefined ? [{ name, before: at, after: -1 }] : [],
    ),
  ];
}

export function named(columns: readonly Column[], name: string): Column | undefined {
  return columns.find((column) => column.name === name);
}

/**
 * The result columns that are compared: by default all that both files have, in the order of NEW, except those that
 * measure the run (`runColumns`), such as durations.
 *
 * @param list the value of `--columns`
 * @throws UsageError for a column that one of the files lacks, or when no column is left
 */
export function comparedColumns(
  list: string,
  before: ResultColumns,
  after: ResultColumns,
  prefix: string,
): Place[] {
  const both = after.found.flatMap(({ name }) => (named(before.found, name) === undefined ? [] : [name]));
  const ofRun = new Set(runColumns.map((name) => prefix + name));
  const terms = termsOf(list);
  const chosen = new Set(isRelative(list) ? both.filter((name) => !ofRun.has(name)) : []);
  for (const term of terms) {
    const name = knownColumn(term.replace(/^[+-]/, ''), both, prefix);
    if (term.startsWith('-')) chosen.delete(name);
    else chosen.add(name);
  }
  if (chosen.size === 0) throw new UsageError('OLD and NEW: no column is left to be compared');
  return [...chosen].map((name) => placeOf(name, before, after));
}

/** Whether a list changes the default, as `+name` and `-name` and an empty list do, instead of naming all columns. */
export function isRelative(list: string): boolean {
  return termsOf(list).every((term) => /^[+-]/.test(term));
}

function termsOf(list: string): string[] {
  return list
    .split(',')
    .map((term) => term.trim())
    .filter((term) => term !== '');
}

function knownColumn(said: string, both: readonly string[], prefix: string): string {
  const name = [prefix + said, said].find((one) => both.includes(one));
  if (name !== undefined) return name;
  throw new UsageError(
    `--columns: OLD and NEW have no result column "${said}" in common; they have ${both.join(', ')}${didYouMean(prefix + said, both)}`,
  );
}
