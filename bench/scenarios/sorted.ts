import { join } from 'node:path';
import { clientCore } from '../cores.ts';
import { contest, type Contestant, type Runs } from '../contest.ts';
import { idealTable, wallOverIdeal } from '../ideal-table.ts';
import { addressOf } from '../many-hosts.ts';
import { startLatencyServer } from '../own-server.ts';
import { peer, python } from '../project.ts';
import { randomNumbers, shuffled } from '../random.ts';
import { atMost, type Bench, type Findings, type Scenario } from '../scenario.ts';
import { median } from '../spread.ts';
import { expectAll } from '../tally.ts';
import { numberedUrls, type UrlList, writeUrlList } from '../url-list.ts';

const hosts = 100;
const latency = 100;
const inFlight = 200;
const perHost = 2;
const lookAhead = 1000;
const aiohttp = 'aiohttp, per host';
const sortedName = 'urlmill, sorted';
const shuffledName = 'urlmill, shuffled';

export const sorted: Scenario = {
  name: 'sorted',
  about: '200 URLs of each of 100 hosts, one host after the other, 2 at a time per host: nothing may idle.',
  tools: ['taskset', 'python', 'aiohttp'],
  rounds: 3,
  run,
};

async function run(bench: Bench): Promise<Findings> {
  const each = Math.ceil((bench.urls ?? 20_000) / hosts);
  const server = await startLatencyServer(latency);
  try {
    const urls = Array.from({ length: hosts }, (_, i) =>
      numberedUrls(`http://${addressOf(i + 1)}:${server.port}`, each),
    ).flat();
    const inOrder = await writeUrlList(bench.dir, 'sorted', urls);
    const mixedUp = await writeUrlList(bench.dir, 'shuffled', shuffled(urls, randomNumbers(1)));
    const contestants = prepare(bench, inOrder, mixedUp);
    const runs = await contest(bench, server, contestants, clientCore);
    // With these limits, all hosts and all slots are busy from the first moment to the last.
    const ideal = ((each / perHost) * latency) / 1000;
    const ideals = new Map(contestants.map(({ name }) => [name, ideal]));
    return {
      tables: [idealTable('Contestants', runs, ideals)],
      checks: [
        wallOverIdeal(runs, ideals, sortedName, 1.15),
        wallOverIdeal(runs, ideals, shuffledName, 1.15),
        atMost('peak RSS, sorted ÷ shuffled', peakRss(runs, sortedName) / peakRss(runs, shuffledName), 1.1),
      ],
      commands: contestants.map(({ name, command }) => [name, command]),
      notes: [`The server's answers were ${(await server.lateness()).toFixed(1)} ms late on average.`],
    };
  } finally {
    await server.stop();
  }
}

function prepare({ dir, node, cli }: Bench, inOrder: UrlList, mixedUp: UrlList): Contestant[] {
  const out = join(dir, 'sorted-out.csv');
  const limits = ['-c', inFlight, '--per-host', perHost, '--look-ahead', lookAhead].map(String);
  const urlmill = (name: string, list: UrlList): Contestant => ({
    name,
    command: [node, cli, ...limits, '-q', '-o', out, list.csv],
    urls: list.count,
    verify: () => expectAll(out, 'fetch_status', '200', list.count),
  });
  const pool = [python, peer('aiohttp_per_host.py'), inOrder.csv, String(inFlight), String(perHost)];
  return [
    urlmill(sortedName, inOrder),
    urlmill(shuffledName, mixedUp),
    { name: aiohttp, command: pool, urls: inOrder.count },
  ];
}

const peakRss = (runs: Runs, name: string): number =>
  median((runs.get(name) ?? []).map((one) => one.peakRss));
