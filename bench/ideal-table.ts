import { cpuPerUrl, type Runs } from './contest.ts';
import { peak, whole } from './contest-table.ts';
import { atMost, type Check, type Table } from './scenario.ts';
import { median, spread } from './spread.ts';

/** The seconds that each contestant would take if it cost nothing at all, by name; without: a line without it. */
export type Ideals = ReadonlyMap<string, number>;

/** For lists that are waited for and not worked through: how long, next to how long it must be. */
export function idealTable(title: string, runs: Runs, ideals: Ideals): Table {
  return {
    title,
    head: ['contestant', 'URLs', 'wall s', 'min–max', 'ideal s', 'wall ÷ ideal', 'CPU µs/URL', 'peak RSS MB'],
    rows: [...runs].map(([name, all]) => {
      const wall = spread(all.map((run) => run.wall));
      const urls = median(all.map((run) => run.urls));
      const ideal = ideals.get(name);
      return [
        name,
        whole(urls),
        wall.median.toFixed(2),
        `${wall.min.toFixed(2)}–${wall.max.toFixed(2)}`,
        ideal?.toFixed(2) ?? '',
        ideal === undefined ? '' : (wall.median / ideal).toFixed(3),
        urls === 0 ? '' : median(all.map((run) => cpuPerUrl(run))).toFixed(1),
        peak(all),
      ];
    }),
  };
}

/** Start-up and all: what a user waits for. */
export function wallOverIdeal(runs: Runs, ideals: Ideals, name: string, needed: number): Check {
  const wall = median((runs.get(name) ?? []).map((run) => run.wall));
  const ratio = wall / (ideals.get(name) ?? Number.NaN);
  // A hundredth is a lot here.
  return { ...atMost(`wall time of ${name} ÷ ideal`, ratio, needed), measured: ratio.toFixed(3) };
}
