import { objectMembers } from '../shared/json-object.ts';
import { JsonText } from '../shared/json-text.ts';
import { ownText } from '../shared/own-text.ts';
import type { Earlier, Result, Row, Table, Value } from '../shared/records.ts';
import { hasFailed } from '../shared/statuses.ts';
import { digestColumn } from '../write/columns.ts';
import { digestOf } from './compared.ts';
import type { Written } from './compared.ts';

/** What a row knows of its line in an earlier result, while it waits: plain data, and little. */
export interface Known extends Earlier {
  /** The number of the line among the rows there. */
  readonly line: number;
  readonly status: number | null;
  readonly failed: boolean;
  /** Of the cells that are compared; null where there are none. */
  readonly digest: string | null;
}

/** What a line has to tell before a request may be conditional. */
const ofAnswer = ['status', 'error', 'url'];

/** The result columns that tell of a page, so that those of 304 are the earlier ones. */
const ofPage = new Set(['type', 'bytes', 'charset', 'charset_from', digestColumn, 'etag', 'last_modified']);

/** The lines of an earlier result, as its header has them. */
export class EarlierLines {
  /** Columns that it lacks, so that a page that was not sent again would have empty cells. */
  readonly missing: readonly string[];
  readonly #written: Written;
  readonly #places: ReadonlyMap<string, number>;
  readonly #compared: readonly number[] | null;

  /** @param compared the columns that are compared; null: none are */
  constructor({ names }: Table, written: Written, compared: readonly string[] | null) {
    const { results, processed, prefix } = written;
    this.#places = new Map(names.map((name, index) => [name, index]));
    this.#written = written;
    const asked = results.filter((name) => ofPage.has(name));
    const needed = [...[...ofAnswer, ...asked].map((name) => prefix + name), ...processed];
    this.missing = needed.filter((name) => !this.#places.has(name));
    this.#compared = compared?.map((name) => this.#places.get(name) ?? -1) ?? null;
  }

  /** @param isConditional whether the validators of the line may be sent */
  known(row: Row, isConditional: boolean): Known {
    const { status, failed } = this.#answer(row);
    const digest = this.#compared === null ? null : digestOf(this.#compared.map((at) => row.cells[at] ?? ''));
    const known = { line: row.number, status, failed, digest };
    if (!isConditional) return { ...known, url: '' };
    const { url, etag, lastModified } = this.#validators(row);
    return { ...known, url: ownText(url), etag: ownText(etag), lastModified: ownText(lastModified) };
  }

  /**
   * Whether the line holds a whole page that its server can be asked about: of HEAD there is no hash, and only pages that
   * came with 2xx are compared by a server (RFC 9110, section 13.2.1).
   *
   * @param isHead whether no more than HEAD gives is asked for
   */
  isWhole(row: Row, isHead: boolean): boolean {
    const { status, failed } = this.#answer(row);
    const { url, etag, lastModified } = this.#validators(row);
    const isPage = !failed && status !== null && status >= 200 && status < 300 && url !== '';
    return isPage && etag + lastModified !== '' && (isHead || this.#cell(row, digestColumn) !== '');
  }

  /** The cell of a column that is written under its own name; empty without the column. */
  cell(row: Row, name: string): string {
    return row.cells[this.#places.get(name) ?? -1] ?? '';
  }

  /** The result of a row whose page is that of the line: what tells of the page is the line's, what of the request its own. */
  copied(row: Row, result: Result): Result {
    const { trace } = result;
    const bytes = this.#cell(row, 'bytes');
    return {
      ...result,
      status: this.#answer(row).status,
      type: this.#cell(row, 'type'),
      charset: this.#cell(row, 'charset'),
      charsetFrom: this.#cell(row, 'charset_from'),
      bytes: bytes === '' ? null : Number(bytes),
      sha256: this.#cell(row, digestColumn),
      trace: {
        ...trace,
        etag: trace.etag || this.#cell(row, 'etag'),
        lastModified: trace.lastModified || this.#cell(row, 'last_modified'),
      },
      values: this.#values(row),
      rows: null,
    };
  }

  #cell(row: Row, name: string): string {
    return this.cell(row, this.#written.prefix + name);
  }

  #answer(row: Row): { status: number | null; failed: boolean } {
    const text = this.#cell(row, 'status');
    const status = /^[1-9]\d\d$/.test(text) ? Number(text) : null;
    // A row without a status and without a reason was not written by a run.
    return { status, failed: status === null || hasFailed(status, this.#cell(row, 'error') || null) };
  }

  #validators(row: Row): { url: string; etag: string; lastModified: string } {
    return {
      url: this.#cell(row, 'url'),
      etag: this.#cell(row, 'etag'),
      lastModified: this.#cell(row, 'last_modified'),
    };
  }

  /** Values of JSON keep their types, and the digits of their numbers. */
  #values(row: Row): Record<string, Value> {
    const members = row.json === null ? null : new Map(objectMembers(row.json));
    const valueOf = (name: string): Value => {
      if (members === null) return this.cell(row, name);
      const json = members.get(name) ?? 'null';
      return /^["n]/.test(json) ? (JSON.parse(json) as string | null) : new JsonText(json);
    };
    return Object.fromEntries(this.#written.processed.map((name) => [name, valueOf(name)]));
  }
}
