import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCertificate } from '../certificate.ts';
import { contest, type Contestant, rate, ratios, type Runs } from '../contest.ts';
import { contestTable, whole } from '../contest-table.ts';
import { clientCore, serverCore } from '../cores.ts';
import { countTo } from '../in-turn.ts';
import { addressOf, domain } from '../many-hosts.ts';
import { kilobyte, type Nginx, startNginx } from '../nginx.ts';
import { goPool } from '../optional-peers.ts';
import { startServer } from '../own-server.ts';
import { peer, python } from '../project.ts';
import { atLeast, atMost, type Bench, type Check, type Findings, type Scenario } from '../scenario.ts';
import { median } from '../spread.ts';
import { expectAll } from '../tally.ts';
import { writeUrlList } from '../url-list.ts';
import { watch, type Watched } from '../watch.ts';

const inFlight = '250';
const dnsLatency = 50;

export const wide: Scenario = {
  name: 'wide',
  about:
    '20,000 hosts with one URL each, by http and by https, 250 in flight; a name server that takes 50 ms.',
  tools: ['nginx', 'taskset', 'curl', 'openssl', 'pycurl', 'go'],
  rounds: 2,
  run,
};

/** Half of the scenario: the scheme, the server's port, and the certificate to trust (null for http). */
interface Way {
  readonly scheme: 'http' | 'https';
  readonly port: number;
  readonly cacert: string | null;
}

interface Watches {
  readonly hosts: number;
  readonly watched: Watched;
}

async function run(bench: Bench): Promise<Findings> {
  const certificate = await makeCertificate(bench.dir);
  const names = await startServer('names', String(dnsLatency));
  const nginx = await startNginx({
    dir: bench.dir,
    cores: serverCore,
    locations: kilobyte,
    everywhere: true,
    certificate,
  });
  try {
    const dns = `127.0.0.1:${names.ports['dns']}`;
    const http: Way = { scheme: 'http', port: nginx.port, cacert: null };
    const https: Way = { scheme: 'https', port: nginx.tlsPort, cacert: certificate.file };
    const parts = [await onePart(bench, nginx, dns, http), await onePart(bench, nginx, dns, https)];
    return {
      tables: parts.flatMap(({ tables }) => tables),
      checks: parts.flatMap(({ checks }) => checks),
      commands: parts.flatMap(({ commands }) => commands),
    };
  } finally {
    await nginx.stop();
    await names.stop();
  }
}

async function onePart(bench: Bench, nginx: Nginx, dns: string, way: Way): Promise<Findings> {
  const { urls: hosts = 20_000 } = bench;
  const few = await urlmill(bench, dns, way, Math.ceil(hosts / 10));
  const many = await urlmill(bench, dns, way, hosts);
  const contestants = [many, await curl(bench, way, hosts), ...(await pools(bench, way, hosts, dns))];
  const runs = await contest(bench, nginx, contestants, clientCore);
  const unpinned = await contest(bench, nginx, contestants);
  // Not during the contest, because watching that often slows the run down.
  const watches = [
    { hosts: Math.ceil(hosts / 10), watched: await watch(few.command, clientCore) },
    { hosts, watched: await watch(many.command, clientCore) },
  ];
  return {
    tables: [
      contestTable(`Contestants, ${way.scheme}, one core`, runs),
      contestTable(`Contestants, ${way.scheme}, all cores`, unpinned),
      watchTable(way, watches),
    ],
    checks: targets(way, runs, watches),
    commands: contestants.map(({ name, command }) => [`${name}, ${way.scheme}`, command]),
  };
}

const hostName = (n: number): string => `h${n}.${domain}`;

async function urlmill(
  { dir, node, cli }: Bench,
  dns: string,
  { scheme, port, cacert }: Way,
  hosts: number,
): Promise<Contestant> {
  const trust = cacert === null ? [] : ['--cacert', cacert];
  const urls = countTo(hosts).map((n) => `${scheme}://${hostName(n)}:${port}/`);
  const list = await writeUrlList(dir, `wide-${scheme}-${hosts}`, urls);
  const out = join(dir, `wide-${scheme}-out.csv`);
  return {
    name: 'urlmill',
    command: [node, cli, '-c', inFlight, '--dns-server', dns, ...trust, '-q', '-o', out, list.csv],
    urls: hosts,
    verify: () => expectAll(out, 'fetch_status', '200', hosts),
  };
}

/**
 * curl gets the addresses in its configuration, as Debian's curl has no option for a name server. So it is
 * spared this part of the work.
 */
async function curl({ dir }: Bench, { scheme, port, cacert }: Way, hosts: number): Promise<Contestant> {
  const config = join(dir, `wide-${scheme}.curl`);
  const trust = cacert === null ? '' : `cacert=${cacert}\n`;
  const parts = countTo(hosts).map((n) => {
    const host = hostName(n);
    const resolve = `resolve=${host}:${port}:${addressOf(n)}`;
    return `url=${scheme}://${host}:${port}/\noutput=/dev/null\n${resolve}\n${trust}`;
  });
  // `next` starts a new part for each URL; otherwise curl would go through all addresses for each one.
  await writeFile(config, parts.join('next\n'));
  const options = ['--disable', '--no-progress-meter', '--parallel', '--parallel-max', inFlight];
  return { name: 'curl --parallel', command: ['curl', ...options, '--config', config], urls: hosts };
}

/** pycurl gets addresses too; Go asks the same name server. All read the list that `urlmill` has written. */
async function pools(
  bench: Bench,
  { scheme, cacert }: Way,
  hosts: number,
  dns: string,
): Promise<Contestant[]> {
  const list = join(bench.dir, `wide-${scheme}-${hosts}.csv`);
  const trust = cacert === null ? [] : [cacert];
  const settings = { inFlight, dns, ...(cacert !== null && { cacert }) };
  const handshakes = {
    name: 'bare tls.connect',
    command: [bench.node, peer('handshakes.js'), list, inFlight],
  };
  return [
    ...trust.map((file) => ({ ...handshakes, command: [...handshakes.command, file], urls: hosts })),
    { name: 'pycurl', command: [python, peer('pycurl_multi.py'), list, inFlight, ...trust], urls: hosts },
    ...(await goPool(bench, list, hosts, settings)),
  ];
}

function watchTable({ scheme }: Way, watches: readonly Watches[]) {
  return {
    title: `One run watched, ${scheme}`,
    head: ['hosts', 'peak RSS MB', 'open files at most'],
    rows: watches.map(({ hosts, watched }) => [
      whole(hosts),
      (watched.peakRss / 1e6).toFixed(0),
      whole(watched.openFiles),
    ]),
  };
}

function targets({ scheme }: Way, runs: Runs, [few, many]: readonly Watches[]): Check[] {
  const own = (runs.get('urlmill') ?? []).map((one) => rate(one));
  const grown = (figure: (watched: Watched) => number): number =>
    few && many ? figure(many.watched) / figure(few.watched) : Number.NaN;
  return [
    atLeast(`${scheme}: rate ÷ curl --parallel`, median(ratios(runs, 'curl --parallel', rate)), 1.2),
    atLeast(`${scheme}: hosts per second, names and all`, Math.round(median(own)), 1000),
    atMost(
      `${scheme}: peak RSS, all hosts ÷ a tenth`,
      grown(({ peakRss }) => peakRss),
      1.15,
    ),
    atMost(
      `${scheme}: open files, all hosts ÷ a tenth`,
      grown(({ openFiles }) => openFiles),
      1.15,
    ),
  ];
}
