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

/** For rows that want the same name of the same URL: some million keys; more are on disk. */
const countsMemory = 64 * 1024 * 1024;

type NamedRowsOptions = Pick<
  Options,
  'saveAs' | 'saveWhen' | 'skipSaved' | 'once' | 'secretParam' | 'prefix' | 'extract'
>;

/**
 * Tells rows apart whose files are named by columns (`--save-as`): by their URL and the cells in the name, and where those are
 * the same by which of them comes first in the list. So a row has the same owner in a run that goes on, and in later runs
 * though lines have been added. With `--skip-saved`, rows whose files are there need no request.
 */
export class NamedRows {
  readonly #files: NamedFiles;
  readonly #options: NamedRowsOptions;
  readonly #settings: FetchUrls['settings'];
  readonly #counts: PagedMap;
  readonly #isWanted: ReturnType<typeof parseSaveWhen>;
  #table: Table | null = null;
  #keyOf: (row: Row) => string | null = () => null;

  /** @param directories for what of the counts does not fit into memory */
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
   * @param isDone whether the row of that number is to be left out then; null: none is
   * @throws UsageError when `--save-as` names a column that there is not
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

  /** Null for a row without a request. */
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

  /** Whether it would be saved now, and is no page of a failure that may pass. */
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

/** Whether a row is asked for in this run: else it is copied from an earlier result, or its file is there. */
export function isAskedNow({ earlierStatus, saved }: Row): boolean {
  return earlierStatus === undefined && saved === undefined;
}

/** Null where files have no names of columns. @param directories for temporary files */
export function namedRows(
  saving: Saving | null,
  settings: FetchUrls['settings'],
  options: NamedRowsOptions,
  directories: readonly string[],
): NamedRows | null {
  const { named } = saving ?? {};
  return named === undefined ? null : new NamedRows(named, settings, options, directories);
}

/** @throws UsageError for options that want what a row without a request cannot give */
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
