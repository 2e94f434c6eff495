import type { Readable } from 'node:stream';

import { InputError, UsageError } from '../shared/errors.ts';
import type { Row, Table } from '../shared/records.ts';
import { urlOf } from '../shared/url-like.ts';
import { CellLook } from './cell-look.ts';
import { openContent } from './content.ts';
import type { InputOptions, Reader, SourceDialect } from './content.ts';
import type { Content, Entry } from './entry.ts';
import { earlierStatus } from './earlier-result.ts';
import type { OwnColumns } from './earlier-result.ts';
import { faultOfFile, faultOfRow } from './fault.ts';
import type { Fault } from './fault.ts';
import { findJsonPath } from './json-path.ts';
import { bytesOf, unreadable } from './source.ts';
import type { Source } from './source.ts';
import { findUrlColumn, needsSample } from './url-column.ts';
import { compileUrlTemplate } from './url-template.ts';

/** How far reading has come: updated by the reader, looked at by the progress line. */
export class ReadState {
  /** Null until the header has been read. */
  table: Table | null = null;
  rows = 0;
  /** Bytes taken from the sources, before decompression. */
  bytes = 0;
  /** Whether the last row has been read. */
  done = false;
  stopped = false;
  stream: Readable | null = null;
  /** Called once, before the first row; what it throws ends the reading. */
  onTable: (table: Table) => void = () => {};
  /** Told of the first row that cannot be taken as it stands in its file. */
  onFault: (text: string) => void = () => {};
  /** Told what the user should know of how an input is read. */
  onNotice: (text: string) => void = () => {};
  /** Lines that were comments. */
  comments = 0;
  onText: Reader['onText'] = null;
  /** Told of the records in the order in which their rows come. */
  onEntries: (entries: readonly Entry[]) => void = () => {};
  /** How a record of the last source is read again, and what makes a row of it; null until the first row has been read. */
  entryIn: Content['entryIn'] | null = null;
  toRow: ToRow | null = null;
  /** Gives the text that says what is fetched for a row of these cells; null until the first row has been read. */
  urlText: ((cells: readonly string[]) => string) | null = null;
  /** How the last source is written. */
  dialect: SourceDialect | null = null;
  onDialect = (dialect: SourceDialect): void => void (this.dialect = dialect);
  #hasFault = false;

  /** A whole list may be of that kind, and its rows say so themselves. */
  reportFault(fault: Fault): void {
    if (!this.#hasFault) this.onFault(faultOfFile(fault));
    this.#hasFault = true;
  }

  /** Ends the reading as if the input ended here, also while it waits for more. */
  stop(): void {
    this.stopped = true;
    this.stream?.destroy();
  }
}

export interface ReadOptions extends InputOptions {
  /** Whether the output has room for the header's columns only: then a record with more is a `bad-row`. */
  readonly fixedColumns: boolean;
  /** Rows that are passed over, by their numbers. */
  readonly isDone: ((number: number) => boolean) | null;
  /** Columns that are not the user's; null where nothing is known of any. */
  readonly own: OwnColumns | null;
}

/** @param number of the row in the input, from 1 */
type ToRow = (entry: Entry, number: number) => Row;

/**
 * Reads the sources one after the other, as one list, in batches of rows.
 *
 * @throws UsageError when the URL column or the format cannot be told
 * @throws InputError when a source cannot be read, or its header is not that of the first; the rows before that
 * have been given by then
 */
export async function* readRows(
  sources: readonly Source[],
  options: ReadOptions,
  state: ReadState,
): AsyncGenerator<Row[]> {
  if (options.urlTemplate !== undefined && options.urlColumn !== undefined) {
    throw new UsageError('--url-template and --url-column cannot both say where the URL comes from');
  }
  if (sources.length > 1) await checkHeaders(sources, options);
  const { limit = Infinity, isDone } = options;
  const { urlColumn } = options;
  const look = urlColumn === undefined ? null : new CellLook(urlColumn, (text) => state.onNotice(text));
  let toRow: ToRow | null = null;
  let waiting: Entry[] = [];
  const rowsOf = (table: Table): Row[] => {
    if (toRow === null) {
      toRow = rowMaker(table, options, waiting, state, look);
      state.toRow = toRow;
    }
    const rows: Row[] = [];
    for (const entry of waiting) {
      if (state.rows >= limit) break;
      const number = ++state.rows;
      if (isDone?.(number) !== true) rows.push(toRow(entry, number));
    }
    waiting = [];
    return rows;
  };
  try {
    for (const source of sources) {
      for await (const batch of entriesOf(source, sources[0]?.name ?? '', options, state)) {
        waiting = waiting.length === 0 ? batch : [...waiting, ...batch];
        const table = state.table;
        if (table === null) throw new TypeError('entries before their table');
        if (toRow === null && waiting.length < sampleSize && looksIntoCells(table, options, waiting))
          continue;
        yield rowsOf(table);
        if (state.rows >= limit) break;
      }
      if (state.rows >= limit) break;
    }
  } catch (error) {
    const waitingFor = state.table;
    if (error instanceof InputError && waitingFor !== null && waiting.length > 0) {
      yield orElse(error, () => rowsOf(waitingFor));
    }
    throw error;
  }
  if (state.table !== null && waiting.length > 0) yield rowsOf(state.table);
  look?.end();
  if (state.table !== null && state.rows === 0 && !state.stopped) tellNoRow(state.table, options, state);
  state.done = true;
}

/** @throws UsageError when the header does not seem to be one either */
function tellNoRow(table: Table, options: ReadOptions, state: ReadState): void {
  urlFinder(table, options, []);
  state.onNotice('the input holds no row');
}

/** What `make` gives. If it fails, the earlier error is thrown, as that is the cause. */
function orElse<T>(error: Error, make: () => T): T {
  try {
    return make();
  } catch {
    throw error;
  }
}

async function* entriesOf(
  source: Source,
  firstName: string,
  options: ReadOptions,
  state: ReadState,
): AsyncGenerator<Entry[]> {
  if (state.stopped) return;
  const stream = source.open();
  state.stream = stream;
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of bytesOf(stream, source.name)) {
      state.bytes += chunk.length;
      yield chunk;
    }
  }
  try {
    const { table, batches, entryIn } = await openContent(counted(), source.name, options, state);
    state.entryIn = entryIn;
    if (state.table === null) {
      state.onTable(table);
      state.table = table;
    } else agree(state.table, table, firstName, source.name);
    for await (const batch of batches) {
      state.onEntries(batch);
      yield batch;
    }
  } catch (error) {
    if (!state.stopped) throw unreadable(source.name, error);
  } finally {
    stream.destroy();
  }
}

/** Looks at the headers of all files before the first request, so that a wrong one is not found hours later. */
async function checkHeaders(sources: readonly Source[], options: ReadOptions): Promise<void> {
  const seen = new ReadState();
  const files = sources.filter(({ reopens }) => reopens);
  for (const source of files) {
    const entries = entriesOf(source, files[0]?.name ?? '', options, seen);
    await entries.next();
    await entries.return(undefined);
  }
}

function agree(first: Table, second: Table, firstName: string, secondName: string): void {
  const same =
    first.names.length === second.names.length && first.names.every((name, i) => name === second.names[i]);
  if (same) return;
  throw new InputError(
    `${secondName}: its columns (${second.names.join(', ')}) are not those of ${firstName} (${first.names.join(', ')})`,
  );
}

/** How many rows are read before the URL column is told by their cells. */
const sampleSize = 1000;

function looksIntoCells(table: Table, options: ReadOptions, waiting: readonly Entry[]): boolean {
  const { urlTemplate, urlColumn } = options;
  if (urlTemplate !== undefined || tellUrls(waiting)) return false;
  return needsSample(table.names, urlColumn, cellsOf(waiting), ownOf(table, options));
}

/** Whether the records are those of a list, which need no column. */
function tellUrls(entries: readonly Entry[]): boolean {
  return entries.some(({ url }) => url !== null);
}

function cellsOf(entries: readonly Entry[]): (readonly string[])[] {
  return entries.flatMap(({ cells, fault }) => (fault === null ? [cells] : []));
}

/** Columns that are called by number are the user's. */
function ownOf({ header }: Table, { own }: ReadOptions): OwnColumns | null {
  return header ? own : null;
}

function rowMaker(
  table: Table,
  options: ReadOptions,
  sample: readonly Entry[],
  state: ReadState,
  look: CellLook | null,
): ToRow {
  const width = table.names.length;
  const { fixedColumns } = options;
  const [defaultScheme = '', ...others] = options.defaultScheme.toLowerCase().split(',');
  const isOrHttp = (text: string): boolean => others.length > 0 && typeof urlOf(text, 'none') !== 'string';
  const urlText = urlFinder(table, options, sample);
  state.urlText = urlText;
  const isHeaderAgain = headerLook(table);
  /** Why a record is no good row; null when it is one. */
  const badRow = (cells: readonly string[], json: string | null, fault: Fault | null): string | null => {
    if (fault !== null) {
      state.reportFault(fault);
      return faultOfRow(fault);
    }
    if (cells.length !== width && (json === null || fixedColumns)) {
      return `${cells.length} cells where the ${table.header ? 'header' : 'first row'} has ${width}`;
    }
    return json === null && isHeaderAgain(cells) ? 'the header line again' : null;
  };
  const toRow: ToRow = ({ cells: all, json, url: own, fault }, number) => {
    const cells = all.length > width && json === null ? withoutEmptySurplus(all, width) : all;
    const detail = badRow(cells, json, fault);
    if (detail !== null) return { number, cells, table, url: '', error: 'bad-row', detail, json };
    const text = own ?? urlText(cells);
    look?.add(text);
    const url = urlOf(text, defaultScheme);
    if (typeof url !== 'string') {
      return { number, cells, table, url: '', error: 'invalid-url', detail: url.detail, json };
    }
    const row = { number, cells, table, url, error: url === '' ? 'no-url' : null, detail: '', json } as const;
    return isOrHttp(text) ? { ...row, orHttp: true } : row;
  };
  return options.own?.copies === true ? orCopy(toRow, earlierStatus(table, options.own)) : toRow;
}

/** A delimiter at the end of a line makes an empty cell that nobody intended. */
function withoutEmptySurplus(cells: readonly string[], width: number): readonly string[] {
  return cells.slice(width).every((cell) => cell === '') ? cells.slice(0, width) : cells;
}

/** Recognises a repeated header line, as in files that were concatenated. */
function headerLook({ names, header }: Table): (cells: readonly string[]) => boolean {
  const [first = ''] = names;
  const marked = `\ufeff${first}`;
  return (cells) => {
    if (cells[0] !== first && cells[0] !== marked) return false;
    return header && names.every((name, column) => column === 0 || cells[column] === name);
  };
}

/** What went well in an earlier run is copied, whatever its URL cell holds now. */
function orCopy(toRow: ToRow, statusOf: ReturnType<typeof earlierStatus>): ToRow {
  return (entry, number) => {
    const row = toRow(entry, number);
    // Cells that do not fit the header stand under wrong names.
    const status = row.error === 'bad-row' ? null : statusOf(row.cells);
    return status === null ? row : { ...row, error: null, earlierStatus: status };
  };
}

function urlFinder(
  table: Table,
  options: ReadOptions,
  sample: readonly Entry[],
): (cells: readonly string[]) => string {
  const { names } = table;
  const { urlTemplate, urlColumn } = options;
  if (urlTemplate !== undefined) return compileUrlTemplate(urlTemplate, names);
  if (urlColumn === undefined && tellUrls(sample)) return (cells) => cells[0] ?? '';
  const records = cellsOf(sample);
  const isJson = sample.some(({ json }) => json !== null);
  const path = isJson && urlColumn !== undefined ? findJsonPath(names, urlColumn, records) : null;
  if (path !== null) return path;
  const column = findUrlColumn(names, urlColumn, records, ownOf(table, options));
  return (cells) => cells[column] ?? '';
}
