import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { Table } from '../shared/records.ts';
import type { diffOptions } from '../options/diff.ts';
import type { ValuesOf } from '../options/table.ts';
import type { Source } from '../read/source.ts';
import type { Output } from '../write/output.ts';
import { WriteResults } from '../write/write-results.ts';
import { isRelative } from './columns.ts';
import type { Place } from './columns.ts';
import { Counts } from './counts.ts';
import type { DiffSummary } from './counts.ts';
import { diffLayout, resultMaker } from './diff-layout.ts';
import type { DiffColumns } from './diff-layout.ts';
import type { Difference } from './differences.ts';
import { outputForm } from './output-form.ts';
import { openTwoResults } from './two-results.ts';
import { WaitingDifferences } from './waiting-differences.ts';

export type DiffOptions = ValuesOf<typeof diffOptions>;

export interface DiffSurroundings {
  /** Opens the output; called only once both files are known to be results. */
  readonly openOutput: () => Promise<Output>;
  /** Folders to try for temporary files, in order. */
  readonly directories: readonly string[];
  /** Gets notices for the user about how the files were read. */
  readonly onNotice: (text: string) => void;
}

/**
 * Compares two results, and writes the rows that differ: those of NEW in its order, then those that only OLD has.
 *
 * Neither file is held in memory. Unless `columns` names all columns, one is written only if it differs in some row
 * (status and error always are), which is known only at the end; until then the differences wait in a temporary file.
 *
 * @throws UsageError when a file is no result, or `columns` names a column that a file lacks
 * @throws InputError when a file cannot be read
 * @throws OutputError when the output or a temporary file cannot be written
 */
export async function diff(
  old: string,
  now: Source,
  options: DiffOptions,
  { openOutput, directories, onNotice }: DiffSurroundings,
): Promise<DiffSummary> {
  const results = await openTwoResults(old, now, { ...options, onNotice }, directories);
  const waiting = new WaitingDifferences(directories);
  try {
    const { compared, own, status, error } = results.comparison;
    const counts = new Counts(compared.map(({ name }) => name));
    const shown = counted(results.differences, counts, options.all);
    const isFixed = options.columns !== '' && !isRelative(options.columns);
    if (!isFixed) for await (const difference of shown) await waiting.add(difference);
    const isWritten = ({ name }: Place, index: number): boolean =>
      isFixed || name === status.name || name === error.name || counts.differs(index);
    const columns: DiffColumns = {
      own: own.map(({ name }) => name),
      compared: compared.map(({ name }) => name),
      written: compared.flatMap((place, index) => (isWritten(place, index) ? [index] : [])),
      found: new Set([...results.before.found, ...results.after.found].map(({ name }) => name)),
      prefix: options.prefix,
    };
    const form = outputForm(options, results.dialect);
    await write(isFixed ? shown : waiting.all(), columns, form, openOutput);
    return counts.summary();
  } finally {
    await waiting.close();
    await results.close();
  }
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
