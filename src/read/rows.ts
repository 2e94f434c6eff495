import type { Readable } from 'node:stream';

import { InputError, UsageError } from '../shared/errors.ts';
import type { Row, Table } from '../shared/records.ts';
import { CellLook } from './cell-look.ts';
import { openContent } from './content.ts';
import type { Reader, SourceDialect } from './content.ts';
import type { Content, Entry } from './entry.ts';
import { faultOfFile } from './fault.ts';
import type { Fault } from './fault.ts';
import { cellsOf, ownOf, rowMaker, tellUrls, urlFinder } from './row-maker.ts';
import type { RowMaker, RowOptions } from './row-maker.ts';
import { bytesOf, unreadable } from './source.ts';
import type { Source } from './source.ts';
import { needsSample } from './url-column.ts';

/** How far reading has come: updated by the reader, looked at by the progress line. */
export class ReadState {
  /** Null until the header has been read. */
  table: Table | null = null;
  rows = 0;
  /** Bytes taken from the sources, before decompression. */
  bytes = 0;
  /** Rows and bytes just before the last chunk was taken: then all rows of these bytes had been read. */
  settled = { rows: 0, bytes: 0 };
  /** Whether the last row has been read. */
  done = false;
  stopped = false;
  stream: Readable | null = null;
  /** Called once, before the first row; what it throws ends the reading. */
  onTable: (table: Table) => void = () => {};
  /** Told of the first row with a fault. */
  onFault: (text: string) => void = () => {};
  /** Gets notices for the user about how an input is read. */
  onNotice: (text: string) => void = () => {};
  /** Lines that were comments. */
  comments = 0;
  onText: Reader['onText'] = null;
  /** Told of the records in the order in which their rows come. */
  onEntries: (entries: readonly Entry[]) => void = () => {};
  /** Reads a record of the last source again, and makes a row of it; null until the first row has been read. */
  entryIn: Content['entryIn'] | null = null;
  rowMaker: RowMaker | null = null;
  /** How the last source is written. */
  dialect: SourceDialect | null = null;
  onDialect = (dialect: SourceDialect): void => void (this.dialect = dialect);
  #hasFault = false;

  /** Tells only the first fault: all rows of a list may have it, and each says so in its result. */
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

export interface ReadOptions extends RowOptions {
  /** Rows that are passed over, by their numbers. */
  readonly isDone: ((number: number) => boolean) | null;
}

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
  let waiting: Entry[] = [];
  const rowsOf = (table: Table): Row[] => {
    state.rowMaker ??= rowMaker(
      table,
      options,
      waiting,
      (fault) => state.reportFault(fault),
      (text) => look?.add(text),
    );
    const { toRow } = state.rowMaker;
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
        if (state.rowMaker === null && looksIntoCells(table, options, waiting)) continue;
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

/** @throws UsageError when no column of the header can be the URL column either */
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
      state.settled = { rows: state.rows, bytes: state.bytes };
      state.bytes += chunk.length;
      yield chunk;
    }
  }
  try {
    const read = { ...options, runColumn: options.own?.status };
    const { table, batches, entryIn } = await openContent(counted(), source.name, read, state);
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

/** How many rows are read at most before the URL column is told by their cells. */
const sampleSize = 1000;

function looksIntoCells(table: Table, options: ReadOptions, waiting: readonly Entry[]): boolean {
  const { urlTemplate, urlColumn, urlTextOf, search } = options;
  if (search !== undefined) return search.needsMore(table, waiting);
  if (waiting.length >= sampleSize || urlTemplate !== undefined || urlTextOf !== undefined) return false;
  if (tellUrls(waiting)) return false;
  return needsSample(table.names, urlColumn, cellsOf(waiting), ownOf(table, options));
}
