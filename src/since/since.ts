import { lstat, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { callbackify } from 'node:util';

import { InputError, UsageError, errorCode } from '../shared/errors.ts';
import type { Change, Result, Row, Table } from '../shared/records.ts';
import { hasFailed } from '../shared/statuses.ts';
import type { RequestSettings } from '../fetch/request/request.ts';
import { EarlierRows } from '../earlier/earlier-rows.ts';
import { readSaid } from '../options/resolve.ts';
import { inputOptions } from '../options/table.ts';
import type { Options } from '../options/table.ts';
import type { OwnColumns } from '../read/earlier-result.ts';
import { unreadable } from '../read/source.ts';
import { digestColumn } from '../write/columns.ts';
import { dialectOf } from '../write/dialect.ts';
import { formatOf } from '../write/formats.ts';
import type { AddedColumns } from '../write/layout-shape.ts';
import { cellsOf, comparedColumns, digestOf } from './compared.ts';
import type { Written } from './compared.ts';
import { EarlierLines } from './earlier-lines.ts';
import type { Known } from './earlier-lines.ts';
import { requestKeys } from './request-key.ts';

/** The columns that a job writes, and those of its input that an earlier run wrote. */
interface Columns {
  readonly added: AddedColumns;
  readonly own: OwnColumns;
}

interface SinceSurroundings {
  readonly saving: { readonly column: string } | null;
  readonly fetcher: { readonly settings: RequestSettings };
  /** Folders for temporary files. */
  readonly directories: readonly string[];
  readonly notice: (text: string) => void;
}

/** Null without `--since`. @throws UsageError when a column is to be compared that is not written */
export function sinceOf(
  options: Options,
  columns: Columns,
  { saving, fetcher, directories, notice }: SinceSurroundings,
): Since | null {
  const { since } = options;
  if (since === undefined) return null;
  const { settings } = fetcher;
  return new Since({ options: { ...options, since }, columns, settings, saving, directories, notice });
}

interface SinceSetup extends Omit<SinceSurroundings, 'fetcher'> {
  readonly options: Options & { readonly since: string };
  readonly columns: Columns;
  readonly settings: RequestSettings;
}

/** An earlier result that rows are compared with (`--since`). */
export class Since {
  readonly #setup: SinceSetup;
  readonly #written: Written;
  readonly #compared: readonly string[];
  readonly #isSafe: boolean;
  /** Validators that the user has taken away, as other headers can be. */
  readonly #withheld: Partial<Known>;
  /** Null while no row has been read, and where there is no earlier result. */
  #rows: EarlierRows | null = null;
  #lines: EarlierLines | null = null;
  #keyOf: ((row: Row) => string) | null = null;
  /** Cells by which tonight's results are compared; null: those of the earlier result tell too little. */
  #comparable: readonly string[] | null = null;
  #isConditional = false;

  /** @throws UsageError when a column is to be compared that is not written */
  constructor(setup: SinceSetup) {
    const { options, columns, saving, settings } = setup;
    const { results, processed, prefix } = columns.added;
    this.#setup = setup;
    this.#written = { results: results ?? [], processed, prefix };
    this.#compared = comparedColumns(
      options,
      this.#written,
      saving?.column ?? null,
      settings.method === 'HEAD',
    );
    const isTaken = (header: string): boolean =>
      settings.headers.some(([name, value]) => value === '' && name.toLowerCase() === header);
    this.#withheld = {
      ...(isTaken('if-none-match') && { etag: '' }),
      ...(isTaken('if-modified-since') && { lastModified: '' }),
    };
    this.#isSafe = dialectOf(options, formatOf(options)).isSafe;
  }

  /**
   * Gives each row what the earlier result knows of it. Rows of the same request get the lines of that request in turn, those
   * that are done already as well, so that a resumed run gives each row the same line.
   *
   * @param isDone whether the row of that number is to be left out then; null: none is
   * @throws InputError when the earlier result cannot be read, UsageError when it is none
   */
  async *matched(
    batches: AsyncIterable<Row[]>,
    isDone: ((number: number) => boolean) | null,
  ): AsyncGenerator<Row[]> {
    for await (const batch of batches) {
      const [first] = batch;
      if (first === undefined) continue;
      if (this.#keyOf === null) await this.#open(first.table);
      const rows: Row[] = [];
      for (const row of batch) {
        const known = await this.#find(row);
        if (isDone?.(row.number) === true) continue;
        rows.push(known === null ? row : { ...row, earlier: known });
      }
      yield rows;
    }
  }

  /** A stage that tells of each result what has changed, and completes those of pages that were not sent again. */
  stage(): Transform {
    const copy = callbackify(async (result: Result) => this.#copied(result));
    return new Transform({
      objectMode: true,
      transform: (result: Result, _encoding, callback) => {
        if (result.notModified) copy(result, callback);
        else callback(null, { ...result, change: this.#change(result) });
      },
    });
  }

  async close(): Promise<void> {
    await this.#rows?.close();
  }

  /** @param table of the input */
  async #open(table: Table): Promise<void> {
    const { options, columns, settings, directories, notice } = this.#setup;
    const { since: path, sinceMemory: memory, prefix } = options;
    if (!table.header) {
      throw new UsageError(
        '--since: the columns of a result are known by its header, and this input has none; give it one',
      );
    }
    const own = table.names.filter((name) => !columns.own.names.has(name));
    this.#keyOf = requestKeys(settings, table, own, null);
    const nothing = await nothingIn(path);
    if (nothing !== null) return notice(`--since: ${path} ${nothing}, so every row is new`);
    const read = {
      ...readSaid(inputOptions, {}),
      // As results are written.
      headerLine: true,
      quote: '"',
      urlColumn: columnNamed(options.urlColumn, table),
      urlTemplate: options.urlTemplate,
      defaultScheme: options.defaultScheme,
      fixedColumns: false,
      isDone: null,
      own: { ...columns.own, copies: false },
    };
    let key: ((row: Row) => string) | null = null;
    this.#rows = await EarlierRows.open(path, {
      read,
      key: (row) => (key ??= requestKeys(settings, row.table, own, `${prefix}error`))(row),
      badRows: true,
      memory,
      directories,
      option: '--since',
      onNotice: notice,
    });
    this.#understand(this.#rows.table);
  }

  /** Finds out what the columns of the earlier result are good for. */
  #understand(table: Table): void {
    const { options, notice } = this.#setup;
    const { since: path, prefix } = options;
    const digest = [prefix + digestColumn];
    this.#comparable =
      [this.#compared, digest].find((names) => names.every((name) => table.names.includes(name))) ?? null;
    this.#lines = new EarlierLines(table, this.#written, this.#comparable);
    const { missing } = this.#lines;
    this.#isConditional = missing.length === 0;
    if (missing.length > 0) {
      const named = missing.map((name) => JSON.stringify(name)).join(', ');
      notice(`--since: every page is fetched whole, as ${path} has no column ${named}`);
    }
    if (this.#comparable === null) {
      notice(
        `--since: ${path} has no column "${digest[0]}", so nothing tells which pages have changed; ${prefix}change is empty there`,
      );
    }
  }

  async #find(row: Row): Promise<Known | null> {
    if (this.#rows === null || this.#lines === null || this.#keyOf === null) return null;
    const key = this.#keyOf(row);
    const found = await this.#rows.take(key);
    if (found === null) return null;
    const mayAsk = this.#isConditional && (await this.#isWhole(this.#lines, found));
    // A module may have made several lines of one page, of which this would be the first.
    const isAlone = this.#setup.options.module === undefined || !mayAsk || !(await this.#rows.has(key));
    return { ...this.#lines.known(found, mayAsk && isAlone), ...this.#withheld };
  }

  /** Whether all is there that a row needs whose page is not sent again. */
  async #isWhole(lines: EarlierLines, line: Row): Promise<boolean> {
    const { saving, settings, options } = this.#setup;
    if (!lines.isWhole(line, settings.method === 'HEAD')) return false;
    if (saving === null) return true;
    const file = lines.cell(line, saving.column);
    // An empty body is not saved; what a WARC file holds has no file of its own, so it is saved each night.
    if (file === '') return lines.cell(line, `${options.prefix}bytes`) === '0';
    return isFile(join(options.saveBodies ?? '', file));
  }

  async #copied(result: Result): Promise<Result> {
    const known = result.row.earlier as Known;
    if (this.#rows === null || this.#lines === null) throw new TypeError('a copy of no earlier result');
    return { ...this.#lines.copied(await this.#rows.read(known.line), result), change: 'same' };
  }

  #change(result: Result): Change | null {
    const known = result.row.earlier as Known | undefined;
    if (known === undefined) return 'new';
    if (hasFailed(result.status, result.error)) return known.failed ? 'still-failing' : 'failed';
    if (known.failed) return 'recovered';
    if (known.status !== result.status) return 'changed';
    if (this.#comparable === null) return null;
    const cells = cellsOf(result, this.#comparable, this.#written, this.#isSafe);
    return digestOf(cells) === known.digest ? 'same' : 'changed';
  }
}

/** Why there is no earlier row, in words; null where there may be one. @throws InputError for what cannot be read twice */
async function nothingIn(path: string): Promise<string | null> {
  try {
    const found = await stat(path);
    if (!found.isFile() && !found.isDirectory()) {
      throw new InputError(`--since: ${path} is no file, and must be read more than once; save it as one`);
    }
    return found.size === 0 ? 'is empty' : null;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'does not exist yet';
    throw unreadable(path, error);
  }
}

/** A column that is called by number has its own number in each file. */
function columnNamed(said: string | undefined, { names }: Table): string | undefined {
  return said === undefined ? undefined : (names[Number(said) - 1] ?? said);
}

async function isFile(path: string): Promise<boolean> {
  return lstat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
