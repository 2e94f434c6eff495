import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { UsageError } from '../shared/errors.ts';
import type { Row, Table } from '../shared/records.ts';
import { EarlierRows, refuseNoResult } from '../earlier/earlier-rows.ts';
import { jobColumns } from '../job/columns.ts';
import type { diffOptions } from '../options/diff.ts';
import { readSaid } from '../options/resolve.ts';
import { inputOptions } from '../options/table.ts';
import type { ValuesOf } from '../options/table.ts';
import type { OwnColumns } from '../read/earlier-result.ts';
import { ReadState, readRows } from '../read/rows.ts';
import type { ReadOptions } from '../read/rows.ts';
import type { Source } from '../read/source.ts';
import type { Output } from '../write/output.ts';
import { WriteResults } from '../write/write-results.ts';
import { comparedColumns, isRelative, ownPlaces, placeOf, resultColumns } from './columns.ts';
import type { Place, ResultColumns } from './columns.ts';
import { Counts } from './counts.ts';
import type { DiffSummary } from './counts.ts';
import { diffLayout, resultMaker } from './diff-layout.ts';
import type { DiffColumns } from './diff-layout.ts';
import { differences } from './differences.ts';
import type { Comparison, Difference } from './differences.ts';
import { outputForm } from './output-form.ts';
import { WaitingDifferences } from './waiting-differences.ts';

export type DiffOptions = ValuesOf<typeof diffOptions>;

export interface DiffSurroundings {
  /** Opens the output; called when both files were found to be results. */
  readonly openOutput: () => Promise<Output>;
  /** Folders for temporary files: the first that takes them. */
  readonly directories: readonly string[];
}

/**
 * Compares two results, and writes the rows that differ: those of NEW in its order, then those that only OLD has.
 *
 * Neither file is held in memory. Unless `columns` names them, which columns are written is known at the end; the
 * differences wait in a temporary file until then.
 *
 * @throws UsageError when a file is no result, or columns do not fit; InputError; OutputError
 */
export async function diff(
  old: string,
  now: Source,
  options: DiffOptions,
  surroundings: DiffSurroundings,
): Promise<DiffSummary> {
  const files = new ResultFiles(options);
  const { read, key } = files;
  const lookup = { read, key, badRows: true, memory: options.sinceMemory };
  const { directories } = surroundings;
  const earlier = await ofFile(old, () => EarlierRows.open(old, { ...lookup, directories }));
  try {
    return await compare(earlier, now, files, options, surroundings);
  } finally {
    await earlier.close();
  }
}

/** How both files are read. */
class ResultFiles {
  readonly read: ReadOptions & { readonly own: OwnColumns };
  readonly #prefix: string;

  constructor({ key, prefix }: DiffOptions) {
    const { own } = jobColumns({ ...noJob, prefix }, []);
    this.read = { ...readSaid(inputOptions, { urlColumn: key }), fixedColumns: false, isDone: null, own };
    this.#prefix = prefix;
  }

  /** By what a row is found: the text of its URL cell; without one, the cells of its list. */
  readonly key = ({ cells, table }: Row, text: string): string =>
    text === '' ? JSON.stringify(cells.slice(0, this.columns(table).own.length)) : text;

  columns(table: Table): ResultColumns {
    return resultColumns(table, this.#prefix, this.read.own.names);
  }
}

async function compare(
  earlier: EarlierRows,
  now: Source,
  files: ResultFiles,
  options: DiffOptions,
  { openOutput, directories }: DiffSurroundings,
): Promise<DiffSummary> {
  const state = new ReadState();
  state.onTable = (table) => refuseNoResult(table, files.read.own, now.name);
  const batches = readRows([now], files.read, state);
  const waiting = new WaitingDifferences(directories);
  try {
    const first = await ofFile(now.name, () => batches.next());
    const [before, after] = [files.columns(earlier.table), files.columns(state.table ?? noTable)];
    const comparison = comparisonOf(before, after, options, (row) =>
      files.key(row, state.rowMaker?.urlText(row.cells) ?? ''),
    );
    const { compared, own, status, error } = comparison;
    const counts = new Counts(compared.map(({ name }) => name));
    const shown = counted(differences(earlier, behind(first, batches), comparison), counts, options.all);
    const isFixed = options.columns !== '' && !isRelative(options.columns);
    if (!isFixed) for await (const difference of shown) await waiting.add(difference);
    const isWritten = ({ name }: Place, index: number): boolean =>
      isFixed || name === status.name || name === error.name || counts.differs(index);
    const columns: DiffColumns = {
      own: own.map(({ name }) => name),
      compared: compared.map(({ name }) => name),
      written: compared.flatMap((place, index) => (isWritten(place, index) ? [index] : [])),
      found: new Set([...before.found, ...after.found]),
      prefix: options.prefix,
    };
    const form = outputForm(options, state.dialect);
    await write(isFixed ? shown : waiting.all(), columns, form, openOutput);
    return counts.summary();
  } finally {
    await batches.return(undefined);
    await waiting.close();
  }
}

function comparisonOf(
  before: ResultColumns,
  after: ResultColumns,
  { columns, prefix }: DiffOptions,
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

async function* counted(
  all: AsyncIterable<Difference>,
  counts: Counts,
  withSame: boolean,
): AsyncGenerator<Difference> {
  for await (const difference of all) {
    counts.add(difference);
    if (withSame || difference.change !== 'same') yield difference;
  }
}

async function write(
  shown: AsyncIterable<Difference>,
  columns: DiffColumns,
  form: ReturnType<typeof outputForm>,
  openOutput: DiffSurroundings['openOutput'],
): Promise<void> {
  const layout = diffLayout(columns);
  const table: Table = { names: layout.names, header: true };
  const toResult = resultMaker(columns, table);
  async function* results() {
    let number = 0;
    for await (const difference of shown) yield toResult(difference, ++number);
  }
  const output = await openOutput();
  const writer = new WriteResults({
    ...form,
    added: () => layout,
    emptyTable: () => table,
    onBatch: (batch) => output.add(batch),
  });
  try {
    await pipeline(Readable.from(results()), writer, output.stream);
    await output.finish();
  } catch (error) {
    await output.abandon();
    throw error;
  }
}
