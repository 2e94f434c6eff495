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
  /** The option that says it, for messages. Default: `--key`. */
  readonly keyFlag?: string;
  readonly columns: string;
  readonly prefix: string;
  readonly sinceMemory: number;
  /** Told once of each file in which rows cannot be read as they were written. */
  readonly onNotice?: (text: string) => void;
  /** How both files are read. Default: as they seem to be. */
  readonly input?: Omit<SaidOf<typeof inputOptions>, 'urlColumn' | 'urlTemplate'>;
}

/** Two results, of which the earlier one is indexed. */
export interface TwoResults {
  readonly before: ResultColumns;
  readonly after: ResultColumns;
  readonly comparison: Comparison;
  /** How the later one is written. */
  readonly dialect: ReadState['dialect'];
  /** What has become of each row. They can be gone through once. */
  readonly differences: AsyncGenerator<Difference>;
  readonly close: () => Promise<void>;
}

/**
 * Opens two results to be compared.
 *
 * @param directories folders for temporary files: the first that takes them
 * @throws UsageError when a file is no result, or columns do not fit; InputError; OutputError for a temporary file
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

/** What the columns of a job need to know besides the prefix. */
const noJob = { columns: '', retryFailed: undefined, urlColumn: undefined, urlTemplate: undefined };

/** Says which of two files an error is about, and how its columns are named here. */
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
