import { objectMembers } from '../shared/json-object.ts';
import { JsonText } from '../shared/json-text.ts';
import { ownText } from '../shared/own-text.ts';
import type { Earlier, Result, Row, Table, Value } from '../shared/records.ts';
import { hasFailed, isSuccess } from '../shared/statuses.ts';
import { digestColumn, soft404Column } from '../write/columns.ts';
import { harmless } from '../write/dialect.ts';
import { cellsOf, digestOf } from './compared.ts';
import type { Written } from './compared.ts';

/** What a waiting row carries of its line in the earlier result: plain data, and little of it. */
export interface Known extends Earlier {
  /** The line's row number in the earlier result, from 1. */
  readonly line: number;
  readonly status: number | null;
  readonly failed: boolean;
  /** The hash of the cells that are compared (`digestOf`); null where there are none, or they tell nothing. */
  readonly digest: string | null;
  /** Whether the line has the hash of a body, so that the body was read; null if there is no such column. */
  readonly hasBody: boolean | null;
}

/** Columns that a line must have before its request may be conditional. */
const ofAnswer = ['status', 'error', 'url'];

/** Columns that a reply with 304 may set anew. */
const validators = ['etag', 'last_modified'];

/** Columns that describe a page: after 304 they are copied from the earlier line. */
const ofPage = new Set([
  'type',
  'bytes',
  'charset',
  'charset_from',
  soft404Column,
  digestColumn,
  ...validators,
]);

/** Reads lines of an earlier result by the names of its columns. */
export class EarlierLines {
  /** Columns that this run writes and the earlier result lacks, so that their cells would be empty after 304. */
  readonly missing: readonly string[];
  readonly #written: Written;
  readonly #places: ReadonlyMap<string, number>;
  readonly #compared: readonly string[] | null;
  /** The compared columns that are not copied from the line after 304. */
  readonly #fresh: readonly string[];

  /** @param compared the columns that are compared; null: none are */
  constructor({ names }: Table, written: Written, compared: readonly string[] | null) {
    const { results, processed, prefix } = written;
    this.#places = new Map(names.map((name, index) => [name, index]));
    this.#written = written;
    const asked = results.filter((name) => ofPage.has(name));
    const needed = [...[...ofAnswer, ...asked].map((name) => prefix + name), ...processed];
    this.missing = needed.filter((name) => !this.#places.has(name));
    this.#compared = compared;
    const copied = new Set(
      [...ofPage].filter((name) => !validators.includes(name)).map((name) => prefix + name),
    );
    this.#fresh = (compared ?? []).filter((name) => !copied.has(name) && !processed.includes(name));
  }

  /** @param isConditional whether the validators of the line may be sent */
  known(row: Row, isConditional: boolean): Known {
    const { status, failed } = this.#answer(row);
    const digest = this.#compared === null ? null : this.#digest(row, this.#compared);
    const hash = this.#written.prefix + digestColumn;
    const hasBody = this.#places.has(hash) ? this.cell(row, hash) !== '' : null;
    const known = { line: row.number, status, failed, digest, hasBody };
    if (!isConditional) return { ...known, url: '' };
    const { url, etag, lastModified } = this.#validators(row);
    return { ...known, url: ownText(url), etag: ownText(etag), lastModified: ownText(lastModified) };
  }

  /**
   * Whether the line holds a whole page, so that its request may be conditional. A line of HEAD has no hash of a
   * body, and a server evaluates conditions only where it would answer with 2xx (RFC 9110, section 13.2.1).
   *
   * @param isHead whether this run sends HEAD, so that no hash is needed
   */
  isWhole(row: Row, isHead: boolean): boolean {
    const { status, failed } = this.#answer(row);
    const { url, etag, lastModified } = this.#validators(row);
    const isPage = !failed && isSuccess(status) && url !== '';
    return isPage && etag + lastModified !== '' && (isHead || this.#cell(row, digestColumn) !== '');
  }

  /** The cell of a column. @param name with its prefix @returns empty without the column */
  cell(row: Row, name: string): string {
    return row.cells[this.#places.get(name) ?? -1] ?? '';
  }

  /** Whether a value may have been changed for spreadsheets (`--excel-safe`), so that it is not what the page had. */
  mayBeSafe(row: Row): boolean {
    const { processed, prefix } = this.#written;
    const names = [...processed, ...Array.from(ofPage, (name) => prefix + name)];
    return names.some((name) => {
      const cell = this.cell(row, name);
      return cell.startsWith("'") && harmless(cell.slice(1)) === cell;
    });
  }

  /** Whether a result equals its line in the compared columns, apart from those that `copied()` takes from the line. */
  isSame(row: Row, result: Result): boolean {
    const cells = cellsOf(result, this.#fresh, this.#written);
    return digestOf(this.#fresh, cells, this.#written.prefix) === this.#digest(row, this.#fresh);
  }

  /** The result of a row whose page has not changed: the line's values for the page, its own for the request. */
  copied(row: Row, result: Result): Result {
    const { trace } = result;
    const bytes = this.#cell(row, 'bytes');
    const soft404 = this.#cell(row, soft404Column);
    return {
      ...result,
      status: this.#answer(row).status,
      type: this.#cell(row, 'type'),
      charset: this.#cell(row, 'charset'),
      charsetFrom: this.#cell(row, 'charset_from'),
      bytes: bytes === '' ? null : Number(bytes),
      sha256: this.#cell(row, digestColumn),
      soft404: soft404 === '' ? null : soft404 === 'yes',
      trace: {
        ...trace,
        etag: trace.etag || this.#cell(row, 'etag'),
        lastModified: trace.lastModified || this.#cell(row, 'last_modified'),
      },
      values: this.#values(row),
      rows: null,
    };
  }

  #digest(row: Row, names: readonly string[]): string | null {
    return digestOf(
      names,
      names.map((name) => this.cell(row, name)),
      this.#written.prefix,
    );
  }

  #cell(row: Row, name: string): string {
    return this.cell(row, this.#written.prefix + name);
  }

  #answer(row: Row): { status: number | null; failed: boolean } {
    const text = this.#cell(row, 'status');
    const status = /^[1-9]\d\d$/.test(text) ? Number(text) : null;
    // A row without a status has failed, even if it names no failure code: a run always writes one of the two.
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
