import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { LaneQueue } from '../../src/scale/queue/lane-queue.ts';
import { loadPeers } from '../../src/scale/queue/peers.ts';
import { RedisLink } from '../../src/scale/queue/redis-link.ts';
import { RedisServer } from '../../test/helpers/redis.ts';
import { whole } from '../contest-table.ts';
import { clientCore, serverCore } from '../cores.ts';
import { countTo, inTurn } from '../in-turn.ts';
import { domain } from '../many-hosts.ts';
import { measure, type Usage } from '../measure.ts';
import { startLatencyServer, type LatencyServer } from '../own-server.ts';
import { atLeast, atMost, type Bench, type Findings, type Scenario, type Table } from '../scenario.ts';
import { skewedList } from '../skewed-list.ts';
import { median } from '../spread.ts';
import { expectAll } from '../tally.ts';
import { writeUrlList } from '../url-list.ts';

/** Few in flight, so that waiting takes most of the time, and a busy machine makes little difference. */
const inFlight = 20;
const perHost = 2;
const latency = 200;
const hosts = 300;
const allRows = 6000;
/**
 * Rows of an additional short run, whose cost is nearly all start-up. It is subtracted, since it does not
 * matter in a long list.
 */
const fewRows = 20;

/** Limits for the list with a big host. Two workers should finish it as soon as that host's limit allows. */
const skewedInFlight = 100;
const skewedPerHost = 8;

export const scale: Scenario = {
  name: 'scale',
  about: `A list of ${whole(allRows)} URLs of ${hosts} hosts that answer after ${latency} ms, ${inFlight} in flight: a run, one worker, two workers; a third of 59,304 rows on one host; what Redis holds.`,
  tools: ['taskset', 'python'],
  rounds: 2,
  run,
};

/** Usage of all workers of a job together; the wall time is that of the last one to end. */
type Taken = Pick<Usage, 'wall' | 'cpu' | 'peakRss'>;

const ways = ['run', 'one worker', 'two workers'] as const;
type Way = (typeof ways)[number];

async function run(bench: Bench): Promise<Findings> {
  const redis = await RedisServer.start(['--appendonly', 'yes', '--appendfsync', 'everysec']);
  try {
    const memory = await redisMemory(redis);
    const rows = bench.urls ?? allRows;
    const { taken, starts, commands, late } = await workers(bench, redis, rows);
    const skewed = await withBigHost(bench, redis, Math.min(1, rows / allRows));
    const wall = (way: Way): number => median(taken.get(way)?.map((one) => one.wall) ?? []);
    const inRounds = (a: Way, b: Way): number =>
      median((taken.get(a) ?? []).map((one, i) => one.wall / (taken.get(b)?.[i]?.wall ?? Number.NaN)));
    const ideal = (rows * latency) / inFlight / 1000;
    return {
      tables: [
        {
          title: `${whole(rows)} URLs, ${inFlight} in flight for each process`,
          head: [
            '',
            'wall s',
            'ideal s',
            'CPU s of a start',
            'CPU µs/URL besides',
            'core-hours for 10⁹',
            'peak RSS MB',
          ],
          rows: ways.map((way) => {
            const all = taken.get(way) ?? [];
            const start = starts.get(way)?.cpu ?? Number.NaN;
            const cpu = ((median(all.map((one) => one.cpu)) - start) / (rows - fewRows)) * 1e6;
            return [
              way,
              wall(way).toFixed(1),
              (way === 'two workers' ? ideal / 2 : ideal).toFixed(1),
              start.toFixed(2),
              cpu.toFixed(0),
              ((cpu * 1e9) / 1e6 / 3600).toFixed(0),
              (Math.max(...all.map((one) => one.peakRss)) / 1e6).toFixed(0),
            ];
          }),
        },
        skewed.table,
        memory.table,
      ],
      checks: [
        atLeast('one worker: rate ÷ that of a run', inRounds('run', 'one worker'), 0.9),
        atLeast('two workers: rate ÷ that of one', inRounds('one worker', 'two workers'), 1.9),
        atMost('two workers with a big host: wall time ÷ that of the host alone', skewed.ratio, 1.1),
        atMost('Redis: bytes per lane', memory.perLane, 8192),
      ],
      commands,
      notes: [`The server's answers were ${late.toFixed(1)} ms late on average.`],
    };
  } finally {
    await redis.remove();
  }
}

async function workers(bench: Bench, redis: RedisServer, rows: number) {
  const server = await startLatencyServer(latency);
  try {
    const urls = Array.from({ length: rows }, (_, i) => `http://h${i % hosts}.${domain}:${server.port}/${i}`);
    const list = await writeUrlList(bench.dir, 'scale', urls);
    const limits = [...limitsOf(inFlight, perHost), ...connect(server)];
    const out = join(bench.dir, 'scale-out.csv');
    const commands = {
      run: [bench.node, bench.cli, ...limits, '-q', '-o', out, list.csv],
      submit: submitCommand(bench, [...limits, '--piece-rows', '500'], list.csv),
      work: workCommand(bench, redis),
    };
    const taken = new Map<Way, Taken[]>(ways.map((way) => [way, []]));
    const starts = new Map<Way, Taken>();
    const done = async (way: Way, ...args: readonly string[]): Promise<Taken> =>
      way === 'run'
        ? measure([...commands.run, ...args], { cores: clientCore })
        : jobDone(bench, { ...commands, submit: [...commands.submit, ...args] }, coresOf(way));
    for await (const way of inTurn(ways)) starts.set(way, await done(way, '--limit', String(fewRows)));
    for await (const round of inTurn(countTo(bench.rounds))) {
      for await (const way of inTurn(ways)) {
        const before = await server.counters();
        const one = await done(way);
        const requests = (await server.counters()).requests - before.requests;
        if (requests !== rows) throw new Error(`${way} made ${requests} requests for ${rows} URLs`);
        if (way === 'run') await expectAll(out, 'fetch_status', '200', rows);
        taken.get(way)?.push(one);
        bench.log(
          `round ${round}/${bench.rounds}  ${way}: ${one.wall.toFixed(2)} s, CPU ${one.cpu.toFixed(1)} s`,
        );
      }
    }
    return { taken, starts, commands: Object.entries(commands), late: await server.lateness() };
  } finally {
    await server.stop();
  }
}

/**
 * Two workers with a list of which a third of the rows lead to one host: their time next to that of this host
 * alone.
 */
async function withBigHost(
  bench: Bench,
  redis: RedisServer,
  share: number,
): Promise<{ table: Table; ratio: number }> {
  const server = await startLatencyServer('by-host');
  try {
    const { urls, biggest, longest } = skewedList(server.port, share);
    const list = await writeUrlList(bench.dir, 'scale-skewed', urls);
    const limits = [...limitsOf(skewedInFlight, skewedPerHost), ...connect(server)];
    const commands = { submit: submitCommand(bench, limits, list.csv), work: workCommand(bench, redis) };
    const one = await jobDone(bench, commands, coresOf('two workers'));
    const alone = longest / skewedPerHost / 1000;
    bench.log(`with a big host: ${one.wall.toFixed(1)} s, ${alone.toFixed(1)} s for that host alone`);
    return {
      ratio: one.wall / alone,
      table: {
        title: 'Two workers, a third of the rows on one host',
        head: ['', 'figure'],
        rows: [
          ['rows', whole(urls.length)],
          ['rows of the biggest host', `${whole(biggest.rows)} × ${biggest.latency} ms`],
          ['that host alone, s', alone.toFixed(1)],
          ['the job, s', one.wall.toFixed(1)],
          ['CPU µs/URL', ((one.cpu / urls.length) * 1e6).toFixed(0)],
        ],
      },
    };
  } finally {
    await server.stop();
  }
}

function limitsOf(all: number, ofHost: number): string[] {
  return ['-c', String(all), '--per-host', String(ofHost)];
}

function connect(server: LatencyServer): string[] {
  return ['--connect-to', `::127.0.0.1:${server.port}`];
}

function coresOf(way: Exclude<Way, 'run'>): readonly string[] {
  return way === 'one worker' ? [clientCore] : [clientCore, serverCore];
}

const jobOf = ({ dir }: Bench): string => join(dir, 'scale-job');

function submitCommand(bench: Bench, options: readonly string[], list: string): string[] {
  return [bench.node, bench.cli, 'submit', '--job', jobOf(bench), ...options, '-q', list];
}

function workCommand(bench: Bench, redis: RedisServer): string[] {
  return [bench.node, bench.cli, 'work', '--job', jobOf(bench), '--queue', redis.url, '-q'];
}

/**
 * Submits a job (not measured), runs one worker on each of these cores, and collects the result (not
 * measured).
 */
async function jobDone(
  bench: Bench,
  { submit, work }: { submit: readonly string[]; work: readonly string[] },
  cores: readonly string[],
): Promise<Taken> {
  await measure(submit);
  const all = await Promise.all(cores.map((core) => measure(work, { cores: core })));
  const out = join(bench.dir, 'scale-collected.csv');
  const rows = ['-q', '--summary', join(bench.dir, 'scale-summary.json'), '-o', out];
  await measure([bench.node, bench.cli, 'collect', '--job', jobOf(bench), ...rows]);
  await rm(jobOf(bench), { recursive: true });
  return {
    wall: Math.max(...all.map(({ wall }) => wall)),
    cpu: all.reduce((sum, { cpu }) => sum + cpu, 0),
    peakRss: Math.max(...all.map(({ peakRss }) => peakRss)),
  };
}

/** Memory that waiting lanes take in Redis. Redis holds nothing else of a job, however many rows it has. */
async function redisMemory(redis: RedisServer): Promise<{ table: Table; perLane: number }> {
  const few = await usedWith(redis, 256);
  const many = await usedWith(redis, 4096);
  const perLane = (many - few) / (4096 - 256);
  return {
    perLane,
    table: {
      title: 'What Redis holds of a job',
      head: ['', 'memory'],
      rows: [
        memoryRow('256 lanes (default), any number of rows', few),
        memoryRow('4,096 lanes (most)', many),
        ['a lane', `${whole(perLane)} B`],
        ['a million rows more in the same lanes', '0 B'],
      ],
    },
  };
}

function memoryRow(name: string, bytes: number): string[] {
  return [name, `${whole(bytes / 1000)} kB`];
}

/** Bytes that this many lanes take. */
async function usedWith(redis: RedisServer, lanes: number): Promise<number> {
  await redis.call('FLUSHALL');
  const before = await usedMemory(redis);
  const link = new RedisLink(
    await loadPeers(),
    { url: redis.url, shown: 'redis' },
    { wait: 60_000, notice: () => {}, onLost: () => {}, onReady: () => {} },
  );
  const queue = new LaneQueue(await loadPeers(), link, {
    id: 'b4c0b5a2-0000-4000-8000-000000000000',
    lockTime: 30_000,
    hasBegun: async () => false,
    notice: () => {},
  });
  try {
    await queue.open();
    await queue.addMissing(countTo(lanes).map((lane) => ({ lane, rows: 1_000_000 })));
  } finally {
    queue.close();
  }
  return (await usedMemory(redis)) - before;
}

async function usedMemory(redis: RedisServer): Promise<number> {
  const info = String(await redis.call('INFO', 'memory'));
  return Number(/^used_memory:(\d+)/m.exec(info)?.[1]);
}
