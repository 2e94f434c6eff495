import { UsageError } from '../shared/errors.ts';
import type { OwnColumns } from './earlier-result.ts';
import { didYouMean } from '../shared/nearest.ts';
import { hasScheme, looksLikeUrl } from '../shared/url-like.ts';

/** Names that a column of URLs mostly has. */
export const usualNames = new Set(['url', 'uri', 'link', 'href', 'homepage', 'website', 'address']);

/** How many cells of a column are looked at. */
export const cellsSeen = 100;

type Sample = readonly (readonly string[])[];

/**
 * Index of the column that holds the URL.
 *
 * @param said what `--url-column` says, if anything: a name (case does not matter), else a number from 1
 * @param sample the first records: some cells of the column must be URLs, unless it was said or all are empty
 * @param own columns that are no candidates unless they are said
 * @throws UsageError naming the candidates when none or several fit
 */
export function findUrlColumn(
  names: readonly string[],
  said: string | undefined,
  sample: Sample,
  own: OwnColumns | null = null,
): number {
  if (said !== undefined) return saidColumn(names, said);
  const found = fitting(names, sample, own);
  if (found.length === 1 && found[0] !== undefined) return found[0];
  if (found.length === 0) {
    throw new UsageError(
      `no column looks like URLs; name one with --url-column: ${listed(names, (column) => seen(sample, column))}`,
    );
  }
  const several = found.map((column) => names[column] ?? '');
  throw new UsageError(`several columns may hold the URL; choose one with --url-column: ${listed(several)}`);
}

/** Whether `findUrlColumn` needs more records to decide. */
export function needsSample(
  names: readonly string[],
  said: string | undefined,
  sample: Sample,
  own: OwnColumns | null = null,
): boolean {
  if (said !== undefined) return false;
  const [column, ...others] = named(names, own);
  if (column === undefined || others.length > 0) return true;
  return !isEarlierResult(names, own) && !cellsOf(sample, column).some(looksLikeUrl);
}

/** Indexes of the columns that hold the URL as far as it can be told; see `findUrlColumn`. */
export function fitting(names: readonly string[], sample: Sample, own: OwnColumns | null): number[] {
  const shareOf = (column: number): number => share(cellsOf(sample, column), looksLikeUrl);
  const all = candidates(names, own);
  const usual = named(names, own);
  // The earlier run has found its URLs in that column.
  if (usual.length === 1 && isEarlierResult(names, own)) return usual;
  for (const columns of [usual, all.filter((column) => hasUsualWord(names[column] ?? ''))]) {
    const mostly = columns.filter((column) => shareOf(column) > 0.5);
    const partly = columns.filter((column) => shareOf(column) > 0);
    const best = mostly.length > 0 ? mostly : partly;
    if (best.length > 0) return best;
    // If all of these columns are empty, nothing speaks against their usual names.
    const empty = columns.filter((column) => cellsOf(sample, column).length === 0);
    const isUsual = columns.every((column) => hasUsualWord(names[column] ?? ''));
    if (isUsual && empty.length > 0 && empty.length === columns.length) return empty;
  }
  return all.filter((column) => share(cellsOf(sample, column), isPlainUrl) > 0.5);
}

/** Hosts without a scheme count only if they begin with `www.`, as the file names in other columns look like hosts. */
function isPlainUrl(cell: string): boolean {
  return hasScheme(cell) || /^www\.\S+$/i.test(cell);
}

function isEarlierResult(names: readonly string[], own: OwnColumns | null): boolean {
  return own !== null && names.includes(own.status);
}

function candidates(names: readonly string[], own: OwnColumns | null): number[] {
  return indexes(names, (name) => own === null || !own.names.has(name));
}

/** The columns that hold the URL as far as names tell: the only one, or those with a usual name. */
function named(names: readonly string[], own: OwnColumns | null): number[] {
  if (names.length === 1) return [0];
  const all = candidates(names, own);
  // An earlier result has all columns of its input: if only one is left beside our own, its input had only that.
  if (all.length === 1 && isEarlierResult(names, own)) return all;
  return all.filter((column) => usualNames.has((names[column] ?? '').trim().toLowerCase()));
}

/** Whether it is one of the words of a name, as in "Website URL" and "page_url". */
function hasUsualWord(name: string): boolean {
  const words = name.replaceAll(/(\p{Ll})(\p{Lu})/gu, '$1 $2').split(/[^\p{L}\p{N}]+/u);
  return [name.trim(), ...words].some((word) => usualNames.has(word.toLowerCase()));
}

/** The first cells of a column that are not empty. */
function cellsOf(sample: Sample, column: number): string[] {
  const cells: string[] = [];
  for (const record of sample) {
    const cell = record[column]?.trim() ?? '';
    if (cell !== '') cells.push(cell);
    if (cells.length === cellsSeen) break;
  }
  return cells;
}

function share(cells: readonly string[], fits: (cell: string) => boolean): number {
  return cells.length === 0 ? 0 : cells.filter(fits).length / cells.length;
}

/** The first cell of a column, for a message. */
function seen(sample: Sample, column: number): string {
  const [cell] = cellsOf(sample, column);
  if (cell === undefined) return '';
  return ` (${JSON.stringify(cell.length > 40 ? `${cell.slice(0, 40)}…` : cell)})`;
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
    throw new UsageError(
      `--url-column: there is no column "${said}"; the columns are ${listed(names)}${didYouMean(said, names)}`,
    );
  }
  return column;
}

function indexes<T>(items: readonly T[], fits: (item: T, index: number) => boolean): number[] {
  return items.flatMap((item, index) => (fits(item, index) ? [index] : []));
}

function listed(names: readonly string[], more: (column: number) => string = () => ''): string {
  const shown = names.slice(0, 20).map((name, column) => JSON.stringify(name) + more(column));
  return shown.join(', ') + (names.length > shown.length ? ` and ${names.length - shown.length} more` : '');
}
