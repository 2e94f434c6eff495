import { join } from 'node:path';
import { clientCore, serverCore } from '../cores.ts';
import { contest, cpuPerUrl, rate, ratios, type Contestant, type Runs } from '../contest.ts';
import { contestTable, whole } from '../contest-table.ts';
import { kilobyte, type Nginx, startNginx } from '../nginx.ts';
import { goPool } from '../optional-peers.ts';
import { peer, python } from '../project.ts';
import { atLeast, atMost, type Bench, type Check, type Findings, type Scenario } from '../scenario.ts';
import { median } from '../spread.ts';
import { expectAll } from '../tally.ts';
import { numberedUrls, writeUrlList } from '../url-list.ts';

export const oneHost: Scenario = {
  name: 'one-host',
  about: '200,000 × 1 kB from one keep-alive host, 64 in flight, client and server on a core each.',
  tools: ['nginx', 'taskset', 'curl', 'wrk', 'wget2', 'python', 'aiohttp', 'pycurl', 'go', 'undici'],
  rounds: 3,
  run,
};

async function run(bench: Bench): Promise<Findings> {
  const nginx = await startNginx({ dir: bench.dir, locations: kilobyte, cores: serverCore });
  try {
    const contestants = await prepare(bench, nginx.origin);
    const runs = await contest(bench, nginx, contestants, clientCore);
    const shorter = [await shortened(bench, nginx, 10_000), await shortened(bench, nginx, 50_000)];
    return {
      tables: [
        contestTable('Contestants', runs),
        ...shorter.map(([urls, few]) => contestTable(`${whole(urls)} URLs`, few)),
      ],
      checks: [...targets(runs), ...shorter.map(([urls, few]) => shortTarget(urls, few))],
      commands: contestants.map(({ name, command }) => [name, command]),
    };
  } finally {
    await nginx.stop();
  }
}

/** The contest with fewer URLs, where start-up weighs more. */
async function shortened(bench: Bench, nginx: Nginx, urls: number): Promise<readonly [number, Runs]> {
  const contestants = await prepare({ ...bench, urls }, nginx.origin);
  const quick = contestants.filter(({ name }) => quickOnes.has(name));
  return [urls, await contest(bench, nginx, quick, clientCore)];
}

const quickOnes = new Set(['urlmill', 'curl --parallel', 'wget2', 'pycurl', 'Go net/http']);

function shortTarget(urls: number, runs: Runs): Check {
  const what = `${whole(urls)} URLs: rate ÷ curl --parallel`;
  return atLeast(what, median(ratios(runs, 'curl --parallel', rate)), 1.1);
}

async function prepare(bench: Bench, origin: string): Promise<Contestant[]> {
  const { dir, node, cli, urls = 200_000 } = bench;
  const list = await writeUrlList(dir, 'urls', numberedUrls(origin, urls));
  // Peers that are ten times slower get a tenth: with the whole list, a round would take so long that the
  // machine changes meanwhile.
  const tenth = await writeUrlList(dir, 'tenth', numberedUrls(origin, Math.ceil(urls / 10)));
  const out = join(dir, 'out.csv');
  // --disable keeps curl from reading ~/.curlrc, and without --no-progress-meter curl 7.88 draws its meter
  // even with --silent. It reuses connections by default; --parallel-immediate makes no difference.
  const curl = ['curl', '--disable', '--no-progress-meter', '--parallel', '--parallel-max', '64', '--config'];
  return [
    {
      name: 'urlmill',
      command: [node, cli, '-c', '64', '--per-host', '64', '-q', '-o', out, list.csv],
      urls: list.count,
      verify: () => expectAll(out, 'fetch_status', '200', list.count),
    },
    {
      name: 'urlmill, stdout',
      command: [node, cli, '-c', '64', '--per-host', '64', '-q', list.csv],
      urls: list.count,
    },
    { name: 'undici dispatch', command: [node, peer('dispatch.js'), list.csv], urls: list.count },
    { name: 'curl --parallel', command: [...curl, list.curl], urls: list.count },
    // The fastest way to run curl, but useless in practice, as all bodies run together in one output.
    { name: 'curl, one stdout', command: [...curl, list.curlStdout], urls: list.count },
    {
      name: 'wget2',
      // --no-config keeps it from reading ~/.config/wget/wget2rc.
      command: ['wget2', '--no-config', '-q', '-O', '/dev/null', '--max-threads=64', '-i', list.plain],
      urls: list.count,
    },
    { name: 'pycurl', command: [python, peer('pycurl_multi.py'), list.csv, '64'], urls: list.count },
    ...(await goPool(bench, list.csv, list.count, { inFlight: '64' })),
    { name: 'aiohttp, shared', command: [python, peer('aiohttp_shared.py'), tenth.csv], urls: tenth.count },
    { name: 'aiohttp, per URL', command: [python, peer('aiohttp_session.py'), tenth.csv], urls: tenth.count },
    { name: 'fetch', command: [node, peer('fetch.js'), tenth.csv], urls: tenth.count },
    { name: 'wrk', command: ['wrk', '-t1', '-c64', '-d5s', `${origin}/item/1`], urls: 'counted' },
  ];
}

function targets(runs: Runs): Check[] {
  const rateOver = (name: string): number => median(ratios(runs, name, rate));
  return [
    atLeast('rate ÷ curl --parallel', rateOver('curl --parallel'), 1.5),
    atLeast('rate ÷ aiohttp with a shared session', rateOver('aiohttp, shared'), 6),
    atLeast('rate ÷ bare undici dispatch', rateOver('undici dispatch'), 0.6),
    // The cost of the journal; standard output is /dev/null here.
    atLeast('rate with -o FILE ÷ to standard output', rateOver('urlmill, stdout'), 0.95),
    atMost('CPU per URL ÷ curl --parallel', median(ratios(runs, 'curl --parallel', cpuPerUrl)), 0.75),
  ];
}
