import type { Row, Table } from '../shared/records.ts';
import { urlOf, withoutSpace } from '../shared/url-like.ts';
import type { OwnColumns } from '../read/earlier-result.ts';
import type { Entry } from '../read/entry.ts';
import type { UrlSearch } from '../read/row-maker.ts';
import { cellsSeen, findUrlColumn, fitting } from '../read/url-column.ts';
import { named, resultColumns } from './columns.ts';
import type { Column, ResultColumns } from './columns.ts';

/**
 * Failures of rows without a request. Such rows come first in a result, and their cells are no evidence of which
 * column holds the URL.
 */
const untelling = new Set(['bad-row', 'invalid-url', 'no-url']);

/** To find the URL column: how many rows are read ahead at most, and how many rows with evidence are looked at. */
const [mostRows, mostTelling] = [64_000, 1000];

/**
 * Finds, by its first rows, the list's columns and the URL column of one of two results, and with them the keys of
 * rows.
 */
export class ResultFile implements UrlSearch {
  readonly #results: OwnColumns;
  readonly #key: string | undefined;
  /** Does nothing after its first call. */
  #onFault: (text: string) => void;
  #errorAt = -1;
  #columns: ResultColumns = { own: [], found: [] };
  /** The list's cells in the first rows that had a URL; null before `find()`, and if `key` was given. */
  #sample: readonly (readonly string[])[] | null = null;
  /** The list's column that has the URL; null while it is not known. */
  #urlColumn: Column | null = null;
  #other: ResultFile | null = null;

  /**
   * @param results the columns that runs write, by which a file is recognised as a result
   * @param key the value of `--key`: the column to find rows by. Without it the URL column is looked for
   * @param onFault gets the reason of the first row that cannot be read as it was written
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
   * Takes the URL from the column that has it in the other file, if this one has that column too and its own rows did
   * not settle the question.
   *
   * @throws UsageError when the URL column cannot be told though there are rows that had a URL
   */
  follow(other: ResultFile): void {
    this.#other = other;
    if (this.#sample === null) return;
    const { own } = this.#columns;
    this.#urlColumn ??= named(own, other.#urlColumn?.name ?? '') ?? this.#told(this.#sample);
    if (this.#urlColumn !== null || this.#sample.length === 0) return;
    // Throws, and says why no column fits.
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

  /**
   * The key of a row: its URL as a request would use it; without one, the list's cells that are not empty with their
   * names, in whatever order the columns are.
   */
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
    // No URL begins with a line feed, so this is no key of a URL.
    return `\n${pairs.toSorted().join()}`;
  }

  /** A row that was bad in the list already says so in its result: nothing is wrong with the result then. */
  #tellFault({ cells, detail, number }: Row): void {
    if (cells[this.#errorAt] === 'bad-row') return;
    this.#onFault(/^(?:line|element) \d/.test(detail) ? detail : `row ${number}: ${detail}`);
    this.#onFault = () => {};
  }

  #telling({ names }: Table, entries: readonly Entry[]): Entry[] {
    const errorAt = names.indexOf(this.#results.error);
    return entries.filter(({ cells, fault }) => fault === null && !untelling.has(cells[errorAt] ?? ''));
  }

  /** The URL column, as far as this file alone tells; null when that is not certain. */
  #told(sample: readonly (readonly string[])[]): Column | null {
    const { own } = this.#columns;
    const names = namesOf(own);
    const byCells = fitting(names, sample, null);
    // Where cells say nothing, names do: the only column has the URL, or the only one with a usual name.
    const { status } = this.#results;
    const byName = { ...this.#results, names: new Set([status]) };
    const columns = byCells.length > 0 ? byCells : fitting([...names, status], sample, byName);
    return columns.length === 1 ? (own[columns[0] ?? -1] ?? null) : null;
  }
}

function namesOf(columns: readonly Column[]): string[] {
  return columns.map(({ name }) => name);
}
