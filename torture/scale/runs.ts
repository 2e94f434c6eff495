import { Fleet } from './fleet.ts';
import type { FleetOutcome, FleetSettings } from './fleet.ts';

/** Size of each job's list. */
const rows = 200_000;
const hosts = 500;

export interface ScaleSettings extends Pick<FleetSettings, 'command' | 'dir' | 'random' | 'log'> {
  /** How long jobs are run and faults injected. */
  readonly minutes: number;
}

/** Runs one job after another, each with three workers, until the time is over. */
export async function scaleRuns({ minutes, ...settings }: ScaleSettings): Promise<FleetOutcome[]> {
  const until = performance.now() + minutes * 60_000;
  const outcomes: FleetOutcome[] = [];
  while (performance.now() < until) {
    outcomes.push(await Fleet.run({ ...settings, rows, hosts, workers: 3, lockTime: 4000, until }));
  }
  return outcomes;
}

export function renderScale(outcomes: readonly FleetOutcome[]): string {
  const lines = outcomes.map(({ faults, requests, lost, doubled, most, over, problems, seconds }) => {
    const told = Object.entries(faults).map(([name, count]) => `${count} × ${name}`);
    const counts = [lost, doubled, requests - rows, most, over, problems.length];
    return `| ${[told.join(', '), seconds.toFixed(0), ...counts].join(' | ')} |`;
  });
  const sum = (of: (outcome: FleetOutcome) => number): number =>
    outcomes.reduce((total, outcome) => total + of(outcome), 0);
  const faults = sum((outcome) => Object.values(outcome.faults).reduce((total, count) => total + count, 0));
  const most = Math.max(...outcomes.map((outcome) => outcome.most));
  return [
    `## scale: ${rows} rows, ${hosts} hosts, three workers, locks of 4 s, 2 requests allowed at a host`,
    '',
    `${outcomes.length} jobs, ${faults} faults: ${sum(({ lost }) => lost)} rows lost, ${sum(({ doubled }) => doubled)} doubled; at most ${most} requests at a host at a time.`,
    '',
    '| faults | seconds | lost | doubled | requests beyond one a row | most at a host | hosts with more than 2 | problems |',
    '| --- | --: | --: | --: | --: | --: | --: | --: |',
    ...lines,
  ].join('\n');
}
