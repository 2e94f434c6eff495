import { join } from 'node:path';
import { whole } from '../contest-table.ts';
import { countTo, inTurn } from '../in-turn.ts';
import { measure, type Usage } from '../measure.ts';
import { atMost, type Bench, type Findings } from '../scenario.ts';
import { median, spread } from '../spread.ts';
import { expectAll } from '../tally.ts';

/** Rows that fail without a request, so that only what is kept of each row can grow with their number. */
export async function manyRows(bench: Bench): Promise<Findings> {
  const { urls: many = 3_000_000 } = bench;
  const few = Math.ceil(many / 30);
  const command = [bench.node, bench.cli, '-c', '64', '--per-host', '64', '-q', '-u', 'url'];
  const out = join(bench.dir, 'rows.csv');
  const runs = new Map<number, Usage[]>([
    [few, []],
    [many, []],
  ]);
  for await (const round of inTurn(countTo(bench.rounds))) {
    for await (const [rows, usages] of inTurn(runs)) {
      const usage = await measure(command, { stdin: failingRows(rows), stdout: out });
      await expectAll(out, 'fetch_error', 'unsupported-scheme', rows);
      usages.push(usage);
      const peak = (usage.peakRss / 1e6).toFixed(1);
      bench.log(
        `round ${round}/${bench.rounds}  ${whole(rows)} rows: ${usage.wall.toFixed(1)} s, ${peak} MB`,
      );
    }
  }
  const peaks = (rows: number): number[] => (runs.get(rows) ?? []).map((usage) => usage.peakRss / 1e6);
  return {
    tables: [
      {
        title: 'Rows that fail at once, from standard input to standard output',
        head: ['rows', 'peak RSS MB', 'min–max', 'wall s', 'CPU µs/row'],
        rows: [...runs].map(([rows, usages]) => {
          const { median: middle, min, max } = spread(peaks(rows));
          return [
            whole(rows),
            middle.toFixed(1),
            `${min.toFixed(1)}–${max.toFixed(1)}`,
            median(usages.map((usage) => usage.wall)).toFixed(1),
            median(usages.map((usage) => (usage.cpu / rows) * 1e6)).toFixed(1),
          ];
        }),
      },
    ],
    checks: [
      atMost(
        `peak RSS, ${whole(many)} rows ÷ ${whole(few)} rows`,
        median(peaks(many)) / median(peaks(few)),
        1.15,
      ),
      atMost(`highest peak RSS, ${whole(many)} rows`, Math.max(...peaks(many)), 200, ' MB'),
    ],
    commands: [['rows that fail at once', command]],
  };
}

/** The list is never in memory as a whole, and its chunks are large enough for their cost not to matter. */
function* failingRows(count: number): Generator<string, void, void> {
  yield 'id,url\n';
  const perChunk = 2000;
  for (let row = 1; row <= count; row += perChunk) {
    const length = Math.min(perChunk, count - row + 1);
    yield Array.from({ length }, (_, i) => `${row + i},notaurl://x/${row + i}\n`).join('');
  }
}
