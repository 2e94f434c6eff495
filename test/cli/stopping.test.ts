import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { csvObjects } from '../helpers/csv.ts';
import { givenTime } from '../helpers/given-time.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { leftovers, list, onlyTo, resumes, rowsOf, says, stoppableServer } from './stopped-runs.ts';

const stops = test.macro({
  exec: async (t, signal: NodeJS.Signals, code: number) => {
    const server = await stoppableServer(t, onlyTo('/2', '/4'));
    const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 9), 'out.csv': 'old\n' });
    const child = runningUrlmill(t, ['--grace', '10ms', '-c', '3', '-o', 'out.csv', 'in.csv'], { cwd });
    const ended = endOf(child);
    await server.requested(5);
    child.kill(signal);
    const { stderr, stdout, ...how } = await ended;
    t.deepEqual(how, { code, signal: null });
    t.is(stdout, '');
    t.regex(
      stderr,
      /^urlmill: stopped early: 2 rows in [^\n]+: 2 ok, 0 failed; they are in out\.csv\.part; go on with --resume\n$/,
    );
    t.deepEqual(await rowsOf(cwd, 'out.csv.part', 'fetch_status'), ['2 200', '4 200']);
    t.is(await readFile(join(cwd, 'out.csv'), 'utf8'), 'old\n');
    server.heal();
    await resumes(t, [], { cwd, rows: 9 });
    // Rows that were in flight are requested again; those that were done are not.
    t.is(server.requests.length, 5 + 7);
  },
  title: (_, signal: string) => `after ${signal} FILE.part can be resumed, and nothing is cancelled for good`,
});

test(stops, 'SIGINT', 130);
test(stops, 'SIGTERM', 143);
test(stops, 'SIGHUP', 129);

test('a row that ends within the grace is written, one that does not is fetched by the resume', async (t) => {
  const held: (() => void)[] = [];
  const server = await stoppableServer(t, ({ url }, response) => {
    if (url === '/1') held.push(() => response.end('ok'));
  });
  const files = { 'in.csv': list(server.url, 5) };
  /** The folder of a run that was stopped while its first row needed some time after the signal. */
  const stopped = async (grace: number): Promise<string> => {
    const cwd = await temporaryFolder(t, files);
    const before = server.requests.length;
    const args = ['--grace', `${grace}ms`, '-c', '2', '-o', 'out.csv', 'in.csv'];
    const child = runningUrlmill(t, args, { cwd });
    const ended = endOf(child);
    await server.requested(before + 2);
    child.kill('SIGINT');
    setTimeout(() => held.pop()?.(), 200);
    t.is((await ended).code, 130);
    return cwd;
  };
  const cwd = await givenTime(stopped, (folder) => existsSync(join(folder, 'out.csv.part')));
  t.deepEqual(await rowsOf(cwd, 'out.csv.part', 'fetch_status'), ['1 200']);
  const before = server.requests.length;
  server.heal();
  await resumes(t, [], { cwd, rows: 5 });
  t.is(server.requests.length, before + 4);
});

test('without --grace a row that needs a second and a half more is written', async (t) => {
  // The default grace is five seconds. A machine so busy that it uses up the rest of them gets another try.
  const isWritten = async (): Promise<boolean> => {
    const server = await stoppableServer(t, ({ url }, response) => {
      if (url === '/1') setTimeout(() => response.end('ok'), 1500);
    });
    const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 3) });
    const child = runningUrlmill(t, ['-c', '1', '-o', 'out.csv', 'in.csv'], { cwd });
    const ended = endOf(child);
    await server.requested(1);
    child.kill('SIGINT');
    t.is((await ended).code, 130);
    if (!existsSync(join(cwd, 'out.csv.part'))) return false;
    t.deepEqual(await rowsOf(cwd, 'out.csv.part', 'fetch_status'), ['1 200']);
    return true;
  };
  t.true((await isWritten()) || (await isWritten()) || (await isWritten()));
});

test('a run that has nothing in flight does not wait for the grace', async (t) => {
  const server = await stoppableServer(t, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 3) });
  const args = ['--grace', '6h', '--rate', '1/h', '-o', 'out.csv', 'in.csv'];
  const child = runningUrlmill(t, ['--progress', 'always', ...args], { cwd });
  const ended = endOf(child);
  await says(child.stderr, ': 1/');
  child.kill('SIGTERM');
  t.is((await ended).code, 143);
  t.deepEqual(await rowsOf(cwd, 'out.csv.part'), ['1']);
});

test('a second signal ends the run at once, and it can be resumed', async (t) => {
  const server = await stoppableServer(t, onlyTo('/1', '/2'));
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 6) });
  const child = runningUrlmill(t, ['--grace', '6h', '-c', '2', '-o', 'out.csv', 'in.csv'], { cwd });
  const ended = endOf(child);
  await server.requested(4);
  // Signals that come before the first one is seen count as one, so they are repeated.
  const again = setInterval(() => child.kill('SIGINT'), 50);
  const { stderr, ...how } = await ended;
  clearInterval(again);
  t.like(how, { code: 130, signal: null });
  t.is(stderr, 'urlmill: ended at once by a second signal; go on with --resume\n');
  t.deepEqual(await leftovers(cwd), ['out.csv.journal', 'out.csv.part']);
  server.heal();
  await resumes(t, [], { cwd, rows: 6 });
});

test('the code is that of the signal that ended the run', async (t) => {
  const server = await stoppableServer(t, () => {});
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 1) });
  const child = runningUrlmill(t, ['--grace', '6h', '-o', 'out.csv', 'in.csv'], { cwd });
  const ended = endOf(child);
  await server.requested(1);
  child.kill('SIGHUP');
  const again = setInterval(() => child.kill('SIGTERM'), 50);
  const { code } = await ended;
  clearInterval(again);
  t.true(code === 143 || code === 129, `${code}`);
});

test('a row that waits for another attempt is left to the resume', async (t) => {
  const server = await stoppableServer(t, ({ url }, response) => {
    if (url === '/1') response.writeHead(503, { 'retry-after': '60' }).end();
  });
  const rows = 'id,url\n1,http://a.test/1\n2,http://b.test/2\n';
  const cwd = await temporaryFolder(t, { 'in.csv': rows });
  const to = ['--connect-to', `::127.0.0.1:${server.port}`];
  const args = ['--grace', '10ms', '-c', '1', ...to, '-o', 'out.csv', 'in.csv'];
  const child = runningUrlmill(t, args, { cwd });
  const ended = endOf(child);
  // There is only one slot: when the second row is requested, the first one is waiting for its retry.
  await server.requested(2);
  child.kill('SIGINT');
  const { code, stderr } = await ended;
  t.is(code, 130);
  // The message names no file, because there is none.
  t.regex(stderr, /^urlmill: stopped early: 0 rows in [^\n]+: 0 ok, 0 failed; go on with --resume\n$/);
  t.deepEqual(await leftovers(cwd), []);
  server.heal();
  await resumes(t, to, { cwd, rows: 2 });
});

test('a signal in the middle of a line takes no part of a line for a row', async (t) => {
  const server = await stoppableServer(t, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t);
  const child = runningUrlmill(t, ['--columns', 'error'], { cwd, inputStaysOpen: true });
  child.stdin.write(`${list(server.url, 2)}3,${server.url}/3`);
  await server.requested(2);
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  while (stdout.split('\n').length < 4) await once(child.stdout, 'data');
  child.kill('SIGINT');
  const [code] = (await once(child, 'close')) as [number];
  t.is(code, 130);
  t.deepEqual(
    csvObjects(stdout).map(({ id }) => id),
    ['1', '2'],
  );
});

test('a signal when all rows are in flight and end in time: the file is whole, and the code 0', async (t) => {
  const held: (() => void)[] = [];
  const server = await stoppableServer(t, (_, response) => void held.push(() => response.end('ok')));
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 3) });
  const said = ['--progress', 'always', '--grace', '10m', '--summary', 'summary.json'];
  const args = [...said, '-o', 'out.csv', 'in.csv'];
  const child = runningUrlmill(t, args, { cwd });
  const ended = endOf(child);
  await server.requested(3);
  // The number of rows is exact once the end of the input has been read.
  await says(child.stderr, '0/3 rows');
  child.kill('SIGINT');
  setTimeout(() => {
    for (const end of held) end();
  }, 300);
  const { code, stderr } = await ended;
  t.regex(stderr, /urlmill: 3 rows in [^\n]+: 3 ok, 0 failed\n$/);
  t.deepEqual(await rowsOf(cwd, 'out.csv', 'fetch_status'), ['1 200', '2 200', '3 200']);
  t.deepEqual(await leftovers(cwd), []);
  t.like(JSON.parse(await readFile(join(cwd, 'summary.json'), 'utf8')), { outcome: 'done', stoppedBy: null });
  t.is(code, 0);
});

test('a signal whose reader goes away too ends with the code of the signal', async (t) => {
  const server = await stoppableServer(t, () => {});
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 3) });
  const child = runningUrlmill(t, ['--grace', '300ms', 'in.csv'], { cwd });
  await server.requested(3);
  child.kill('SIGINT');
  child.stdout.destroy();
  const [code] = (await once(child, 'close')) as [number];
  t.is(code, 130);
});

test('under nohup SIGHUP passes over', async (t) => {
  const held: (() => void)[] = [];
  const server = await stoppableServer(t, ({ url }, response) => {
    if (url === '/1') held.push(() => response.end('ok'));
    else response.end('ok');
  });
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 4) });
  const environment = { _: '/usr/bin/nohup' };
  const child = runningUrlmill(t, ['-c', '1', '-q', '-o', 'out.csv', 'in.csv'], { cwd, environment });
  const ended = endOf(child);
  await server.requested(1);
  child.kill('SIGHUP');
  // If SIGHUP were not ignored, the rows after the first would not begin.
  setTimeout(() => held[0]?.(), 300);
  const { code, stderr } = await ended;
  t.is(stderr, '');
  t.deepEqual(await rowsOf(cwd, 'out.csv'), ['1', '2', '3', '4']);
  t.is(code, 0);
});

test('under nohup the other signals stop the run', async (t) => {
  const server = await stoppableServer(t, () => {});
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 2) });
  const settings = { cwd, environment: { _: '/usr/bin/nohup' } };
  const child = runningUrlmill(t, ['--grace', '1ms', '-o', 'out.csv', 'in.csv'], settings);
  const ended = endOf(child);
  await server.requested(2);
  child.kill('SIGTERM');
  t.is((await ended).code, 143);
});
