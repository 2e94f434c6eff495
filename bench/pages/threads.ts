import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cleanEnvironment } from '../children.ts';
import { contest, cpuPerUrl, rate, ratios, type Run, type Runs } from '../contest.ts';
import { peak, whole } from '../contest-table.ts';
import { inTurn } from '../in-turn.ts';
import { atLeast, atMost, type Bench, type Check, type Findings, type Table } from '../scenario.ts';
import { median, spread } from '../spread.ts';
import { expectAll } from '../tally.ts';
import { foundInCsv, sameAs } from './compare.ts';
import { withServedPages } from './served-pages.ts';
import { urlmill, works } from './works.ts';

/** The same work with one thread and with two. Client and server may both use all cores. */
export async function threads(bench: Bench): Promise<Findings> {
  if (!(await knowsThreads(bench))) return unknownOption;
  return withServedPages(bench, undefined, async (nginx, list) => {
    const contestants = works.flatMap(({ name, options }) =>
      [1, 2].map((count) => {
        const result = join(bench.dir, `${name}-${count}.csv`);
        return {
          name: nameOf(name, count),
          command: urlmill(bench, list, result, ['--threads', String(count), ...options]),
          urls: list.count,
          verify: () => expectAll(result, 'fetch_error', '', list.count),
        };
      }),
    );
    const runs = await contest(bench, nginx, contestants);
    return {
      tables: [threadTable(runs)],
      checks: [...targets(runs), ...(await compare(bench))],
      commands: contestants.map(({ name, command }) => [name, command]),
      notes: [
        'One thread against two: `cores` is CPU ÷ wall time. Client and nginx share the machine, so where theirs ' +
          'add up to all it has, no more threads can make it faster.',
      ],
    };
  });
}

const nameOf = (work: string, count: number): string => `${work}, ${count} thread${count === 1 ? '' : 's'}`;

function threadTable(runs: Runs): Table {
  const line = (work: string, count: number): string[] => {
    const name = nameOf(work, count);
    const all = runs.get(name) ?? [];
    const middle = (figure: (run: Run) => number): number => median(all.map((run) => figure(run)));
    const speed = spread(all.map((run) => rate(run)));
    return [
      name,
      whole(speed.median),
      `${whole(speed.min)}–${whole(speed.max)}`,
      count === 1 ? '' : median(ratios(runs, nameOf(work, 1), rate, name)).toFixed(2),
      middle(cpuPerUrl).toFixed(1),
      middle((run) => (run.serverCpu / run.urls) * 1e6).toFixed(1),
      middle((run) => run.cpu / run.wall).toFixed(2),
      middle((run) => run.serverCpu / run.wall).toFixed(2),
      peak(all),
    ];
  };
  return {
    title: 'One thread and two',
    head: [
      'urlmill',
      'URLs/s',
      'min–max',
      'rate × 1 thread',
      'CPU µs/URL',
      'nginx µs/URL',
      'cores',
      'nginx cores',
      'peak RSS MB',
    ],
    rows: works.flatMap(({ name }) => [line(name, 1), line(name, 2)]),
  };
}

function targets(runs: Runs): Check[] {
  const name = nameOf('extract', 2);
  const bytes = Math.max(...(runs.get(name) ?? []).map((run) => run.peakRss));
  return [
    atLeast(
      'rate with --threads 2 ÷ --threads 1',
      median(ratios(runs, nameOf('extract', 1), rate, name)),
      1.7,
    ),
    atMost('highest peak RSS with --threads 2', bytes / 1e6, 400, ' MB'),
  ];
}

/** Threads may change the order of the rows, but nothing within them. */
async function compare({ dir }: Bench): Promise<Check[]> {
  const checks: Check[] = [];
  for await (const { name, columns } of inTurn(works)) {
    const [one, two] = await Promise.all(
      [1, 2].map((count) => foundInCsv(join(dir, `${name}-${count}.csv`), columns)),
    );
    if (one && two) checks.push(sameAs(`with one thread, ${name}`, two, one));
  }
  return checks;
}

async function knowsThreads({ node, cli }: Bench): Promise<boolean> {
  const { stdout } = await promisify(execFile)(node, [cli, '--help'], { env: cleanEnvironment() });
  return stdout.includes('--threads ');
}

/**
 * An unknown option is reported as a missed target, not as an error: the results against the peers are still
 * worth a report.
 */
const unknownOption: Findings = {
  tables: [],
  checks: [{ what: 'option --threads', measured: 'unknown to this build', needed: 'known', ok: false }],
  commands: [],
};
