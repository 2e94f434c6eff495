import type { Row, Table } from '../shared/records.ts';
import { urlOf } from '../shared/url-like.ts';

/** The table of rows that are given as strings. */
const urlTable: Table = { names: ['url'], header: true };

/** Makes a row of a URL; the rows of `readUrls()` stay as they are. @throws TypeError for anything else */
export function toRow(item: unknown, number: number): Row {
  if (typeof item === 'string') return rowOf(item, number);
  if (typeof item === 'object' && item !== null && 'cells' in item && 'table' in item) return item as Row;
  throw new TypeError('fetchUrls() takes URLs as strings, or the rows of readUrls()');
}

function rowOf(text: string, number: number): Row {
  const url = urlOf(text, 'none');
  const row = { number, cells: [text], table: urlTable, json: null };
  if (typeof url !== 'string') return { ...row, url: '', error: 'invalid-url', detail: url.detail };
  return { ...row, url, error: url === '' ? 'no-url' : null, detail: '' };
}
