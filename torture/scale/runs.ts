import { Fleet } from './fleet.ts';
import type { FleetOutcome, FleetSettings } from './fleet.ts';

/** Lists as large as that, one after the other. */
const rows = 200_000;
const hosts = 500;

export interface ScaleSettings extends Pick<FleetSettings, 'command' | 'dir' | 'random' | 'log'> {
  /** Faults come for so long. */
  readonly minutes: number;
}

/** Does one job after the other with three workers, until the time is over. */
export async function scaleRuns({ minutes, ...settings }: ScaleSettings): Promise<FleetOutcome[]> {
  const until = performance.now() + minutes * 60_000;
  const outcomes: FleetOutcome[] = [];
  while (performance.now() < until) {
    outcomes.push(await Fleet.run({ ...settings, rows, hosts, workers: 3, lockTime: 4000, until }));
  }
  return outcomes;
}

export function renderScale(outcomes: readonly FleetOutcome[]): string {
  const lines = outcomes.map(({ faults, requests, most, over, problems, seconds }) => {
    const told = Object.entries(faults).map(([name, count]) => `${count} × ${name}`);
    const cells = [told.join(', '), seconds.toFixed(0), requests - rows, most, over, problems.length];
    return `| ${cells.join(' | ')} |`;
  });
  return [
    `## scale: ${rows} rows, ${hosts} hosts, three workers, locks of 4 s, 2 requests allowed at a host`,
    '',
    '| faults | seconds | requests beyond one a row | most at a host | hosts with more than 2 | problems |',
    '| --- | --: | --: | --: | --: | --: |',
    ...lines,
  ].join('\n');
}
