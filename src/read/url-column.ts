import { UsageError } from '../errors.ts';
import { hasScheme } from './url-text.ts';

const usualNames = new Set(['url', 'uri', 'link', 'href', 'homepage', 'website', 'address']);

/** How many cells of a column are looked at when its name says nothing. */
const sampleSize = 100;

/**
 * Index of the column that holds the URL.
 *
 * @param said what `--url-column` says, if anything: a name (case does not matter), else a number from 1
 * @param sample the first records, looked at when no name tells
 * @throws UsageError naming the candidates when none or several fit
 */
export function findUrlColumn(
  names: readonly string[],
  said: string | undefined,
  sample: readonly (readonly string[])[],
): number {
  if (said !== undefined) return saidColumn(names, said);
  if (names.length === 1) return 0;
  const named = indexes(names, (name) => usualNames.has(name.trim().toLowerCase()));
  const found = named.length > 0 ? named : indexes(names, (_, column) => holdsUrls(sample, column));
  if (found.length === 1 && found[0] !== undefined) return found[0];
  if (found.length === 0) {
    throw new UsageError(`no column looks like URLs; name one with --url-column: ${listed(names)}`);
  }
  const candidates = found.map((column) => names[column] ?? '');
  throw new UsageError(
    `several columns may hold the URL; choose one with --url-column: ${listed(candidates)}`,
  );
}

/** Whether `findUrlColumn` has to look into the records. */
export function needsSample(names: readonly string[], said: string | undefined): boolean {
  return (
    said === undefined && names.length > 1 && !names.some((name) => usualNames.has(name.trim().toLowerCase()))
  );
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
