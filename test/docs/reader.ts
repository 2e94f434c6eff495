import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { text as textOf } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';

import type { ExecutionContext } from 'ava';

import { selfSignedFor } from '../helpers/certificates.ts';
import type { Certificate } from '../helpers/certificates.ts';
import { commandFile } from '../helpers/cli.ts';
import type { Ended } from '../helpers/cli.ts';
import { RedisServer } from '../helpers/redis.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { allBlocks, root } from './blocks.ts';
import type { Block } from './blocks.ts';
import { everySite } from './site.ts';

/**
 * A reader who copies a block from a page into a shell, in a folder with the files that the pages mention,
 * with every site reachable.
 */
export interface Reader {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** URL of the queue; empty if none was started. */
  readonly queue: string;
}

const names = [
  'example',
  'example.org',
  'example.net',
  'shop.example',
  'api.example.org',
  'www.example.org',
  'images.example.org',
  'media.example.net',
];

export async function reader(t: ExecutionContext, { code, mark, prints }: Block): Promise<Reader> {
  const cwd = await temporaryFolder(t, { ...(await inputs()), ...standIns });
  await mkdir(join(cwd, 'node_modules'));
  await symlink(root, join(cwd, 'node_modules', 'urlmill'));
  for (const name of Object.keys(standIns)) await chmod(join(cwd, name), 0o755);
  const certificate = await ofEverySite();
  await writeFile(join(cwd, '.trusted.pem'), certificate.cert);
  const proxy = await everySite(t, certificate);
  const environment = {
    PATH: `${join(cwd, 'bin')}:${process.env['PATH']}`,
    HOME: cwd,
    // Keeps zsh from using the machine's own completion functions.
    FPATH: join(cwd, 'functions'),
    // curl reads http_proxy in lower case only.
    http_proxy: proxy,
    https_proxy: proxy,
    SSL_CERT_FILE: join(cwd, '.trusted.pem'),
    // Any failed row fails the block, except where the page shows failures.
    URLMILL_FAIL_ON: prints === null ? '0' : '100',
  };
  const queue = code.includes('urlmill work') ? await queueFor(t) : '';
  const described = { cwd, environment, queue };
  if (`${code}${mark}`.includes('/mnt/jobs') && !code.includes('urlmill submit')) {
    const { code: ended, stderr } = await run(
      'bash',
      `urlmill submit --job jobs/homepages list.csv`,
      described,
    );
    t.is(ended, 0, stderr);
  }
  return described;
}

let made: Promise<Certificate> | null = null;

async function ofEverySite(): Promise<Certificate> {
  made ??= selfSignedFor('/CN=every site', names.map((name) => `DNS:${name}`).join(','));
  return made;
}

async function queueFor(t: ExecutionContext): Promise<string> {
  const redis = await RedisServer.start([]);
  t.teardown(() => redis.remove());
  return redis.url;
}

/** Runs the text of a block in a shell; only the paths and addresses of a reader's machine are replaced. */
export async function run(shell: string, code: string, { cwd, environment, queue }: Reader): Promise<Ended> {
  const own = code
    .replaceAll(/\/srv\/links|\/var\/lib\/node_exporter/g, cwd)
    .replaceAll('/mnt/jobs', join(cwd, 'jobs'))
    .replaceAll(/rediss?:\/\/[^\s']*queue\.example:\d+/g, queue);
  const strict: readonly string[] = shell === 'bash' ? ['-euo', 'pipefail'] : [];
  const child = spawn(shell, [...strict, '-c', own], {
    cwd,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [ended]] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code: ended, stdout, stderr };
}

/** The command, and stand-ins for other programs in the blocks that are not on every machine. */
const standIns = {
  'bin/urlmill': `#!/bin/sh
case "$1" in diff) unset URLMILL_FAIL_ON; esac
exec '${process.execPath}' '${commandFile}' "$@"
`,
  'bin/mail': '#!/bin/sh\ncat > mail.txt\n',
  'bin/sleep': '#!/bin/sh\n',
  // Installs nothing, as the command is there; accepts only urlmill and the packages used with it.
  'bin/npm': `#!/bin/sh
[ "$1" = install ] && shift && case "$1" in -g|--global) shift;; *) exit 1;; esac
for name; do case "$name" in urlmill|bullmq|ioredis) ;; *) exit 1;; esac; done
`,
  // `search` and `view` of xan (docs/cmd in its repository), for cells without commas.
  'bin/xan': `#!/usr/bin/env -S awk -f
BEGIN {
  FS = ","; mode = "substring"
  for (i = 2; i < ARGC; i++) {
    word = ARGV[i]
    if (word == "-s") column = ARGV[++i]
    else if (word == "-N") mode = "non-empty"
    else if (word == "-e") mode = "exact"
    else if (ARGV[1] == "search" && mode != "non-empty" && pattern == "") pattern = word
    else file = word
  }
  command = ARGV[1]; ARGC = 1
  if (command !~ /^(search|view)$/) exit 2
  if (file != "") ARGV[ARGC++] = file
}
{ sub(/\\r$/, "") }
NR == 1 {
  for (i = 1; i <= NF; i++) if ($i == column) at = i
  if (command == "search" && !at) { print "no column " column > "/dev/stderr"; exit 1 }
  print; next
}
command == "view" || (mode == "non-empty" && $at != "") || (mode == "exact" && $at == pattern) ||
  (mode == "substring" && index($at, pattern)) { print }
`,
} as const;

const header =
  'fetch_status,fetch_error,fetch_url,fetch_type,fetch_bytes,fetch_ms,fetch_attempts,fetch_at,fetch_change';

function results(...rows: readonly string[]): string {
  return `id,name,homepage,${header},fetch_title\n${rows.map((row) => `${row}\n`).join('')}`;
}

function page(id: number, status = 200): string {
  const url = `https://www.example.org/${id}`;
  return `${id},page ${id},${url},${status},,${url},text/html,400,12,1,2026-11-28T03:15:01.000Z,new,www.example.org/${id}`;
}

function list(column: string, rows: number): string {
  const lines = Array.from(
    { length: rows },
    (_, i) => `${i + 1},page ${i + 1},https://www.example.org/${i + 1}\n`,
  );
  return `id,name,${column}\n${lines.join('')}`;
}

function urls(rows: number): string {
  return Array.from({ length: rows }, (_, i) => `https://www.example.org/${i + 1}\n`).join('');
}

/** A module that the README uses without showing it; the page about processors shows its own. */
const stock =
  "export default { columns: ['in_stock'], process: ({ status }) => ({ in_stock: status === 200 }) };\n";

/** The files that the blocks name. Lists have an id, and more rows than the pages show. */
async function inputs(): Promise<Record<string, string | Buffer>> {
  const blocks = await allBlocks();
  const shown = blocks.find(({ page: name, language }) => name === 'README.md' && language === 'csv');
  const modules = blocks.filter(
    ({ page: name, language }) => name.includes('processor') && language === 'js',
  );
  return {
    'fixtures/demo.csv': shown?.code ?? '',
    'urls.csv': list('url', 12),
    'urls.csv.gz': gzipSync(list('homepage', 12)),
    'urls.txt': urls(120),
    'list.csv': list('homepage', 6),
    'list.csv.gz': gzipSync(list('homepage', 6)),
    'items.csv':
      'id,country,name,url\n7,NL,a cup,https://www.example.org/7\n8,DE,"cup, large",https://www.example.org/8\n',
    'items.jsonl': '{"id":7,"url":"https://www.example.org/7"}\n{"id":8,"url":"https://www.example.org/8"}\n',
    'hosts.csv': 'id,country,url\n1,NL,https://www.example.org/\n2,DE,https://www.example.org/de\n',
    'hosts.txt': 'www.example.org\nshop.example\n',
    'page.html': '<a href="https://www.example.org/a">a</a> <a href="https://www.example.org/b">b</a>\n',
    'shop.csv': list('url', 2),
    'shops.csv': list('url', 2),
    'pages.csv': list('url', 2),
    'news.csv': list('url', 2),
    'api.csv': 'id,url\n7,https://api.example.org/items/7\n',
    'customers.csv':
      'id,url\n1,https://api.example.org/customers/1/orders\n2,https://api.example.org/customers/2/orders\n',
    'key.txt': 'X-Key: k\n',
    'images.csv':
      'id,label,url\n1001,cat,https://images.example.org/4f/31.jpg\n1002,dog,https://media.example.net/photo?id=77\n',
    'sitemaps.csv': 'id,url\n1,https://www.example.org/sitemap.xml\n',
    'links.txt': urls(5),
    'links.csv': results(page(1), page(2), page(3, 404)),
    'before.csv': results(page(1), page(2), page(4)),
    'results.csv': results(page(1), page(2), page(3, 404)),
    'top-sites.csv': '1,www.example.org\n2,shop.example\n',
    'report.csv': `Links\n2026-11-28\n\n${list('url', 2)}`,
    'dump.csv': '# a dump\nid,name,url\n1,a\\, b,https://www.example.org/1\n',
    ...(await compared()),
    'stock.mjs': stock,
    'prices.mjs': modules[1]?.code ?? '',
    'rates.json': '{ "EUR": 1, "SEK": 11.2 }',
    'functions/.keep': '',
    'jobs/.keep': '',
  };
}

/** Yesterday's and today's results, made from the differences that docs/comparing.md shows. */
async function compared(): Promise<Record<string, string>> {
  const text = await readFile(join(root, 'docs/comparing.md'), 'utf8');
  const [, shown = ''] = /^(change,url,name,.*?)^```/ms.exec(text) ?? [];
  const rows = shown
    .trim()
    .split('\n')
    .slice(1)
    .map((row) => row.split(','));
  const head = 'url,name,fetch_status,fetch_error,fetch_title,fetch_bytes,fetch_remote_ip\n';
  /** One night's rows. The shown cells come in pairs, before and after. */
  const night = (at: 0 | 1): string =>
    rows
      .filter((cells) => cells[3 + at] !== '')
      .map(([, url, name, ...cells]) =>
        [url, name, cells[at], cells[2 + at], cells[4 + at], '400', '192.0.2.1'].join(','),
      )
      .join('\n');
  return { 'yesterday.csv': `${head}${night(0)}\n`, 'today.csv': `${head}${night(1)}\n` };
}
