import { UsageError } from '../shared/errors.ts';
import type { Row, Table } from '../shared/records.ts';
import { EarlierRows, refuseNoResult } from '../earlier/earlier-rows.ts';
import { jobColumns } from '../job/columns.ts';
import { readSaid } from '../options/resolve.ts';
import { inputOptions } from '../options/table.ts';
import type { SaidOf } from '../options/table.ts';
import type { ReadOptions } from '../read/rows.ts';
import { ReadState, readRows } from '../read/rows.ts';
import type { Source } from '../read/source.ts';
import { comparedColumns, ownPlaces, placeOf, resultColumns } from './columns.ts';
import type { ResultColumns } from './columns.ts';
import { differences } from './differences.ts';
import type { Comparison, Difference } from './differences.ts';

/** How two results are compared: see options/diff.ts. */
export interface ComparedHow {
  readonly key: string | undefined;
  readonly columns: string;
  readonly prefix: string;
  readonly sinceMemory: number;
  /** How both files are read. Default: as they seem to be. */
  readonly input?: Omit<SaidOf<typeof inputOptions>, 'urlColumn' | 'urlTemplate'>;
}

export interface ComparedWhere {
  /** Folders for temporary files: the first that takes them. */
  readonly directories: readonly string[];
  readonly onNotice: (text: string) => void;
}

/** Two results, of which the earlier one is indexed. */
export interface TwoResults {
  readonly before: ResultColumns;
  readonly after: ResultColumns;
  readonly comparison: Comparison;
  /** How the later one is written. */
  readonly dialect: ReadState['dialect'];
  /** What has become of each row; can be gone through once. */
  readonly differences: AsyncGenerator<Difference>;
  readonly close: () => Promise<void>;
}

/**
 * Opens two results to be compared.
 *
 * @throws UsageError when a file is no result, or columns do not fit; InputError; OutputError for a temporary file
 */
export async function openTwoResults(
  old: string,
  now: Source,
  { key, columns, prefix, sinceMemory, input = {} }: ComparedHow,
  { directories, onNotice }: ComparedWhere,
): Promise<TwoResults> {
  const { own } = jobColumns({ ...noJob, prefix }, []);
  const columnsIn = (table: Table): ResultColumns => resultColumns(table, prefix, own.names);
  /** A row without a URL is found by the cells of its list. */
  const keyOf = ({ cells, table }: Row, text: string): string =>
    text === '' ? JSON.stringify(cells.slice(0, columnsIn(table).own.length)) : text;
  const said = readSaid(inputOptions, { ...input, urlColumn: key });
  const read: ReadOptions = { ...said, fixedColumns: false, isDone: null, own };
  const lookup = { read, key: keyOf, badRows: true, memory: sinceMemory, directories };
  const earlier = await ofFile(old, () => EarlierRows.open(old, lookup));
  try {
    const state = new ReadState();
    state.onTable = (table) => refuseNoResult(table, own, now.name);
    state.onFault = onNotice;
    const batches = readRows([now], read, state);
    const first = await ofFile(now.name, () => batches.next());
    const [before, after] = [columnsIn(earlier.table), columnsIn(state.table ?? noTable)];
    const place = (name: string) => placeOf(prefix + name, before, after);
    const comparison: Comparison = {
      compared: comparedColumns(columns, before, after, prefix),
      own: ownPlaces(before, after),
      status: place('status'),
      error: place('error'),
      keyOf: (row) => keyOf(row, state.rowMaker?.urlText(row.cells) ?? ''),
    };
    return {
      before,
      after,
      comparison,
      dialect: state.dialect,
      differences: differences(earlier, behind(first, batches), comparison),
      close: () => earlier.close(),
    };
  } catch (error) {
    await earlier.close();
    throw error;
  }
}

/** What the columns of a job need to know besides the prefix. */
const noJob = { columns: '', retryFailed: undefined, urlColumn: undefined, urlTemplate: undefined };

const noTable: Table = { names: [], header: true };

/** Says which of two files an error is about, and how its columns are named here. */
async function ofFile<T>(name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UsageError) || error.message.includes(name)) throw error;
    throw new UsageError(`${name}: ${error.message.replaceAll('--url-column', '--key')}`);
  }
}

async function* behind(
  first: IteratorResult<Row[], unknown>,
  others: AsyncIterable<Row[]>,
): AsyncGenerator<Row[]> {
  if (first.done === true) return;
  yield first.value;
  yield* others;
}
