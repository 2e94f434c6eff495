import { hash } from 'node:crypto';

import { UsageError } from '../shared/errors.ts';
import type { FetchUrls } from '../fetch/fetch-urls.ts';
import { savingOf } from '../keep/keeping.ts';
import type { Saving } from '../keep/keeping.ts';
import type { SavedFile } from '../keep/manifest.ts';
import type { NamedFiles } from '../keep/named-files.ts';
import { listed } from '../options/checks.ts';
import { parseSaveWhen } from '../options/saving.ts';
import type { Options } from '../options/table.ts';
import { PagedMap } from '../shared/paged-map.ts';
import type { Row, SavedResult, Table } from '../shared/records.ts';
import { mayPassLater } from '../shared/statuses.ts';
import { resourceKeys } from '../since/request-key.ts';
import { asksForValues } from './processing.ts';
import { shownCells } from './shown-cells.ts';

/** Bytes for counting the rows with the same URL and name: some million keys fit; more are on disk. */
const countsMemory = 64 * 1024 * 1024;

type NamedRowsOptions = Pick<
  Options,
  'saveAs' | 'saveWhen' | 'skipSaved' | 'once' | 'secretParam' | 'prefix' | 'extract'
>;

/**
 * Gives each row whose file is named by columns (`--save-as`) an owner: a hash of its URL and the cells in the name,
 * with a number, in the order of the list, for rows that have the same hash. So a row keeps its owner in a resumed
 * run, and in later runs though lines were added. With `--skip-saved`, rows whose files exist need no request.
 */
export class NamedRows {
  readonly #files: NamedFiles;
  readonly #options: NamedRowsOptions;
  readonly #settings: FetchUrls['settings'];
  readonly #counts: PagedMap;
  readonly #isWanted: ReturnType<typeof parseSaveWhen>;
  #table: Table | null = null;
  #keyOf: (row: Row) => string | null = () => null;

  /** @param directories for the counts that do not fit into memory */
  constructor(
    files: NamedFiles,
    settings: FetchUrls['settings'],
    options: NamedRowsOptions,
    directories: readonly string[],
  ) {
    this.#files = files;
    this.#settings = settings;
    this.#options = options;
    this.#counts = new PagedMap(countsMemory, directories);
    const { saveWhen } = options;
    this.#isWanted = saveWhen === undefined ? () => true : parseSaveWhen(saveWhen);
  }

  /**
   * Adds to each row its `owner`, and `saved` if its file is there.
   *
   * @param isDone whether the row of that number is done: it is counted, then left out. Null: no row is
   * @throws UsageError when `--save-as` names a column that the list does not have
   */
  async *marked(
    batches: AsyncIterable<Row[]>,
    isDone: ((number: number) => boolean) | null,
  ): AsyncGenerator<Row[]> {
    try {
      for await (const batch of batches) {
        const rows: Row[] = [];
        for (const row of batch) {
          const owner = this.#ownerOf(row);
          if (isDone?.(row.number) === true) continue;
          rows.push(owner === null ? row : await this.#marked(row, owner));
        }
        yield rows;
      }
    } finally {
      this.#counts.close();
    }
  }

  async #marked(row: Row, owner: string): Promise<Row> {
    const isLooked = this.#options.skipSaved && row.earlierStatus === undefined;
    const saved = isLooked ? await this.#files.find(owner) : null;
    if (saved === null || !this.#isGood(saved)) return { ...row, owner };
    return { ...row, owner, saved: this.#savedResult(saved) };
  }

  /** The owner of a row; null for a row without a request. */
  #ownerOf(row: Row): string | null {
    if (row.table !== this.#table) this.#begin(row.table);
    const key = this.#keyOf(row);
    if (key === null) return null;
    // Rows that share a request share its file.
    if (this.#options.once) return key;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count === 1 ? key : `${key} ${count}`;
  }

  #begin(table: Table): void {
    const { saveAs: template, secretParam, once } = this.#options;
    const shown = shownCells(this.#options);
    const named = this.#files.templateFor(table);
    const resource = resourceKeys(this.#settings, table, secretParam);
    this.#table = table;
    this.#keyOf = (row) => {
      const asked = resource(row);
      if (asked === null) return null;
      const cells = once ? [] : named.cells(row.cells).map((cell) => shown(cell, row.url));
      const all = [asked, template, ...cells];
      return hash('sha256', JSON.stringify(all), 'base64url').slice(0, 22);
    };
  }

  /** Whether `--save-when` would save this file, and its status is not one of a failure that may pass. */
  #isGood({ status, type, size }: SavedFile): boolean {
    return !mayPassLater(status) && this.#isWanted({ status, type, bytes: size ?? 0 });
  }

  #savedResult({ file, url, status, type, size, sha256, at }: SavedFile): SavedResult {
    const { prefix, extract = '' } = this.#options;
    const digest = listed(extract).includes('sha256') ? { [`${prefix}sha256`]: sha256 } : {};
    const values = { [`${prefix}file`]: file, ...digest };
    return { url, status, type, bytes: size, sha256, at, values };
  }
}

/** What saves responses; null when nothing is to be saved. @throws UsageError for options that have nothing to work on */
export function savingFor(options: Options): Saving | null {
  return savingOf(options, shownCells(options));
}

/** Whether a row is fetched in this run. Otherwise it is copied from an earlier result, or its file is there. */
export function isAskedNow({ earlierStatus, saved }: Row): boolean {
  return earlierStatus === undefined && saved === undefined;
}

/** Null unless files are named by columns (`--save-as`). @param directories for temporary files */
export function namedRows(
  saving: Saving | null,
  settings: FetchUrls['settings'],
  options: NamedRowsOptions,
  directories: readonly string[],
): NamedRows | null {
  const { named } = saving ?? {};
  return named === undefined ? null : new NamedRows(named, settings, options, directories);
}

/** @throws UsageError when `--skip-saved` meets options that need a request of every row */
export function refuseSkipSaved(options: Options): void {
  if (!options.skipSaved) return;
  if (options.since !== undefined) {
    throw new UsageError(
      '--since asks servers what has changed, and --skip-saved asks nobody where a file is there; leave out one of them',
    );
  }
  const { extract = '' } = options;
  const others = listed(extract).filter((name) => name !== 'sha256' && name !== '');
  if (asksForValues({ ...options, extract: others.length === 0 ? undefined : extract })) {
    throw new UsageError(
      '--skip-saved: a page that is not fetched again gives no values for --extract and the like; leave out one of them',
    );
  }
}
