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
import type { ReadOptions } from '../read/rows.ts';
import { ReadState, readRows } from '../read/rows.ts';
import type { Source } from '../read/source.ts';
import type { Output } from '../write/output.ts';
import { WriteResults } from '../write/write-results.ts';
import { comparedColumns, isRelative, ownPlaces, placeOf, resultColumns } from './columns.ts';
import type { ResultColumns } from './columns.ts';
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
  { openOutput, directories }: DiffSurroundings,
): Promise<DiffSummary> {
  const { own } = jobColumns({ ...noJob, prefix: options.prefix }, []);
  const columnsIn = (table: Table): ResultColumns => resultColumns(table, options.prefix, own.names);
  /** A row without a URL is found by the cells of its list. */
  const keyOf = ({ cells, table }: Row, text: string): string =>
    text === '' ? JSON.stringify(cells.slice(0, columnsIn(table).own.length)) : text;
  const said = readSaid(inputOptions, { urlColumn: options.key });
  const read: ReadOptions = { ...said, fixedColumns: false, isDone: null, own };
  const lookup = { read, key: keyOf, badRows: true, memory: options.sinceMemory, directories };
  const earlier = await ofFile(old, () => EarlierRows.open(old, lookup));
  const waiting = new WaitingDifferences(directories);
  try {
    const state = new ReadState();
    state.onTable = (table) => refuseNoResult(table, own, now.name);
    const batches = readRows([now], read, state);
    const first = await ofFile(now.name, () => batches.next());
    const [before, after] = [columnsIn(earlier.table), columnsIn(state.table ?? noTable)];
    const place = (name: string) => placeOf(options.prefix + name, before, after);
    const comparison: Comparison = {
      compared: comparedColumns(options.columns, before, after, options.prefix),
      own: ownPlaces(before, after),
      status: place('status'),
      error: place('error'),
      keyOf: (row) => keyOf(row, state.rowMaker?.urlText(row.cells) ?? ''),
    };
    const counts = new Counts(comparison.compared.map(({ name }) => name));
    const found = differences(earlier, behind(first, batches), comparison);
    const shown = counted(found, counts, options.all);
    const isFixed = options.columns !== '' && !isRelative(options.columns);
    if (!isFixed) for await (const difference of shown) await waiting.add(difference);
    const always = new Set([comparison.status.name, comparison.error.name]);
    const columns: DiffColumns = {
      own: comparison.own.map(({ name }) => name),
      compared: comparison.compared.map(({ name }) => name),
      written: comparison.compared.flatMap(({ name }, index) =>
        isFixed || always.has(name) || counts.differs(index) ? [index] : [],
      ),
      found: new Set([...before.found, ...after.found]),
      prefix: options.prefix,
    };
    const form = outputForm(options, state.dialect);
    await write(isFixed ? shown : waiting.all(), columns, form, await openOutput());
    return counts.summary();
  } finally {
    await waiting.close();
    await earlier.close();
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
  output: Output,
): Promise<void> {
  try {
    const layout = diffLayout(columns);
    const table: Table = { names: layout.names, header: true };
    const toResult = resultMaker(columns, table);
    async function* results() {
      let number = 0;
      for await (const difference of shown) yield toResult(difference, ++number);
    }
    const writer = new WriteResults({
      ...form,
      added: () => layout,
      emptyTable: () => table,
      onBatch: (batch) => output.add(batch),
    });
    await pipeline(Readable.from(results()), writer, output.stream);
    await output.finish();
  } catch (error) {
    await output.abandon();
    throw error;
  }
}
