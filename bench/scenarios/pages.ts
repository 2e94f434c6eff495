import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { clientCore, serverCore } from '../cores.ts';
import { contest, type Contestant } from '../contest.ts';
import { contestTable } from '../contest-table.ts';
import { debianPages } from '../debian-pages.ts';
import { inTurn } from '../in-turn.ts';
import { measure } from '../measure.ts';
import { startNginx } from '../nginx.ts';
import { peer, python } from '../project.ts';
import type { Bench, Check, Findings, Scenario } from '../scenario.ts';
import { readCsv, expectAll } from '../tally.ts';
import { type UrlList, writeUrlList } from '../url-list.ts';

export const pages: Scenario = {
  name: 'pages',
  about: 'The HTML pages of openjdk-17-doc: title and sha256 of each, client and server on a core each.',
  tools: ['nginx', 'taskset', 'curl', 'python', 'aiohttp', 'undici', 'htmlparser2', 'openjdk-17-doc'],
  rounds: 3,
  run,
};

interface Page {
  readonly title: string;
  readonly sha256: string;
}

async function run(bench: Bench): Promise<Findings> {
  const { root, paths } = await debianPages(bench.urls);
  const nginx = await startNginx({
    dir: bench.dir,
    cores: serverCore,
    http: 'types { text/html html; } open_file_cache max=20000; open_file_cache_valid 1h;',
    locations: `location / { root '${root}'; }`,
  });
  try {
    const urls = paths.map((path) => `${nginx.origin}/${path.split('/').map(encodeURIComponent).join('/')}`);
    const list = await writeUrlList(bench.dir, 'pages', urls);
    const { contestants, results } = prepare(bench, list);
    // Once for nobody: otherwise the first contestant alone would wait for the disk.
    await measure(['curl', '--disable', '--no-progress-meter', '--parallel', '--config', list.curl]);
    const runs = await contest(bench, nginx, contestants, clientCore);
    return {
      tables: [contestTable('Contestants', runs)],
      checks: await compare(results),
      commands: contestants.map(({ name, command }) => [name, command]),
    };
  } finally {
    await nginx.stop();
  }
}

function prepare({ dir, node, cli }: Bench, list: UrlList) {
  const results = {
    urlmill: join(dir, 'pages-urlmill.csv'),
    aiohttp: join(dir, 'pages-aiohttp.jsonl'),
    undici: join(dir, 'pages-undici.jsonl'),
  };
  const options = ['-c', '64', '--per-host', '64', '-q', '--extract', 'title,sha256', '-o', results.urlmill];
  const contestants: Contestant[] = [
    {
      name: 'urlmill',
      command: [node, cli, ...options, list.csv],
      urls: list.count,
      verify: () => expectAll(results.urlmill, 'fetch_error', '', list.count),
    },
    {
      name: 'undici + htmlparser2',
      command: [node, peer('pages.js'), list.csv, results.undici],
      urls: list.count,
    },
    {
      name: 'aiohttp + regex',
      command: [python, peer('aiohttp_pages.py'), list.csv, results.aiohttp],
      urls: list.count,
    },
  ];
  return { contestants, results };
}

/**
 * Speed is worth nothing when the answers differ: every title and every hash of the last round is compared.
 */
async function compare(results: { urlmill: string; aiohttp: string; undici: string }): Promise<Check[]> {
  const own = new Map<string, Page>();
  for await (const row of readCsv(results.urlmill)) {
    own.set(row['url'] ?? '', { title: row['fetch_title'] ?? '', sha256: row['fetch_sha256'] ?? '' });
  }
  const checks: Check[] = [];
  for await (const [name, file] of inTurn([
    ['undici + htmlparser2', results.undici] as const,
    ['aiohttp + regex', results.aiohttp] as const,
  ])) {
    checks.push(...differences(name, own, await readPages(file)));
  }
  return checks;
}

async function readPages(file: string): Promise<Map<string, Page>> {
  const found = new Map<string, Page>();
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const page: Page & { readonly url: string } = JSON.parse(line);
    found.set(page.url, page);
  }
  return found;
}

function differences(peerName: string, own: Map<string, Page>, others: Map<string, Page>): Check[] {
  const count = (differ: (a: Page | undefined, b: Page | undefined) => boolean): number =>
    [...new Set([...own.keys(), ...others.keys()])].filter((url) => differ(own.get(url), others.get(url)))
      .length;
  const check = (what: string, found: number): Check => ({
    what: `${what} other than those of ${peerName}`,
    measured: `${found} of ${own.size}`,
    needed: '0',
    ok: found === 0,
  });
  return [
    check(
      'titles',
      count((a, b) => plain(a?.title) !== plain(b?.title)),
    ),
    check(
      'hashes',
      count((a, b) => a?.sha256 !== b?.sha256),
    ),
  ];
}

/** What a title's line breaks and runs of spaces become is a matter of taste. */
const plain = (title = ''): string => title.replace(/\s+/g, ' ').trim();
