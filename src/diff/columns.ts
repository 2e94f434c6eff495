import { UsageError } from '../shared/errors.ts';
import { didYouMean } from '../shared/nearest.ts';
import type { Table } from '../shared/records.ts';
import { runColumns } from '../write/columns.ts';

/** A column, and where it is in the rows of each file; -1: the file lacks it. */
export interface Place {
  readonly name: string;
  readonly before: number;
  readonly after: number;
}

/** The columns of a result: those of its list, then, from its first result column on, what the run has found. */
export interface ResultColumns {
  readonly own: readonly string[];
  readonly found: readonly string[];
}

/** @param results names with the prefix of all result columns that there are */
export function resultColumns({ names }: Table, prefix: string, results: ReadonlySet<string>): ResultColumns {
  // Without a prefix a column "url" may be the list's.
  const starts = prefix === '' ? new Set(['status', 'error']) : results;
  const first = names.findIndex((name) => starts.has(name));
  const end = first === -1 ? names.length : first;
  return { own: names.slice(0, end), found: names.slice(end) };
}

/** Where a result column is. */
export function placeOf(name: string, before: ResultColumns, after: ResultColumns): Place {
  const at = ({ own, found }: ResultColumns): number => {
    const index = found.indexOf(name);
    return index === -1 ? -1 : own.length + index;
  };
  return { name, before: at(before), after: at(after) };
}

/** The columns of both lists: those of NEW, then what only OLD has. */
export function ownPlaces(before: ResultColumns, after: ResultColumns): Place[] {
  // Two columns may have the same name.
  const inOld = (name: string, index: number): number =>
    before.own[index] === name ? index : before.own.indexOf(name);
  return [
    ...after.own.map((name, index) => ({ name, before: inOld(name, index), after: index })),
    ...before.own.flatMap((name, index) =>
      after.own.includes(name) ? [] : [{ name, before: index, after: -1 }],
    ),
  ];
}

/**
 * The columns that are compared, in the order of NEW: by default those that both have, but for those that measure the run.
 *
 * @param list as `--columns` has it
 * @throws UsageError for a column that they do not both have
 */
export function comparedColumns(
  list: string,
  before: ResultColumns,
  after: ResultColumns,
  prefix: string,
): Place[] {
  const both = after.found.filter((name) => before.found.includes(name));
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

/** Whether a list changes the default instead of naming all columns. */
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
