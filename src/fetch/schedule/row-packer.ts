import type { Earlier, Row, Table } from '../../shared/records.ts';
import { hasBegun } from './task.ts';
import type { Task } from './task.ts';

type Packed = [
  sequence: number,
  table: number,
  number: number,
  url: string,
  json: string | null,
  orHttp: boolean,
  cells: readonly string[],
  earlier: Earlier | null,
  fromPage: number,
  owner: string | null,
];

/** Tables whose rows can be packed: an input has one, or one per file. */
const mostTables = 1000;

/** Turns rows that have not begun into plain data and back. Rows that shared a table share it afterwards. */
export class RowPacker {
  readonly #tables: Table[] = [];

  /** @returns null for a task that must stay as it is */
  pack(task: Task): unknown {
    const { robotsOf, row, sequence } = task;
    const {
      number,
      cells,
      url,
      json,
      table,
      orHttp = false,
      earlier = null,
      fromPage = 1,
      owner = null,
    } = row;
    if (hasBegun(task) || robotsOf !== null || row.item !== undefined) return null;
    let index = this.#tables.indexOf(table);
    if (index === -1 && this.#tables.length < mostTables) index = this.#tables.push(table) - 1;
    if (index === -1) return null;
    return [sequence, index, number, url, json, orHttp, cells, earlier, fromPage, owner] satisfies Packed;
  }

  unpack(packed: unknown): { row: Row; sequence: number } {
    const [sequence, index, number, url, json, orHttp, cells, earlier, fromPage, owner] = packed as Packed;
    const table = this.#tables[index];
    if (table === undefined) throw new TypeError('a row of an unknown table');
    const row = { number, cells, table, url, error: null, detail: '', json };
    if (!orHttp && earlier === null && fromPage === 1 && owner === null) return { row, sequence };
    const more = {
      ...(orHttp && { orHttp }),
      ...(earlier !== null && { earlier }),
      ...(fromPage > 1 && { fromPage }),
      ...(owner !== null && { owner }),
    };
    return { row: { ...row, ...more }, sequence };
  }
}
