/**
 * Cost of --since before the first request: `node dist/bench/since-rows.js [ROWS] [MEMORY] [LIST]`.
 *
 * An earlier result with this many rows (10,000,000) is written to the system's temporary folder, and the
 * command fetches LIST (100,000) of its URLs, in another order, from a server that answers 304 to all of
 * them. Printed are the time of the first request, and the memory and CPU time of the process by then and at
 * its end.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { fromRoot } from './project.ts';
import { scratchFolder } from './scratch-folder.ts';

const [rows = 10_000_000, memory = 256_000_000, list = 100_000] = process.argv.slice(2).map(Number);
const dir = scratchFolder('since-rows');
const hosts = 50;
const hash = '0123456789abcdef'.repeat(4);

const urlOf = (row: number): string => `http://host-${row % hosts}.test/articles/${row}.html`;

function* inBlocks(from: number, to: number, line: (row: number) => string): Generator<string> {
  for (let row = from; row < to;) {
    let block = '';
    for (const end = Math.min(to, row + 1000); row < end; row++) block += line(row);
    yield block;
  }
}

function* earlier(): Generator<string> {
  yield 'url,fetch_status,fetch_error,fetch_url,fetch_type,fetch_bytes,fetch_etag,fetch_last_modified,fetch_sha256,fetch_change\n';
  yield* inBlocks(0, rows, (row) => {
    const url = urlOf(row);
    return `${url},200,,${url},text/html,${row % 90_000},"""${row}""",,${hash},same\n`;
  });
}

function* asked(): Generator<string> {
  const step = 7919;
  yield 'url\n';
  yield* inBlocks(0, list, (n) => `${urlOf((n * step) % rows)}\n`);
}

/** Memory and CPU time of the process so far. */
async function taken(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const times = (await readFile(`/proc/${pid}/stat`, 'utf8')).replace(/^.*\) /s, '').split(' ');
  const cpu = (Number(times[11]) + Number(times[12])) / 100;
  if (!status.includes('VmRSS')) throw new Error('it has ended');
  const size = (name: string): number =>
    Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024);
  return `CPU ${cpu.toFixed(1)} s, RSS ${size('VmRSS')} MiB, at most ${size('VmHWM')} MiB`;
}

await pipeline(Readable.from(earlier()), createWriteStream(join(dir, 'old.csv')));
await pipeline(Readable.from(asked()), createWriteStream(join(dir, 'in.csv')));
const bytes = (await stat(join(dir, 'old.csv'))).size;
console.log(
  `${rows} rows, ${(bytes / 1e9).toFixed(2)} GB; ${list} of them asked for; --since-memory ${memory}`,
);

let requests = 0;
let onFirst = (): void => {};
const first = new Promise<void>((resolve) => (onFirst = resolve));
const server = createServer((request, response) => {
  if (requests++ === 0) onFirst();
  response.writeHead(request.headers['if-none-match'] === undefined ? 500 : 304).end();
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

const begun = performance.now();
const since = [
  '--since',
  'old.csv',
  '--since-memory',
  String(memory),
  '--columns',
  'status,error,url,type,bytes',
];
const child = spawn(
  process.execPath,
  [
    ...process.execArgv,
    fromRoot('dist/command/main.js'),
    ...since,
    '--connect-to',
    `::127.0.0.1:${port}`,
    '-o',
    'out.csv',
    'in.csv',
  ],
  { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] },
);
let said = '';
child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
const ended = once(child, 'close');
const seconds = (): string => `${((performance.now() - begun) / 1000).toFixed(1)} s`;
let last = '';
const looking = setInterval(
  () =>
    void taken(child.pid ?? 0).then(
      (text) => (last = text),
      () => {},
    ),
  100,
);
await Promise.race([first, ended]);
console.log(`first request after ${seconds()}: ${await taken(child.pid ?? 0).catch(() => 'none')}`);
await ended;
clearInterval(looking);
server.closeAllConnections();
server.close();
console.log(`all after ${seconds()}: ${last}; ${requests} requests\n${said.trim()}`);
