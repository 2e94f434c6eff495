import { hasScheme, looksLikeHost, looksLikeUrl } from '../shared/url-like.ts';
import type { Wanted } from './dialect.ts';
import { usualNames } from './url-column.ts';

/**
 * Whether the first record is a header. If it has a URL or a host in the column where the rows have their URLs, it is a row.
 */
export function isHeader(
  records: readonly (readonly string[])[],
  { noHeader = false, headerLine = false, urlColumn, urlTemplate }: Wanted,
): boolean {
  if (noHeader || headerLine || urlTemplate !== undefined) return !noHeader;
  const [first = [], ...others] = records;
  const isRow = (column: number): boolean => {
    const cell = first[column] ?? '';
    if (!isUrlCell(cell)) return false;
    const below = others.map((cells) => cells[column]?.trim() ?? '').filter((text) => text !== '');
    if (isColumnName(cell, first.length, below)) return false;
    return urlColumn !== undefined || below.filter(looksLikeUrl).length * 2 >= below.length;
  };
  if (urlColumn === undefined) return !first.some((_, column) => isRow(column));
  const said = urlColumn.trim().toLowerCase();
  if (first.some((cell) => cell.trim().toLowerCase() === said)) return true;
  return !/^\d+$/.test(said) || !isRow(Number(said) - 1);
}

/** A scheme without // may also begin the name of a column, as in `geo:lat`. */
function isUrlCell(text: string): boolean {
  return /^\s*[a-z][a-z0-9+.-]*:\/\//i.test(text) || looksLikeUrl(text);
}

/**
 * Whether a text that looks like a host is rather the name of a column, as `page.url` is.
 *
 * @param width how many columns there are
 * @param below the cells below it
 */
export function isColumnName(text: string, width: number, below: readonly string[]): boolean {
  if (!looksLikeHost(text)) return false;
  const last = text.trim().split('.').at(-1)?.toLowerCase() ?? '';
  if (!usualNames.has(last) && !['domain', 'host', 'hostname'].includes(last)) return false;
  return width > 1 || (below.length > 0 && below.every(hasScheme));
}
