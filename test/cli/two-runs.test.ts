import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { run } from '../../src/index.ts';
import { urlmill } from '../helpers/cli.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { leftovers, list, onlyTo, resumes, rowsOf, stoppableServer } from './stopped-runs.ts';

const overlaps = test.macro({
  exec: async (t, args: readonly string[], file: string) => {
    const held: (() => void)[] = [];
    const server = await stoppableServer(t, (_, response) => void held.push(() => response.end('ok')));
    const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 3), 'out.csv': 'old\n' });
    const first = runningUrlmill(t, ['-q', '--resume', '-o', 'out.csv', 'in.csv'], { cwd });
    const ended = endOf(first);
    await server.requested(3);
    const second = await urlmill([...args, '-o', file, 'in.csv'], { cwd });
    t.is(
      second.stderr,
      `urlmill: ${file}: another run (process ${first.pid}) is writing it; wait for its end, or name another file\n`,
    );
    t.is(second.code, 7);
    t.is(server.requests.length, 3);
    t.is(await readFile(join(cwd, 'out.csv'), 'utf8'), 'old\n');
    for (const end of held) end();
    t.like(await ended, { code: 0, stderr: '' });
    t.deepEqual(await rowsOf(cwd, 'out.csv', 'fetch_status'), ['1 200', '2 200', '3 200']);
    // The first run's locks are free now.
    server.heal();
    t.like(await urlmill(['-q', ...args, '-o', file, 'in.csv'], { cwd }), { code: 0, stderr: '' });
    t.deepEqual(await leftovers(cwd), []);
  },
  title: (what) => `while a run goes on, another one into the same file ends with code 7: ${what}`,
});

test('as cron starts it', overlaps, ['--resume'], 'out.csv');
test('without --resume', overlaps, [], 'out.csv');
test('by another path', overlaps, [], './/out.csv');

test('after a run was killed, nothing keeps the next one from its file', async (t) => {
  const server = await stoppableServer(t, onlyTo('/1'));
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 4) });
  const child = runningUrlmill(t, ['-q', '-c', '1', '-o', 'out.csv', 'in.csv'], { cwd });
  const ended = endOf(child);
  await server.requested(2);
  child.kill('SIGKILL');
  t.is((await ended).signal, 'SIGKILL');
  server.heal();
  await resumes(t, [], { cwd, rows: 4 });
});

test('a run that is stopped (SIGSTOP) still has its file', async (t) => {
  const server = await stoppableServer(t, () => {});
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 1) });
  const child = runningUrlmill(t, ['-q', '-o', 'out.csv', 'in.csv'], { cwd });
  await server.requested(1);
  child.kill('SIGSTOP');
  const { code, stderr } = await urlmill(['-q', '-o', 'out.csv', 'in.csv'], { cwd });
  t.regex(stderr, /^urlmill: out\.csv: another run is writing it; [^\n]+\n$/);
  t.is(code, 7);
});

test('two runs into two files of one folder do not disturb one another', async (t) => {
  const server = await stoppableServer(t, () => {});
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 2) });
  const child = runningUrlmill(t, ['-q', '-o', 'a.csv', 'in.csv'], { cwd });
  await server.requested(2);
  server.heal();
  t.like(await urlmill(['-q', '-o', 'b.csv', 'in.csv'], { cwd }), { code: 0, stderr: '' });
  t.deepEqual(await rowsOf(cwd, 'b.csv'), ['1', '2']);
  t.is(child.exitCode, null);
});

test('two runs to standard output need no lock', async (t) => {
  const server = await stoppableServer(t, () => {});
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 2) });
  const child = runningUrlmill(t, ['-q', 'in.csv'], { cwd });
  await server.requested(2);
  server.heal();
  t.like(await urlmill(['-q', 'in.csv'], { cwd }), { code: 0, stderr: '' });
  t.is(child.exitCode, null);
});

test('a call of run() is told of the command that has the file', async (t) => {
  const server = await stoppableServer(t, () => {});
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 1) });
  const child = runningUrlmill(t, ['-q', '-o', 'out.csv', 'in.csv'], { cwd });
  await server.requested(1);
  const output = join(cwd, 'out.csv');
  await t.throwsAsync(run({ input: join(cwd, 'in.csv'), output }), {
    name: 'BusyError',
    message: new RegExp(`another run \\(process ${child.pid}\\) is writing it`),
  });
});
