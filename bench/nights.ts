/**
 * Three nights with --since: `node dist/bench/nights.js [PAGES] [OPTION...]`. The options are passed to the
 * command.
 *
 * The server has this many pages (10,000); half of them have an ETag and a quarter Last-Modified. 0.5 % break
 * before each night; before the second and third, 1 % change too, and about 30 % and 50 % of the broken ones
 * are repaired. What each row says of its page is compared with what the server did. The second night is also
 * killed three times and resumed, and must then have made the same file as an undisturbed run. Bytes are
 * counted at the server's sockets.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { readJournal } from '../src/write/journal.ts';
import { csvObjects } from '../test/helpers/csv.ts';
import { fromRoot } from './project.ts';
import { randomNumbers } from './random.ts';
import { scratchFolder } from './scratch-folder.ts';

const [count = '10000', ...options] = process.argv.slice(2);
const size = Number(count);
const random = randomNumbers(1);
const below = (limit: number): number => Math.floor(random() * limit);

type Fault = 404 | 500 | 'closed' | null;

interface Page {
  version: number;
  fault: Fault;
}

const pages = Array.from({ length: size }, (): Page => ({ version: 1, fault: null }));
/** Half of the pages have an ETag, a quarter a date. */
const kindOf = (number: number): 'tag' | 'date' | 'nothing' =>
  number % 2 === 0 ? 'tag' : number % 4 === 1 ? 'date' : 'nothing';
const dateOf = ({ version }: Page): string => new Date(Date.UTC(2026, 0, version)).toUTCString();
const faults: readonly Fault[] = [404, 500, 'closed'];

function answer({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
  const number = Number(url.slice(1));
  const page = pages[number];
  if (page === undefined) throw new RangeError(`no such page: ${url}`);
  const { fault, version } = page;
  if (fault === 'closed') return void response.destroy();
  if (fault !== null) return void response.writeHead(fault).end('broken');
  const kind = kindOf(number);
  const tag = `"${number}-${version}"`;
  if (kind === 'tag') response.setHeader('ETag', tag);
  if (kind === 'date') response.setHeader('Last-Modified', dateOf(page));
  const isKnown =
    (kind === 'tag' && headers['if-none-match'] === tag) ||
    (kind === 'date' && Date.parse(headers['if-modified-since'] ?? '') >= Date.parse(dateOf(page)));
  if (isKnown) return void response.writeHead(304).end();
  const text = `<title>${number}</title><p>${`version ${version} of ${number}. `.repeat(200)}`;
  return void response.writeHead(200, { 'content-type': 'text/html' }).end(text);
}

const server = createServer(answer);
let sent = 0;
let open = 0;
let onClosed = (): void => {};
server.on('connection', (socket: Socket) => {
  socket.on('error', () => {});
  open++;
  socket.on('close', () => {
    open--;
    sent += socket.bytesWritten;
    if (open === 0) onClosed();
  });
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;

const dir = scratchFolder('nights');
const rows = pages.map((_, number) => `${number},http://127.0.0.1:${port}/${number}\n`);
await writeFile(join(dir, 'in.csv'), `id,url\n${rows.join('')}`);
const columns = 'status,error,url,type,bytes';
const command = [fromRoot('dist/command/main.js'), '--retries', '0', '--per-host', '20', ...options];

/**
 * Runs the list against the output of the night before. @param kills how often the run is killed and resumed
 */
async function night(output: string, since: string, kills = 0): Promise<string> {
  sent = 0;
  for (let left = kills; ; left--) {
    const args = [...command, '--columns', columns, '--since', since, '-o', output, '--resume', 'in.csv'];
    const child = spawn(process.execPath, args, { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const ended = once(child, 'close');
    if (left > 0) {
      await committed(join(dir, output), Math.round((size / (kills + 1)) * (kills - left + 1) * 0.5));
      child.kill('SIGKILL');
    }
    const [code] = (await ended) as [number | null];
    if (code === 0) {
      if (open > 0) await new Promise<void>((resolve) => (onClosed = resolve));
      return said.trim().split('\n').at(-1) ?? '';
    }
    if (left === 0) throw new Error(`the command ended with ${code}: ${said}`);
  }
}

async function committed(output: string, least: number): Promise<void> {
  for (;;) {
    const journal = await readJournal(`${output}.journal`, Infinity);
    if (journal !== null && journal.rows.size >= least) return;
    await delay(5);
  }
}

async function linesOf(output: string): Promise<string[]> {
  return (await readFile(join(dir, output), 'utf8')).split('\n').toSorted();
}

/** Changes, breaks and repairs pages. @returns what each row must have in `fetch_change` */
function passDay(share: { changed: number; broken: number; healed: number }): string[] {
  const before = pages.map((page) => ({ ...page }));
  for (let n = Math.round(size * share.changed); n > 0; n--) {
    const page = pages[below(size)];
    if (page !== undefined) page.version++;
  }
  for (const page of pages) if (page.fault !== null && below(100) < share.healed * 100) page.fault = null;
  for (let n = Math.round(size * share.broken); n > 0; n--) {
    const page = pages[below(size)];
    if (page !== undefined) page.fault = faults[below(faults.length)] ?? 404;
  }
  return pages.map(({ version, fault }, number) => {
    const then = before[number];
    if (then === undefined) return 'new';
    if (fault !== null) return then.fault === null ? 'failed' : 'still-failing';
    if (then.fault !== null) return 'recovered';
    return then.version === version ? 'same' : 'changed';
  });
}

/** Number of rows whose `fetch_change` is not what the server did. */
async function wrong(output: string, expected: readonly string[]): Promise<number> {
  const lines = csvObjects(await readFile(join(dir, output), 'utf8'));
  if (lines.length !== size) throw new Error(`${lines.length} rows instead of ${size}`);
  return lines.filter(({ id, fetch_change }) => fetch_change !== expected[Number(id)]).length;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
let first = 0;

async function show(name: string, output: string, expected: readonly string[], line: string): Promise<void> {
  const faulty = await wrong(output, expected);
  const share = first === 0 ? '' : `, ${((sent / first) * 100).toFixed(1)} % of the first night`;
  first ||= sent;
  console.log(`${name}: ${faulty} wrong of ${size}; ${megabytes(sent)} sent${share}\n  ${line}`);
  if (faulty > 0) process.exitCode = 1;
}

const nothing = { changed: 0, broken: 0, healed: 0 };
const someBroken = passDay({ ...nothing, broken: 0.005 }).map(() => 'new');
await show('first night', 'out.csv', someBroken, await night('out.csv', 'out.csv'));

const second = passDay({ changed: 0.01, broken: 0.005, healed: 0.3 });
await copyFile(join(dir, 'out.csv'), join(dir, 'first.csv'));
const undisturbed = await night('undisturbed.csv', 'first.csv');
await show('second night', 'undisturbed.csv', second, undisturbed);
const killed = await night('out.csv', 'out.csv', 3);
await show('second night, killed three times', 'out.csv', second, killed);
const [made, expected] = await Promise.all(['out.csv', 'undisturbed.csv'].map(linesOf));
const isSame = made?.join('\n') === expected?.join('\n');
console.log(`  the file of the killed run is ${isSame ? 'the same' : 'NOT the same'}`);
if (!isSame) process.exitCode = 1;

const third = passDay({ changed: 0.01, broken: 0.005, healed: 0.5 });
await show('third night', 'out.csv', third, await night('out.csv', 'out.csv'));
server.close();
