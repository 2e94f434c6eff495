import { join } from 'node:path';
import { clientCore } from '../cores.ts';
import { contest, type Contestant } from '../contest.ts';
import { whole } from '../contest-table.ts';
import { idealTable, wallOverIdeal } from '../ideal-table.ts';
import { startLatencyServer } from '../own-server.ts';
import { peer, python } from '../project.ts';
import type { Bench, Findings, Scenario, Table } from '../scenario.ts';
import { skewedList, type SkewedList } from '../skewed-list.ts';
import { expectAll } from '../tally.ts';
import { writeUrlList } from '../url-list.ts';

/**
 * Chosen so that the biggest host alone needs about as long as all rows in all slots: neither the host nor
 * the slots may idle.
 */
const inFlight = 180;
const perHost = 32;
const allRows = 59_304;

export const skewed: Scenario = {
  name: 'skewed',
  about:
    '59,304 URLs of 6,855 hosts as they come, a third of them of one host; hosts answer after 20 to 200 ms.',
  tools: ['taskset', 'python', 'aiohttp'],
  rounds: 1,
  run,
};

async function run(bench: Bench): Promise<Findings> {
  const server = await startLatencyServer('by-host');
  try {
    const skewedUrls = skewedList(server.port, Math.min(1, (bench.urls ?? allRows) / allRows));
    const contestants = await prepare(bench, skewedUrls.urls);
    const runs = await contest(bench, server, contestants, clientCore);
    const terms = idealTerms(skewedUrls);
    const ideal = Math.max(terms.longestHost, terms.allSlots);
    const ideals = new Map(contestants.map(({ name }) => [name, ideal]));
    return {
      tables: [listTable(skewedUrls), idealTable('Contestants', runs, ideals)],
      checks: [wallOverIdeal(runs, ideals, 'urlmill', 1.1)],
      commands: contestants.map(({ name, command }) => [name, command]),
      notes: [`The server's answers were ${(await server.lateness()).toFixed(1)} ms late on average.`],
    };
  } finally {
    await server.stop();
  }
}

/** Seconds that the list takes if only one of the two limits applies. */
function idealTerms({ longest, total }: SkewedList): { longestHost: number; allSlots: number } {
  return { longestHost: longest / perHost / 1000, allSlots: total / inFlight / 1000 };
}

async function prepare({ dir, node, cli }: Bench, urls: readonly string[]): Promise<Contestant[]> {
  const list = await writeUrlList(dir, 'skewed', urls);
  const out = join(dir, 'skewed-out.csv');
  const limits = ['-c', String(inFlight), '--per-host', String(perHost)];
  return [
    {
      name: 'urlmill',
      command: [node, cli, ...limits, '-q', '-o', out, list.csv],
      urls: list.count,
      verify: () => expectAll(out, 'fetch_status', '200', list.count),
    },
    {
      name: 'aiohttp, per host',
      command: [python, peer('aiohttp_per_host.py'), list.csv, String(inFlight), String(perHost)],
      urls: list.count,
    },
  ];
}

function listTable(list: SkewedList): Table {
  const { longestHost, allSlots } = idealTerms(list);
  const { rows, latency } = list.biggest;
  return {
    title: 'The list',
    head: ['', 'figure'],
    rows: [
      ['rows', whole(list.urls.length)],
      ['different URLs', whole(list.distinct)],
      ['hosts', whole(list.hosts)],
      ['rows of the biggest host', `${whole(rows)} × ${latency} ms`],
      ['the slowest host alone, s', longestHost.toFixed(1)],
      ['all rows in all slots, s', allSlots.toFixed(1)],
    ],
  };
}
