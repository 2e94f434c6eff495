import { UsageError } from '../shared/errors.ts';
import type { Result, Row, Table } from '../shared/records.ts';
import { EarlierRows } from '../earlier/earlier-rows.ts';
import { requestMaker } from '../fetch/request/request.ts';
import type { RequestSettings } from '../fetch/request/request.ts';
import { readSaid } from '../options/resolve.ts';
import { inputOptions } from '../options/table.ts';
import type { UrlText } from '../read/row-maker.ts';
import type { ReadOptions } from '../read/rows.ts';
import { digestColumn } from '../write/columns.ts';
import { dialectOf } from '../write/dialect.ts';
import { formatOf } from '../write/formats.ts';
import { cellsOf, digestOf } from './compared.ts';
import { EarlierLines } from './earlier-lines.ts';
import type { Known } from './earlier-lines.ts';
import { InputColumns } from './input-columns.ts';
import { requestKeys } from './request-key.ts';
import type { SinceSetup } from './setup.ts';

/** The list of this run. */
export interface List {
  readonly table: Table;
  /** Gives what the URL column, or the template, says for a row. */
  readonly urlText: UrlText;
}

/** No row can have a line. The message says why, and follows the name of the file, as in "FILE is empty". */
export class NoLines extends Error {}

/** An earlier result: finds the lines of rows, and knows what can be compared by its columns. */
export class EarlierResult {
  readonly #setup: SinceSetup;
  readonly #rows: EarlierRows;
  readonly #lines: EarlierLines;
  readonly #keyOf: (row: Row) => string;
  /** The columns that are compared; null: the earlier result lacks them. */
  readonly #comparable: readonly string[] | null;
  readonly #isSafe: boolean;
  /** Whether a compared column has another value after 304, so that no request may be conditional. */
  readonly #comparesReplies: boolean;
  /** Empty texts for the validators that the user does not want to be sent (`--header 'If-None-Match:'`). */
  readonly #withheld: Partial<Known>;

  /**
   * Reads the earlier result, once, and indexes its lines.
   *
   * @param signal ends the reading; its reason is thrown then
   * @throws InputError when it cannot be read, UsageError when it is no result, NoLines when no row has a line
   */
  static async open(setup: SinceSetup, list: List, signal: AbortSignal): Promise<EarlierResult> {
    const { outputDelimiter } = setup.options;
    try {
      return await EarlierResult.#opened(setup, list, signal, undefined);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const hint = 'one with a delimiter that is not found needs the same --output-delimiter tonight';
      if (outputDelimiter === undefined) throw new UsageError(`${error.message} (${hint})`);
    }
    // The reader does not try an unusual delimiter, so the file is read again with the one that this run writes.
    return EarlierResult.#opened(setup, list, signal, dialectOf(setup.options, 'csv').delimiter);
  }

  static async #opened(
    setup: SinceSetup,
    list: List,
    signal: AbortSignal,
    delimiter: string | undefined,
  ): Promise<EarlierResult> {
    const { options, own, settings, directories, notice } = setup;
    const { since: path, sinceMemory: memory, secretParam, prefix } = options;
    const { table, urlText } = list;
    const users = table.names.filter((name) => !own.names.has(name));
    const keyOf = requestKeys(settings, table, users, secretParam);
    const requestOf = requestMaker(settings, table);
    let columns = new InputColumns(table, table, false);
    let errorAt = -1;
    const onTable = (earlier: Table, isOpen: boolean): void => {
      columns = new InputColumns(table, earlier, isOpen);
      errorAt = earlier.names.indexOf(`${prefix}error`);
      const missing = columns.missing((cells) => [urlText(cells), requestOf({ ...noRow, table, cells })]);
      if (missing !== null) throw new NoLines(`has no column ${JSON.stringify(missing)}`);
    };
    const tellUnreadable = once(({ number, detail }: Row) =>
      notice(`--since: ${path}: row ${number} cannot be read (${detail}); a row without its line is new`),
    );
    const key = (row: Row): string => {
      const isBad = row.cells[errorAt] === 'bad-row';
      if (row.error === 'bad-row' && !isBad) tellUnreadable(row);
      // A row that had too few cells in its list has all of them in a result.
      return keyOf({ ...row, cells: columns.cells(row.cells), error: isBad ? 'bad-row' : row.error });
    };
    const rows = await EarlierRows.open(path, {
      read: readingOf(setup, delimiter, (cells) => urlText(columns.cells(cells))),
      onTable,
      key,
      badRows: true,
      memory,
      directories,
      signal,
      option: '--since',
    });
    if (rows.rows > 0) return new EarlierResult(setup, rows, keyOf);
    await rows.close();
    throw new NoLines('holds no row');
  }

  private constructor(setup: SinceSetup, rows: EarlierRows, keyOf: (row: Row) => string) {
    const { options, written, compared, settings } = setup;
    const { names } = rows.table;
    this.#setup = setup;
    this.#rows = rows;
    this.#keyOf = keyOf;
    const candidates = [compared, [options.prefix + digestColumn]];
    this.#comparable = candidates.find((all) => all.every((name) => names.includes(name))) ?? null;
    this.#lines = new EarlierLines(rows.table, written, this.#comparable);
    this.#isSafe = dialectOf(options, formatOf(options)).isSafe;
    this.#comparesReplies = ofReplies.some((name) => this.#comparable?.includes(options.prefix + name));
    this.#withheld = withheldBy(settings);
    this.#tell();
  }

  /** Takes the line of a row; null when none is left for its request. */
  async find(row: Row): Promise<Known | null> {
    const key = this.#keyOf(row);
    const line = await this.#rows.take(key);
    if (line === null) return null;
    const isAlone = this.#setup.options.module === undefined || (await this.#takeOthers(line, key));
    const isConditional = isAlone && (await this.#isWhole(line));
    return { ...this.#lines.known(line, isConditional), ...this.#withheld };
  }

  /** The result of a row whose page was not sent again, with the cells of its line. */
  async copied(result: Result): Promise<Result> {
    const line = await this.#rows.read((result.row.earlier as Known).line);
    const copied = this.#lines.copied(line, result);
    return { ...copied, change: this.#lines.isSame(line, copied) ? 'same' : 'changed' };
  }

  /** Whether a page that failed in neither run is the same in both; null where that cannot be told. */
  isSame(result: Result): boolean | null {
    const known = result.row.earlier as Known;
    const names = this.#comparable;
    if (names === null || known.digest === null) return null;
    const { written } = this.#setup;
    const { prefix, processed } = written;
    const [hash] = cellsOf(result, [prefix + digestColumn], written);
    const ofOneBody = known.hasBody !== null && known.hasBody !== (hash !== '');
    if (ofOneBody && names.some((name) => processed.includes(name))) return null;
    const digest = digestOf(names, cellsOf(result, names, written), prefix);
    return digest === null ? null : digest === known.digest;
  }

  async close(): Promise<void> {
    await this.#rows.close();
  }

  /** Tells the user what cannot be done because columns are missing. */
  #tell(): void {
    const { options, notice } = this.#setup;
    const { since: path, prefix } = options;
    const { missing } = this.#lines;
    if (missing.length > 0) {
      const named = missing.map((name) => JSON.stringify(name)).join(', ');
      notice(`--since: every page is fetched whole, as ${path} has no column ${named}`);
    }
    if (this.#comparable === null) {
      notice(
        `--since: ${path} has no column "${prefix}${digestColumn}", so nothing tells which pages have changed; ${prefix}change is empty there`,
      );
    }
  }

  /** Whether the line has all that the row needs if its page is not sent again. */
  async #isWhole(line: Row): Promise<boolean> {
    const { saving, settings, options } = this.#setup;
    const lines = this.#lines;
    if (lines.missing.length > 0 || !lines.isWhole(line, settings.method === 'HEAD')) return false;
    if (this.#comparesReplies || (!this.#isSafe && line.json === null && lines.mayBeSafe(line))) return false;
    if (saving === null) return true;
    const file = lines.cell(line, saving.column);
    const { prefix } = options;
    const bytes = lines.cell(line, `${prefix}bytes`);
    // An empty body is not saved.
    if (file === '') return bytes === '0';
    return saving.holds(file, {
      sha256: lines.cell(line, prefix + digestColumn),
      bytes: bytes === '' ? null : Number(bytes),
    });
  }

  /**
   * Takes the other lines that a module has made of the same page. They have the same row number.
   *
   * @returns whether there is none; without the numbers, whether there is no other line of this request
   */
  async #takeOthers(line: Row, key: string): Promise<boolean> {
    const name = `${this.#setup.options.prefix}row`;
    const number = this.#lines.cell(line, name);
    let isAlone = true;
    for (;;) {
      const next = await this.#rows.next(key);
      if (next === null) return isAlone;
      if (number === '') return false;
      if (this.#lines.cell(next, name) !== number) return isAlone;
      await this.#rows.take(key);
      isAlone = false;
    }
  }
}

/** Result columns that describe the reply rather than the page, so that 304 changes them. */
const ofReplies = ['first_status', 'hops'];

/** How the earlier result is read: as runs write results, and with URLs found as in the list of this run. */
function readingOf(
  { options, own }: SinceSetup,
  delimiter: string | undefined,
  urlText: UrlText,
): ReadOptions {
  return {
    ...readSaid(inputOptions, { delimiter }),
    headerLine: true,
    quote: '"',
    defaultScheme: options.defaultScheme,
    fixedColumns: false,
    urlTextOf: () => urlText,
    isDone: null,
    own: { ...own, copies: false },
  };
}

/** The other fields of a row, where something is made of cells alone. */
const noRow = { number: 0, url: '', error: null, detail: '', json: null } as const;

/** A function that does something the first time only. */
function once<T>(act: (value: T) => void): (value: T) => void {
  let isDone = false;
  return (value) => {
    if (!isDone) act(value);
    isDone = true;
  };
}

function withheldBy({ headers }: RequestSettings): Partial<Known> {
  const isTaken = (header: string): boolean =>
    headers.some(([name, value]) => value === '' && name.toLowerCase() === header);
  return {
    ...(isTaken('if-none-match') && { etag: '' }),
    ...(isTaken('if-modified-since') && { lastModified: '' }),
  };
}
