import { cpuPerUrl, rate, ratios, type Run, type Runs } from './contest.ts';
import type { Table } from './scenario.ts';
import { median, spread } from './spread.ts';

/** One line per contestant: its figures, and urlmill's in proportion to them. */
export function contestTable(title: string, runs: Runs): Table {
  return {
    title,
    head: [
      'contestant',
      'URLs',
      'URLs/s',
      'min–max',
      'CPU µs/URL',
      'peak RSS MB',
      'connections',
      'urlmill: rate ×',
      'urlmill: CPU ×',
    ],
    rows: [...runs].map(([name, all]) => {
      const speed = spread(all.map((run) => rate(run)));
      return [
        name,
        whole(median(all.map((run) => run.urls))),
        whole(speed.median),
        `${whole(speed.min)}–${whole(speed.max)}`,
        median(all.map((run) => cpuPerUrl(run))).toFixed(1),
        peak(all),
        whole(median(all.map((run) => run.connections))),
        name === 'urlmill' ? '' : median(ratios(runs, name, rate)).toFixed(2),
        name === 'urlmill' ? '' : median(ratios(runs, name, cpuPerUrl)).toFixed(2),
      ];
    }),
  };
}

export function peak(runs: readonly Run[]): string {
  const bytes = Math.max(...runs.map((run) => run.peakRss));
  const floor = Math.max(...runs.map((run) => run.floor));
  return `${bytes <= floor ? '≤ ' : ''}${(bytes / 1e6).toFixed(0)}`;
}

export const whole = (value: number): string => Math.round(value).toLocaleString('en-GB');
