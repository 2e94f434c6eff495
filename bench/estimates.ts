/**
 * How far off the progress line's estimate of all rows is, at some points of a list: `node
 * dist/bench/estimates.js FILE…`. Nothing is fetched. The URL column is found as the command finds it.
 */
import { InputSize } from '../src/job/input-read.ts';
import { readSaid } from '../src/options/resolve.ts';
import { inputOptions } from '../src/options/table.ts';
import { ReadState, readRows } from '../src/read/rows.ts';
import { fileSource } from '../src/read/source.ts';

const shares = [0.01, 0.05, 0.2, 0.5];

for (const path of process.argv.slice(2)) {
  const sources = [await fileSource(path)];
  const state = new ReadState();
  const size = new InputSize(state, sources, {});
  const told: { rows: number; total: number | null }[] = [];
  for await (const batch of readRows(
    sources,
    { ...readSaid(inputOptions, {}), isDone: null, fixedColumns: true, own: null },
    state,
  )) {
    await size.sampled();
    if (batch.length > 0) told.push({ rows: state.rows, total: size.now().total });
  }
  const errors = shares.map((share) => {
    const total = told.find(({ rows }) => rows >= share * state.rows)?.total ?? null;
    return total === null ? '–' : `${(100 * (total / state.rows - 1)).toFixed(1)} %`;
  });
  process.stdout.write(`${path}: ${state.rows} rows; ${errors.join(', ')}\n`);
}
