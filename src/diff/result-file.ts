import type { Row, Table } from '../shared/records.ts';
import { urlOf, withoutSpace } from '../shared/url-like.ts';
import type { OwnColumns } from '../read/earlier-result.ts';
import type { Entry } from '../read/entry.ts';
import type { UrlSearch } from '../read/row-maker.ts';
import { cellsSeen, findUrlColumn, fitting } from '../read/url-column.ts';
import { named, resultColumns } from './columns.ts';
import type { Column, ResultColumns } from './columns.ts';

/** Rows with these failures come first in a result, as they need no request, and their URL cells tell nothing. */
const untelling = new Set(['bad-row', 'invalid-url', 'no-url']);

/** More rows are not waited for, and of those that tell something no more are looked at. */
const [mostRows, mostTelling] = [64_000, 1000];

/** What is known of the columns of one of two results, once its first rows have been seen. */
export class ResultFile implements UrlSearch {
  readonly #results: OwnColumns;
  readonly #key: string | undefined;
  /** Told once of a row that does not stand in the file as it was written. */
  #onFault: (text: string) => void;
  #errorAt = -1;
  #columns: ResultColumns = { own: [], found: [] };
  /** Cells of the list in the first rows that had a URL; null: they are not known, or the column was said. */
  #sample: readonly (readonly string[])[] | null = null;
  /** The list's column that has the URL; null: it is not known. */
  #urlColumn: Column | null = null;
  #other: ResultFile | null = null;

  /**
   * @param results columns by which a result is known
   * @param key what was said of the column to find rows by
   * @param onFault told of the first row that cannot be read as it was written
   */
  constructor(results: OwnColumns, key: string | undefined, onFault: (text: string) => void) {
    this.#results = results;
    this.#key = key;
    this.#onFault = onFault;
  }

  get columns(): ResultColumns {
    return this.#columns;
  }

  /**
   * Takes the URL from the column that has it in the other file, where this one has that column and does not
   * tell by itself.
   *
   * @throws UsageError when the URL column cannot be told though there are rows that had a URL
   */
  follow(other: ResultFile): void {
    this.#other = other;
    if (this.#sample === null) return;
    const { own } = this.#columns;
    this.#urlColumn ??= named(own, other.#urlColumn?.name ?? '') ?? this.#told(this.#sample);
    if (this.#urlColumn !== null || this.#sample.length === 0) return;
    // It says why.
    findUrlColumn(namesOf(own), undefined, this.#sample);
  }

  needsMore(table: Table, entries: readonly Entry[]): boolean {
    if (this.#key !== undefined || entries.length >= mostRows) return false;
    return this.#telling(table, entries).length < cellsSeen;
  }

  find(table: Table, entries: readonly Entry[]): ((cells: readonly string[]) => string) | null {
    this.#columns = resultColumns(table, this.#results.names, entries);
    this.#errorAt = table.names.indexOf(this.#results.error);
    if (this.#key !== undefined) return null;
    const telling = this.#telling(table, entries).slice(0, mostTelling);
    this.#sample = telling.map(({ cells }) => this.#columns.own.map(({ at }) => cells[at] ?? ''));
    if (this.#other === null) this.#urlColumn = this.#told(this.#sample);
    else this.follow(this.#other);
    return (cells) => cells[this.#urlColumn?.at ?? -1] ?? '';
  }

  /** By what a row is found: its URL as requests take it; without one, the cells of its list, whatever their order. */
  keyOf(row: Row, text: string): string {
    const { cells } = row;
    if (row.error === 'bad-row') this.#tellFault(row);
    const url = urlOf(text, 'none');
    const key = typeof url === 'string' ? url : withoutSpace(text);
    if (key !== '') return key;
    const pairs = this.#columns.own.flatMap(({ name, at }) => {
      const cell = cells[at] ?? '';
      return withoutSpace(cell) === '' ? [] : [JSON.stringify([name, cell])];
    });
    // No URL begins so.
    return `\n${pairs.toSorted().join()}`;
  }

  /** Rows that were bad in the list are so in its result, and say so there. */
  #tellFault({ cells, detail, number }: Row): void {
    if (cells[this.#errorAt] === 'bad-row') return;
    this.#onFault(/^(?:line|element) \d/.test(detail) ? detail : `row ${number}: ${detail}`);
    this.#onFault = () => {};
  }

  #telling({ names }: Table, entries: readonly Entry[]): Entry[] {
    const errorAt = names.indexOf(this.#results.error);
    return entries.filter(({ cells, fault }) => fault === null && !untelling.has(cells[errorAt] ?? ''));
  }

  /** What the file alone tells of the URL column. */
  #told(sample: readonly (readonly string[])[]): Column | null {
    const { own } = this.#columns;
    const names = namesOf(own);
    const byCells = fitting(names, sample, null);
    // The only column has it, and the only one with such a name, unless the cells say otherwise.
    const { status } = this.#results;
    const byName = { ...this.#results, names: new Set([status]) };
    const columns = byCells.length > 0 ? byCells : fitting([...names, status], sample, byName);
    return columns.length === 1 ? (own[columns[0] ?? -1] ?? null) : null;
  }
}

function namesOf(columns: readonly Column[]): string[] {
  return columns.map(({ name }) => name);
}
