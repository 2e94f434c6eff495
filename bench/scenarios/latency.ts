import { join } from 'node:path';
import { clientCore } from '../cores.ts';
import { contest, type Contestant } from '../contest.ts';
import { idealTable, wallOverIdeal } from '../ideal-table.ts';
import { startLatencyServer } from '../own-server.ts';
import { peer, python } from '../project.ts';
import type { Bench, Findings, Scenario } from '../scenario.ts';
import { expectAll } from '../tally.ts';
import { numberedUrls, writeUrlList } from '../url-list.ts';

/**
 * `latency`: milliseconds per answer. `urls`: number of URLs. `most`: how many times the ideal time urlmill
 * may take.
 */
const parts = [
  { latency: 200, urls: 20_000, most: 1.05 },
  { latency: 100, urls: 10_000, most: 1.25 },
] as const;
type Part = (typeof parts)[number];

const inFlight = 500;
/** The most connections that curl 7.88 makes, whatever --parallel-max is. */
const curlMost = 300;

export const latencyOfOneHost: Scenario = {
  name: 'latency',
  about:
    '20,000 URLs of one host that answers after 200 ms, and 10,000 after 100 ms, 500 in flight, client and server on a core each.',
  tools: ['taskset', 'curl', 'python', 'aiohttp'],
  rounds: 3,
  run,
};

async function run(bench: Bench): Promise<Findings> {
  const [long, short] = [await onePart(bench, parts[0]), await onePart(bench, parts[1])];
  return {
    tables: [...long.tables, ...short.tables],
    checks: [...long.checks, ...short.checks],
    commands: long.commands,
    notes: [...(long.notes ?? []), ...(short.notes ?? [])],
  };
}

async function onePart(bench: Bench, { latency, most, ...part }: Part): Promise<Findings> {
  const { urls = part.urls } = bench;
  // Seconds for as many full rounds of parallel requests as the list needs.
  const ideal = (requests: number): number => (Math.ceil(urls / requests) * latency) / 1000;
  const server = await startLatencyServer(latency);
  try {
    const contestants = await prepare(bench, `http://127.0.0.1:${server.port}`, urls);
    const runs = await contest(bench, server, contestants, clientCore);
    const ideals = new Map([
      ['urlmill', ideal(inFlight)],
      ['curl --parallel', ideal(curlMost)],
      ['aiohttp, shared', ideal(inFlight)],
    ]);
    return {
      tables: [idealTable(`${urls} URLs of ${latency} ms`, runs, ideals)],
      checks: [wallOverIdeal(runs, ideals, 'urlmill', most)],
      commands: contestants.map(({ name, command }) => [name, command]),
      notes: [`The server's answers were ${(await server.lateness()).toFixed(1)} ms late on average.`],
    };
  } finally {
    await server.stop();
  }
}

async function prepare({ dir, node, cli }: Bench, origin: string, urls: number): Promise<Contestant[]> {
  const list = await writeUrlList(dir, 'latency', numberedUrls(origin, urls));
  const out = join(dir, 'latency-out.csv');
  const limits = ['-c', String(inFlight), '--per-host', String(inFlight)];
  const curl = ['curl', '--disable', '--no-progress-meter', '--parallel', '--parallel-max', String(curlMost)];
  return [
    {
      name: 'urlmill',
      command: [node, cli, ...limits, '-q', '-o', out, list.csv],
      urls: list.count,
      verify: () => expectAll(out, 'fetch_status', '200', list.count),
    },
    { name: 'curl --parallel', command: [...curl, '--config', list.curl], urls: list.count },
    {
      name: 'aiohttp, shared',
      command: [python, peer('aiohttp_shared.py'), list.csv, String(inFlight)],
      urls: list.count,
    },
    // Shows how much of the wall time is start-up.
    { name: 'urlmill --version', command: [node, cli, '--version'], urls: 0 },
  ];
}
