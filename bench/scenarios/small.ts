import { join } from 'node:path';
import { contest, type Contestant, type Runs } from '../contest.ts';
import { peak } from '../contest-table.ts';
import { kilobyte, startNginx } from '../nginx.ts';
import { peer, python } from '../project.ts';
import { atMost, type Bench, type Check, type Findings, type Scenario, type Table } from '../scenario.ts';
import { median, spread } from '../spread.ts';
import { expectAll } from '../tally.ts';
import { numberedUrls, writeUrlList } from '../url-list.ts';

const nothing = 'node -e 0';
const version = 'urlmill --version';
const ten = 'urlmill, 10 URLs';

export const small: Scenario = {
  name: 'small',
  about: '1,000 × 1 kB from one keep-alive host, 64 in flight, nothing pinned: start-up and warm-up.',
  tools: ['nginx', 'curl', 'python', 'aiohttp', 'undici'],
  rounds: 10,
  run,
};

async function run(bench: Bench): Promise<Findings> {
  const nginx = await startNginx({ dir: bench.dir, locations: kilobyte });
  try {
    const contestants = await prepare(bench, nginx.origin);
    const runs = await contest(bench, nginx, contestants);
    return {
      tables: [wallTable(runs)],
      checks: targets(runs),
      commands: contestants.map(({ name, command }) => [name, command]),
    };
  } finally {
    await nginx.stop();
  }
}

async function prepare({ dir, node, cli, urls = 1000 }: Bench, origin: string): Promise<Contestant[]> {
  const list = await writeUrlList(dir, 'small', numberedUrls(origin, urls));
  const few = await writeUrlList(dir, 'ten', numberedUrls(origin, 10));
  const out = join(dir, 'small-out.csv');
  const curl = [
    'curl',
    '--disable',
    '--no-progress-meter',
    '--parallel',
    '--parallel-max',
    '64',
    '--config',
    list.curl,
  ];
  return [
    {
      name: 'urlmill',
      command: [node, cli, '-c', '64', '--per-host', '64', '-q', '-o', out, list.csv],
      urls: list.count,
      verify: () => expectAll(out, 'fetch_status', '200', list.count),
    },
    {
      name: ten,
      command: [node, cli, '-c', '64', '--per-host', '64', '-q', '-o', join(dir, 'ten-out.csv'), few.csv],
      urls: few.count,
    },
    { name: 'curl --parallel', command: curl, urls: list.count },
    { name: 'aiohttp, shared', command: [python, peer('aiohttp_shared.py'), list.csv], urls: list.count },
    { name: 'undici dispatch', command: [node, peer('dispatch.js'), list.csv], urls: list.count },
    { name: nothing, command: [node, '-e', '0'], urls: 0 },
    { name: version, command: [node, cli, '--version'], urls: 0 },
  ];
}

function wallTable(runs: Runs): Table {
  return {
    title: 'Contestants',
    head: ['contestant', 'URLs', 'wall ms', 'min–max', 'CPU ms', 'peak RSS MB'],
    rows: [...runs].map(([name, all]) => {
      const wall = spread(all.map((one) => one.wall));
      return [
        name,
        String(all[0]?.urls ?? 0),
        ms(wall.median),
        `${ms(wall.min)}–${ms(wall.max)}`,
        ms(median(all.map((one) => one.cpu))),
        peak(all),
      ];
    }),
  };
}

const ms = (seconds: number): string => (seconds * 1000).toFixed(0);

function targets(runs: Runs): Check[] {
  const cpu = (name: string): number => median((runs.get(name) ?? []).map((one) => one.cpu));
  const wall = (name: string): number => median((runs.get(name) ?? []).map((one) => one.wall));
  return [
    // Targets were set on a machine where an empty Node takes 60 ms (the first) or 30 ms (the second), and
    // are scaled to this one.
    atMost('wall time of urlmill, scaled', wall('urlmill'), 0.6 * (wall(nothing) / 0.06), ' s'),
    atMost('wall time of 10 URLs, scaled', wall(ten), 0.25 * (wall(nothing) / 0.03), ' s'),
    atMost('CPU of urlmill ÷ node -e 0', cpu('urlmill') / cpu(nothing), 5),
    atMost('--version ÷ node -e 0', wall(version) / wall(nothing), 2),
  ];
}
