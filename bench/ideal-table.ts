import { cpuPerUrl, type Runs } from './contest.ts';
import { peak, whole } from './contest-table.ts';
import { atMost, type Check, type Table } from './scenario.ts';
import { median, spread } from './spread.ts';

/**
 * Seconds that each contestant would take if its own work cost nothing, by name; a contestant without one has
 * no ideal.
 */
export type Ideals = ReadonlyMap<string, number>;

/** For lists whose time is mostly waiting: the time taken next to the shortest time possible. */
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

/** Wall time includes the start-up, as users wait for that too. */
export function wallOverIdeal(runs: Runs, ideals: Ideals, name: string, needed: number): Check {
  const wall = median((runs.get(name) ?? []).map((run) => run.wall));
  const ratio = wall / (ideals.get(name) ?? Number.NaN);
  // Three digits, since a hundredth matters here.
  return { ...atMost(`wall time of ${name} ÷ ideal`, ratio, needed), measured: ratio.toFixed(3) };
}
