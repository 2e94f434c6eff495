import type { FetchItem, Row, Table } from '../shared/records.ts';
import { urlOf } from '../shared/url-like.ts';

/** The table of rows that are given as strings. */
const urlTable: Table = { names: ['url'], header: true };

/** Makes rows of the items that are written to `fetchUrls()`. */
export class RowMaker {
  /** The table of the last object: the next one mostly has the same columns, and shares it. */
  #table: Table = urlTable;

  /** The rows of `readUrls()` stay as they are. @throws TypeError for what is neither a row, a URL nor an object with one */
  rowOf(item: unknown, number: number): Row {
    if (typeof item === 'string') return row(item, number, [item], urlTable);
    if (typeof item === 'object' && item !== null) {
      if (isRow(item)) return item;
      if (item instanceof URL) return row(item.href, number, [item.href], urlTable);
      if ('url' in item && (typeof item.url === 'string' || item.url instanceof URL))
        return this.#rowOfObject(item as FetchItem, number);
    }
    throw new TypeError('fetchUrls() takes URLs, objects with a url, or the rows of readUrls()');
  }

  /** Besides `url`, strings, numbers and booleans become cells; other values, such as headers, do not. */
  #rowOfObject(item: FetchItem, number: number): Row {
    const entries = Object.entries(item).filter(
      ([name, value]) => name === 'url' || /^(?:string|number|bigint|boolean)$/.test(typeof value),
    );
    const { names } = this.#table;
    const isSame = names.length === entries.length && entries.every(([name], i) => name === names[i]);
    if (!isSame) this.#table = { names: entries.map(([name]) => name), header: true };
    const cells = entries.map(([, value]) => String(value));
    return { ...row(String(item.url), number, cells, this.#table), item };
  }
}

/** The types are checked too, as an object with a URL may have other things named `cells` or `table`. */
function isRow(item: object): item is Row {
  if (!('cells' in item && 'table' in item && Array.isArray(item.cells))) return false;
  return typeof item.table === 'object' && item.table !== null && 'names' in item.table;
}

function row(text: string, number: number, cells: readonly string[], table: Table): Row {
  const url = urlOf(text, 'none');
  const shared = { number, cells, table, json: null };
  if (typeof url !== 'string') return { ...shared, url: '', error: 'invalid-url', detail: url.detail };
  return { ...shared, url, error: url === '' ? 'no-url' : null, detail: '' };
}
