import { UsageError } from '../shared/errors.ts';
import type { Row } from '../shared/records.ts';
import { EarlierRows, refuseNoResult } from '../earlier/earlier-rows.ts';
import { jobColumns } from '../job/columns.ts';
import { readSaid } from '../options/resolve.ts';
import { inputOptions } from '../options/table.ts';
import type { SaidOf } from '../options/table.ts';
import type { OwnColumns } from '../read/earlier-result.ts';
import { ReadState, readRows } from '../read/rows.ts';
import type { ReadOptions } from '../read/rows.ts';
import type { Source } from '../read/source.ts';
import { comparedColumns, ownPlaces, placeOf } from './columns.ts';
import type { ResultColumns } from './columns.ts';
import { differences } from './differences.ts';
import type { Comparison, Difference } from './differences.ts';
import { ResultFile } from './result-file.ts';

/** How two results are compared: see options/diff.ts. */
export interface ComparedHow {
  readonly key: string | undefined;
  /** The flag that sets `key`, for messages. Default: `--key`. */
  readonly keyFlag?: string;
  readonly columns: string;
  readonly prefix: string;
  readonly sinceMemory: number;
  /** Called once for each file that has rows that cannot be read as they were written. */
  readonly onNotice?: (text: string) => void;
  /** How both files are read. Default: as each of them seems to be written. */
  readonly input?: Omit<SaidOf<typeof inputOptions>, 'urlColumn' | 'urlTemplate'>;
}

/** Two results that are open; the earlier one is indexed by key. */
export interface TwoResults {
  readonly before: ResultColumns;
  readonly after: ResultColumns;
  readonly comparison: Comparison;
  /** How the later file is written. */
  readonly dialect: ReadState['dialect'];
  /** What has become of each row. Can be iterated only once. */
  readonly differences: AsyncGenerator<Difference>;
  readonly close: () => Promise<void>;
}

/**
 * Opens two results to be compared.
 *
 * @param directories folders to try for temporary files, in order
 * @throws UsageError when a file is no result, or `columns` names a column that a file lacks
 * @throws InputError when a file cannot be read
 * @throws OutputError when a temporary file cannot be written
 */
export async function openTwoResults(
  old: string,
  now: Source,
  how: ComparedHow,
  directories: readonly string[],
): Promise<TwoResults> {
  const read = readingOf(how);
  const fileOf = (name: string): ResultFile =>
    new ResultFile(read.own, how.key, (what) =>
      how.onNotice?.(`${name}: ${what}; such rows are compared as far as they can be read`),
    );
  const [oldFile, newFile] = [fileOf(old), fileOf(now.name)];
  const state = new ReadState();
  state.onTable = (table) => refuseNoResult(table, read.own, now.name);
  const batches = readRows([now], { ...read, search: newFile }, state);
  let earlier: EarlierRows | null = null;
  const close = async (): Promise<void> => {
    await batches.return(undefined);
    await earlier?.close();
  };
  try {
    const first = await ofFile(now.name, how, () => batches.next());
    oldFile.follow(newFile);
    const lookup = {
      read: { ...read, search: oldFile },
      key: (row: Row, text: string) => oldFile.keyOf(row, text),
      badRows: true,
      memory: how.sinceMemory,
      directories,
    };
    earlier = await ofFile(old, how, () => EarlierRows.open(old, lookup));
    await ofFile(now.name, how, async () => newFile.follow(oldFile));
    const [before, after] = [oldFile.columns, newFile.columns];
    const comparison = comparisonOf(before, after, how, (row) =>
      newFile.keyOf(row, state.rowMaker?.urlText(row.cells) ?? ''),
    );
    const found = differences(earlier, behind(first, batches), comparison);
    return { before, after, comparison, dialect: state.dialect, differences: found, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** How both files are read. */
function readingOf({ key, prefix, input = {} }: ComparedHow): ReadOptions & { readonly own: OwnColumns } {
  const { own } = jobColumns({ ...noJob, prefix }, []);
  // Without a prefix a column "url" may be the list's.
  const names = prefix === '' ? new Set([own.status, own.error]) : own.names;
  return {
    ...readSaid(inputOptions, { ...input, urlColumn: key }),
    fixedColumns: false,
    isDone: null,
    own: { ...own, names },
    resultColumn: own.status,
  };
}

function comparisonOf(
  before: ResultColumns,
  after: ResultColumns,
  { columns, prefix }: ComparedHow,
  keyOf: Comparison['keyOf'],
): Comparison {
  return {
    compared: comparedColumns(columns, before, after, prefix),
    own: ownPlaces(before, after),
    status: placeOf(`${prefix}status`, before, after),
    error: placeOf(`${prefix}error`, before, after),
    keyOf,
  };
}

/** What `jobColumns()` wants to know besides the prefix, and a comparison does not have. */
const noJob = { columns: '', retryFailed: undefined, urlColumn: undefined, urlTemplate: undefined };

/** Adds the file to the message of a UsageError, and calls `--url-column` by the flag that it has here. */
async function ofFile<T>(
  name: string,
  { keyFlag = '--key' }: ComparedHow,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UsageError) || error.message.includes(name)) throw error;
    throw new UsageError(`${name}: ${error.message.replaceAll('--url-column', keyFlag)}`);
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
