import { join } from 'node:path';
import { whole } from '../contest-table.ts';
import { clientCore } from '../cores.ts';
import { countTo, inTurn } from '../in-turn.ts';
import { measure } from '../measure.ts';
import { type Kind, kindOfUrl, kindsOf, mixedUrls } from '../mixed-list.ts';
import { type LatencyServer, startLatencyServer, startServer } from '../own-server.ts';
import { atMost, type Bench, type Findings, type Scenario, type Table } from '../scenario.ts';
import { median } from '../spread.ts';
import { readCsv } from '../tally.ts';
import { writeUrlList } from '../url-list.ts';

const hosts = 100;
const latency = 50;
const dnsLatency = 50;
/** The default of --concurrency. */
const inFlight = 100;
const limits = ['--timeout', '10s', '--connect-timeout', '5s', '--retries', '1'];

export const mixed: Scenario = {
  name: 'mixed',
  about:
    '75 healthy hosts of 50 ms among 25 dead ones, 1,200 rows each, hosts in turn: what the dead cost the healthy.',
  tools: ['taskset'],
  rounds: 1,
  run,
};

/** A list, its command, and the outcomes of its runs. */
interface Job {
  readonly name: string;
  readonly command: readonly string[];
  readonly rows: number;
  readonly healthy: number;
  readonly out: string;
  readonly outcomes: Outcome[];
}

interface Outcome {
  /** Seconds from the start to the end of the process. `lastHealthy`: to the last reply of a healthy host. */
  readonly wall: number;
  readonly lastHealthy: number;
  /** Number of rows by kind and by `fetch_error`, or by `fetch_status` if there is no error. */
  readonly ends: ReadonlyMap<Kind, ReadonlyMap<string, number>>;
  readonly wrong: number;
}

async function run(bench: Bench): Promise<Findings> {
  const server = await startLatencyServer(latency);
  const dead = await startServer('dead');
  const names = await startServer('names', String(dnsLatency));
  try {
    const { silent = 0, reset = 0 } = dead.ports;
    const kinds = kindsOf({ healthy: server.port, silent, reset });
    const dns = ['--dns-server', `127.0.0.1:${names.ports['dns']}`];
    const jobs = await prepare(bench, kinds, dns);
    for await (const round of inTurn(countTo(bench.rounds))) {
      for await (const job of inTurn(jobs)) {
        const outcome = await runOne(job, kinds, server);
        job.outcomes.push(outcome);
        const times = `${outcome.wall.toFixed(1)} s, the healthy ${outcome.lastHealthy.toFixed(1)} s`;
        bench.log(`round ${round}/${bench.rounds}  ${job.name}: ${times}`);
      }
    }
    return findings(jobs, kinds);
  } finally {
    await Promise.all([server.stop(), dead.stop(), names.stop()]);
  }
}

async function prepare(
  { dir, node, cli, urls = 120_000 }: Bench,
  kinds: readonly Kind[],
  dns: readonly string[],
): Promise<readonly [alone: Job, all: Job]> {
  const all = mixedUrls(kinds, hosts, Math.ceil(urls / hosts));
  const alone = all.filter((url) => kindOfUrl(kinds, url) === kinds[0]);
  const job = async (name: string, file: string, list: readonly string[]): Promise<Job> => {
    const { csv } = await writeUrlList(dir, file, list);
    const out = join(dir, `${file}-out.csv`);
    const command = [node, cli, ...dns, ...limits, '-q', '-o', out, csv];
    return { name, command, rows: list.length, healthy: alone.length, out, outcomes: [] };
  };
  return [await job('the healthy rows alone', 'mixed-alone', alone), await job('all rows', 'mixed-all', all)];
}

async function runOne(job: Job, kinds: readonly Kind[], server: LatencyServer): Promise<Outcome> {
  const before = await server.counters();
  const started = Date.now();
  const { wall } = await measure(job.command, { cores: clientCore });
  const after = await server.counters();
  const requests = after.requests - before.requests;
  if (requests !== job.healthy) throw new Error(`${requests} requests for ${job.healthy} healthy rows`);
  return { wall, ...(await readOutcome(job, kinds, started)) };
}

async function readOutcome(
  { out, rows }: Job,
  kinds: readonly Kind[],
  started: number,
): Promise<Omit<Outcome, 'wall'>> {
  const ends = new Map(kinds.map((kind) => [kind, new Map<string, number>()]));
  const urls = new Set<string>();
  let last = started;
  let wrong = 0;
  for await (const row of readCsv(out)) {
    const { url = '', fetch_status: status = '', fetch_error: error = '' } = row;
    const kind = kindOfUrl(kinds, url);
    const counts = ends.get(kind);
    const end = error === '' ? status : error;
    counts?.set(end, (counts.get(end) ?? 0) + 1);
    if (!kind.ends.includes(error) || (error === '' && status !== '200')) wrong += 1;
    if (kind === kinds[0]) last = Math.max(last, Date.parse(row['fetch_at'] ?? '') + Number(row['fetch_ms']));
    urls.add(url);
  }
  if (urls.size !== rows) throw new Error(`${rows} rows were expected, found ${urls.size}`);
  return { lastHealthy: (last - started) / 1000, ends, wrong };
}

function findings(jobs: readonly [alone: Job, all: Job], kinds: readonly Kind[]): Findings {
  const [alone, all] = jobs;
  const ratios = all.outcomes.map(
    ({ lastHealthy }, i) => lastHealthy / (alone.outcomes[i]?.lastHealthy ?? 0),
  );
  const wrong = Math.max(...jobs.flatMap(({ outcomes }) => outcomes.map((outcome) => outcome.wrong)));
  return {
    tables: [timeTable(jobs), endTable(all, kinds)],
    checks: [
      atMost('time to the last healthy row, among the dead ÷ alone', median(ratios), 1.1),
      atMost('rows with another end than their host has for them', wrong, 0),
    ],
    commands: jobs.map(({ name, command }) => [name, command]),
  };
}

function timeTable(jobs: readonly Job[]): Table {
  const middle = ({ outcomes }: Job, figure: (outcome: Outcome) => number): string =>
    median(outcomes.map((outcome) => figure(outcome))).toFixed(1);
  return {
    title: 'Times',
    head: ['list', 'rows', 'healthy rows', 'ideal s', 'last healthy row s', 'all rows s'],
    rows: jobs.map((job) => [
      job.name,
      whole(job.rows),
      whole(job.healthy),
      ((job.healthy * latency) / inFlight / 1000).toFixed(1),
      middle(job, ({ lastHealthy }) => lastHealthy),
      middle(job, ({ wall }) => wall),
    ]),
  };
}

/** The ends of the rows in the last round. */
function endTable({ outcomes }: Job, kinds: readonly Kind[]): Table {
  const ends = outcomes.at(-1)?.ends;
  return {
    title: 'How the rows of each kind of host ended',
    head: ['kind', 'rows'],
    rows: kinds.flatMap((kind) =>
      [...(ends?.get(kind) ?? [])].map(([end, count]) => [`${kind.name}: ${end}`, whole(count)]),
    ),
  };
}
