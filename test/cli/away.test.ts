import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { closedPort, httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { list, resumes } from './stopped-runs.ts';

interface LeavingServer {
  readonly url: string;
  readonly port: number;
  /** Listens at the same port again and answers everything. */
  readonly comeBack: () => Promise<void>;
  readonly gone: Promise<unknown>;
}

/** A server that answers this many requests; at the next one it closes its port and all connections. */
async function leavingServer(t: ExecutionContext, answers: number): Promise<LeavingServer> {
  let answered = 0;
  const first = http.createServer((_, response) => {
    if (answered++ < answers) return void response.end('ok');
    first.close().closeAllConnections();
    return undefined;
  });
  const gone = once(first, 'close');
  const open = async (server: Server, port: number): Promise<number> => {
    t.teardown(() => server.close().closeAllConnections());
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return (server.address() as AddressInfo).port;
  };
  // A port below the ephemeral range, so that nobody else gets it while the server is away.
  const port = await open(first, await closedPort());
  const comeBack = async (): Promise<void> => {
    await open(
      http.createServer((_, response) => response.end('ok')),
      port,
    );
  };
  return { url: `http://127.0.0.1:${port}`, port, comeBack, gone };
}

test('a server that goes away and comes back costs no row', async (t) => {
  const server = await leavingServer(t, 40);
  // Time is measured in this clock's requests: the first server stays away for fifty of them.
  let since = Infinity;
  void server.gone.then(() => (since = 0));
  const clock = await httpServer(t, (_, response) => {
    if (++since === 50) void server.comeBack().then(() => response.end());
    else response.end();
  });
  const rows = Array.from({ length: 300 }, (_, i) => `${i},${server.url}/${i}\n`);
  const ticks = Array.from({ length: 100 }, (_, i) => `t${i},http://localhost:${clock.port}/${i}\n`);
  const cwd = await temporaryFolder(t, {
    'in.csv': `id,url\n${rows.join('')}`,
    'ticks.csv': `id,url\n${ticks.join('')}`,
  });
  const ticking = urlmill(['--host-rate', '20/s', 'ticks.csv'], { cwd, alone: true });
  const { code, stdout } = await urlmill(['--host-rate', '200/s', 'in.csv'], { cwd, alone: true });
  t.is(code, 0);
  const results = csvObjects(stdout);
  t.is(results.length, 300);
  t.deepEqual([...new Set(results.map(({ fetch_status: status }) => status))], ['200']);
  t.is((await ticking).code, 0);
});

test('nor does one that ends all connections for longer than it takes to give up a host that never answered', async (t) => {
  let asked = 0;
  const server = await httpServer(t, (_, response) => {
    asked++;
    if (asked > 40 && asked <= 52) response.socket?.resetAndDestroy();
    else response.end('ok');
  });
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 300) });
  const { code, stdout } = await urlmill(['--per-host', '3', '--max-wait', '12s', 'in.csv'], { cwd });
  t.is(code, 0);
  const results = csvObjects(stdout);
  t.is(results.length, 300);
  t.deepEqual([...new Set(results.map(({ fetch_status: status }) => status))], ['200']);
  t.true(results.every(({ fetch_attempts: attempts }) => Number(attempts) <= 4));
});

test('one that stays away is host-down after --max-wait', async (t) => {
  const server = await leavingServer(t, 10);
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 300) });
  const { code, stdout } = await urlmill(['--max-wait', '2s', 'in.csv'], { cwd });
  t.is(code, 0);
  const errors = csvObjects(stdout).map((row) => row['fetch_error'] ?? '');
  t.is(errors.length, 300);
  t.is(errors.filter((error) => error === '').length, 10);
  t.true(errors.filter((error) => error === 'host-down').length >= 280);
});

test('--network-wait ends a run that reaches nothing any more, with code 6 and a line that --quiet does not hide', async (t) => {
  const server = await leavingServer(t, 20);
  const hosts = Array.from({ length: 10 }, (_, i) => `http://h${i}.test`);
  const rows = Array.from({ length: 200 }, (_, i) => `${i + 1},${hosts[i % 10]}/${i}\n`);
  const cwd = await temporaryFolder(t, { 'in.csv': `id,url\n${rows.join('')}` });
  const args = ['-c', '10', '--connect-to', `::127.0.0.1:${server.port}`];
  const stop = ['-q', '--network-wait', '1s', '--summary', 'summary.json', '-o', 'out.csv', 'in.csv'];
  const { code, stdout, stderr } = await urlmill([...args, ...stop], { cwd });
  t.is(code, 6);
  t.is(stdout, '');
  t.regex(stderr, /^urlmill: stopped early by --network-wait: [^\n]+; go on with --resume\n$/);
  t.like(JSON.parse(await readFile(join(cwd, 'summary.json'), 'utf8')), {
    outcome: 'stopped',
    stoppedBy: 'network-wait',
    errors: 0,
  });
  await server.comeBack();
  await resumes(t, args, { cwd, rows: 200 });
});
