import { join } from 'node:path';
import { clientCore } from '../cores.ts';
import { contest, type Contestant } from '../contest.ts';
import { idealTable, wallOverIdeal } from '../ideal-table.ts';
import { startLatencyServer } from '../own-server.ts';
import { peer, python } from '../project.ts';
import type { Bench, Findings, Scenario } from '../scenario.ts';
import { expectAll } from '../tally.ts';
import { numberedUrls, writeUrlList } from '../url-list.ts';

const latency = 200;
const inFlight = 500;
/** curl 7.88 takes no more, whatever it is told. */
const curlMost = 300;

export const latencyOfOneHost: Scenario = {
  name: 'latency',
  about:
    '20,000 URLs of one host that answers after 200 ms, 500 in flight, client and server on a core each.',
  tools: ['taskset', 'curl', 'python', 'aiohttp'],
  rounds: 3,
  run,
};

async function run(bench: Bench): Promise<Findings> {
  const { urls = 20_000 } = bench;
  const server = await startLatencyServer(latency);
  try {
    const contestants = await prepare(bench, `http://127.0.0.1:${server.port}`, urls);
    const runs = await contest(bench, server, contestants, clientCore);
    const ideals = new Map([
      ['urlmill', ideal(urls, inFlight)],
      ['curl --parallel', ideal(urls, curlMost)],
      ['aiohttp, shared', ideal(urls, inFlight)],
    ]);
    return {
      tables: [idealTable('Contestants', runs, ideals)],
      checks: [wallOverIdeal(runs, ideals, 'urlmill', 1.05)],
      commands: contestants.map(({ name, command }) => [name, command]),
      notes: [`The server's answers were ${(await server.lateness()).toFixed(1)} ms late on average.`],
    };
  } finally {
    await server.stop();
  }
}

/** Seconds: as many whole rounds of requests as it takes. */
const ideal = (urls: number, most: number): number => (Math.ceil(urls / most) * latency) / 1000;

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
    // What of the wall time is start-up, and not the network's.
    { name: 'urlmill --version', command: [node, cli, '--version'], urls: 0 },
  ];
}
