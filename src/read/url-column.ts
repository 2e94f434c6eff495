import { UsageError } from '../shared/errors.ts';
import type { OwnColumns } from './earlier-result.ts';
import { hasScheme } from '../shared/url-like.ts';

const usualNames = new Set(['url', 'uri', 'link', 'href', 'homepage', 'website', 'address']);

/** How many cells of a column are looked at when its name says nothing. */
const sampleSize = 100;

/**
 * Index of the column that holds the URL.
 *
 * @param said what `--url-column` says, if anything: a name (case does not matter), else a number from 1
 * @param sample the first records, looked at when no name tells
 * @param own columns that are no candidates unless they are said
 * @throws UsageError naming the candidates when none or several fit
 */
export function findUrlColumn(
  names: readonly string[],
  said: string | undefined,
  sample: readonly (readonly string[])[],
  own: OwnColumns | null = null,
): number {
  if (said !== undefined) return saidColumn(names, said);
  const found = named(names, own) ?? candidates(names, own).filter((column) => holdsUrls(sample, column));
  if (found.length === 1 && found[0] !== undefined) return found[0];
  if (found.length === 0) {
    throw new UsageError(`no column looks like URLs; name one with --url-column: ${listed(names)}`);
  }
  const fitting = found.map((column) => names[column] ?? '');
  throw new UsageError(`several columns may hold the URL; choose one with --url-column: ${listed(fitting)}`);
}

/** Whether `findUrlColumn` has to look into the records. */
export function needsSample(
  names: readonly string[],
  said: string | undefined,
  own: OwnColumns | null = null,
): boolean {
  return said === undefined && named(names, own) === null;
}

function candidates(names: readonly string[], own: OwnColumns | null): number[] {
  return indexes(names, (name) => own === null || !own.names.has(name));
}

/** The columns that hold the URL as far as names tell: the only one, or those with a usual name; null: none does. */
function named(names: readonly string[], own: OwnColumns | null): number[] | null {
  if (names.length === 1) return [0];
  const all = candidates(names, own);
  // With the status of an earlier run all columns of its input are there: what was its only one is so again.
  if (all.length === 1 && own !== null && names.includes(own.status)) return all;
  const usual = all.filter((column) => usualNames.has((names[column] ?? '').trim().toLowerCase()));
  return usual.length > 0 ? usual : null;
}

function saidColumn(names: readonly string[], said: string): number {
  const wanted = said.trim().toLowerCase();
  const exact = indexes(names, (name) => name === said);
  const same = exact.length > 0 ? exact : indexes(names, (name) => name.trim().toLowerCase() === wanted);
  if (same.length > 1) {
    const numbers = same.map((column) => column + 1).join(' and ');
    throw new UsageError(`--url-column: columns ${numbers} are both called "${said}"; give a number`);
  }
  const column = same[0] ?? (/^\d+$/.test(wanted) ? Number(wanted) - 1 : -1);
  if (column < 0 || column >= names.length) {
    throw new UsageError(`--url-column: there is no column "${said}"; the columns are ${listed(names)}`);
  }
  return column;
}

function holdsUrls(sample: readonly (readonly string[])[], column: number): boolean {
  const cells = sample
    .map((record) => record[column]?.trim() ?? '')
    .filter((cell) => cell !== '')
    .slice(0, sampleSize);
  const urls = cells.filter((cell) => hasScheme(cell) || /^www\.\S+$/i.test(cell));
  return urls.length * 2 > cells.length;
}

function indexes<T>(items: readonly T[], fits: (item: T, index: number) => boolean): number[] {
  return items.flatMap((item, index) => (fits(item, index) ? [index] : []));
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => JSON.stringify(name));
  return shown.join(', ') + (names.length > shown.length ? ` and ${names.length - shown.length} more` : '');
}
