import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';

import test from 'ava';

import { csvObjects } from '../helpers/csv.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

function list(url: string, rows: number): string {
  return `id,url\n${Array.from({ length: rows }, (_, i) => `${i + 1},${url}/${i + 1}\n`).join('')}`;
}

const hangs = test.macro({
  exec: async (t, signal: NodeJS.Signals, code: number) => {
    const server = await httpServer(t, () => {});
    const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 20) });
    const child = runningUrlmill(t, ['-c', '3', 'in.csv'], { cwd });
    const ended = endOf(child);
    await server.requested(3);
    child.kill(signal);
    const { stdout, stderr, ...how } = await ended;
    t.deepEqual(
      csvObjects(stdout)
        .map(({ id, fetch_status: status, fetch_error: error }) => `${id} ${status} ${error}`)
        .toSorted((a, b) => a.localeCompare(b)),
      ['1  cancelled', '2  cancelled', '3  cancelled'],
    );
    t.regex(
      stderr,
      /^urlmill: stopped early: 3 rows in [^\n]+: 0 ok, 3 failed \(cancelled: 3\); the other rows were not fetched\n$/,
    );
    t.is(server.requests.length, 3);
    t.deepEqual(how, { code, signal: null });
  },
  title: (_, signal: string) =>
    `after ${signal} what does not end in time is cancelled, and nothing else begins`,
});

test(hangs, 'SIGINT', 130);
test(hangs, 'SIGTERM', 143);
test(hangs, 'SIGHUP', 129);

test('after a signal what ends in time is written like any row', async (t) => {
  // Slow enough for the signal to come long before the last row.
  const server = await httpServer(t, (_, response) => setTimeout(() => response.end('ok'), 300));
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 400) });
  const child = runningUrlmill(t, ['--grace', '10m', '-c', '2', 'in.csv'], { cwd });
  const ended = endOf(child);
  await server.requested(2);
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  const rows = csvObjects(stdout);
  t.is(rows.length, server.requests.length);
  t.true(rows.length < 400, `${rows.length} rows`);
  t.true(rows.every(({ fetch_status: status, fetch_error: error }) => status === '200' && error === ''));
  t.is(code, 130);
});

test('after a signal the rows that are done come out in order, over those that never began', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url !== '/1') response.end('ok');
  });
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 6) });
  const child = runningUrlmill(t, ['--ordered', '--columns', 'error', 'in.csv'], { cwd });
  const ended = endOf(child);
  await server.requested(6);
  child.kill('SIGTERM');
  const { code, stdout } = await ended;
  t.deepEqual(
    csvObjects(stdout).map(({ id, fetch_error: error }) => `${id} ${error}`),
    ['1 cancelled', '2 ', '3 ', '4 ', '5 ', '6 '],
  );
  t.is(code, 143);
});

test('a second signal ends the run at once', async (t) => {
  const server = await httpServer(t, () => {});
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 5) });
  const child = runningUrlmill(t, ['in.csv'], { cwd });
  const ended = endOf(child);
  await server.requested(5);
  // Signals that come before the first one is seen count as one, so they are repeated.
  const again = setInterval(() => child.kill('SIGINT'), 50);
  const { code, stdout } = await ended;
  clearInterval(again);
  // If the run had waited for the grace to pass, the cancelled rows would be there.
  t.is(stdout, '');
  t.is(code, 130);
});

test('a signal ends the wait for more of standard input', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const input = list(server.url, 2);
  const child = runningUrlmill(t, ['in.csv', '-'], {
    cwd: await temporaryFolder(t, { 'in.csv': input }),
    inputStaysOpen: true,
  });
  const ended = endOf(child);
  await hasRows(child.stdout, 2);
  child.kill('SIGINT');
  const { code, stderr } = await ended;
  t.regex(stderr, /^urlmill: stopped early: 2 rows in /);
  t.is(code, 130);
});

async function hasRows(stdout: Readable, rows: number): Promise<void> {
  let seen = '';
  const look = (chunk: Buffer | string): void => void (seen += chunk.toString());
  stdout.on('data', look);
  while (seen.split('\n').length < rows + 2) await once(stdout, 'data');
  stdout.off('data', look);
}

test('after a signal FILE.part holds the rows that are done, stderr names it, and FILE is as it was', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/1') response.end('ok');
  });
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 9), 'out.csv': 'old\n' });
  const args = ['-c', '2', '-o', 'out.csv', '--summary', 'summary.json', 'in.csv'];
  const child = runningUrlmill(t, args, { cwd });
  const ended = endOf(child);
  await server.requested(3);
  child.kill('SIGTERM');
  const { code, stderr } = await ended;
  const rows = csvObjects(await readFile(join(cwd, 'out.csv.part'), 'utf8'));
  t.deepEqual(
    rows.map(({ id, fetch_error: error }) => `${id} ${error}`).toSorted((a, b) => a.localeCompare(b)),
    ['1 '],
  );
  t.regex(stderr, /1 rows in [^\n]+; they are in out\.csv\.part; go on with --resume\n$/);
  t.is(await readFile(join(cwd, 'out.csv'), 'utf8'), 'old\n');
  t.is(code, 143);
  const summary = JSON.parse(await readFile(join(cwd, 'summary.json'), 'utf8')) as Record<string, unknown>;
  t.like(summary, { outcome: 'stopped', stoppedBy: 'signal', rows: 1, byFailure: {} });
});

test('a signal before the first row leaves no file behind', async (t) => {
  const cwd = await temporaryFolder(t);
  const child = runningUrlmill(t, ['--progress', 'always', '-o', 'out.csv'], { cwd, inputStaysOpen: true });
  const ended = endOf(child);
  // The progress line shows that the run has begun.
  await once(child.stderr, 'data');
  t.deepEqual((await readdir(cwd)).toSorted(), ['out.csv.journal', 'out.csv.part']);
  child.kill('SIGINT');
  const { code } = await ended;
  t.deepEqual(await readdir(cwd), []);
  t.is(code, 130);
});

const asked = test.macro({
  exec: async (t, args: readonly string[]) => {
    const server = await httpServer(t, ({ url }, response) => {
      if (url === '/1') response.end('ok');
    });
    const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 3) });
    const child = runningUrlmill(t, [...args, 'in.csv'], { cwd });
    await server.requested(3);
    await hasRows(child.stdout, 1);
    for (const signal of ['SIGUSR1', 'SIGUSR1'] as const) {
      child.kill(signal);
      const [line] = (await once(child.stderr, 'data')) as [Buffer];
      // Node must not say that its debugger is listening.
      t.regex(String(line), /^urlmill: 1\/~?3 rows, \d+\/s, 0 failed, ETA \d+:\d\d\n$/);
    }
    const ended = endOf(child);
    child.kill('SIGTERM');
    t.is((await ended).code, 143);
  },
  title: (_, args: readonly string[]) => `SIGUSR1 asks for the progress line: ${args.join(' ')}`,
});

test(asked, ['--progress', 'auto']);
test(asked, ['--progress', 'never']);
test(asked, ['-q']);

test('SIGUSR1 opens no debugger before the run begins', async (t) => {
  const cwd = await temporaryFolder(t);
  await promisify(execFile)('mkfifo', ['config.json'], { cwd });
  const child = runningUrlmill(t, ['--config', 'config.json', 'missing.csv'], { cwd });
  const ended = endOf(child);
  // Opening the pipe waits until the command opens it for reading; the command then reads until it is closed.
  const said = await open(join(cwd, 'config.json'), 'w');
  child.kill('SIGUSR1');
  await said.close();
  const { code, stderr } = await ended;
  t.is(stderr, 'urlmill: --config: config.json is not JSON\n');
  t.is(code, 2);
});
