import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { csvObjects } from '../helpers/csv.ts';
import { closedPort, httpServer } from '../helpers/server.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { leftovers, list, onlyTo, rowsOf, stoppableServer } from './stopped-runs.ts';

/** Runs a command in the environment that cron provides, without any other variable. */
const asCron = 'env -i PATH=/usr/bin:/bin LANG=C SHELL=/bin/sh LOGNAME=web "$@"';

const silent = test.macro({
  exec: async (t, line: string) => {
    const server = await httpServer(t, (_, response) => response.end('ok'));
    const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 3), 'out.csv': 'old\n' });
    const { code, stdout, stderr } = await shell(line, ['-q', '--resume', '-o', 'out.csv', 'in.csv'], {
      cwd,
    });
    t.is(stdout, '');
    t.is(stderr, '');
    t.deepEqual(await rowsOf(cwd, 'out.csv', 'fetch_status'), ['1 200', '2 200', '3 200']);
    t.deepEqual(await leftovers(cwd), []);
    t.is(code, 0);
  },
  title: (what) => `${what}: with -q nothing is said, and the file is whole`,
});

test('the environment of cron', silent, asCron);
test('no environment at all', silent, 'env -i "$@"');
test('standard input closed', silent, `${asCron} <&-`);
test('standard output closed', silent, `${asCron} >&-`);
test('standard error closed', silent, `${asCron} 2>&-`);
test('all three closed', silent, `${asCron} <&- >&- 2>&-`);
test('no terminal and no session', silent, `exec setsid -w ${asCron} </dev/null`);

test('all into a log file: with -q it stays empty', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 3) });
  await shell(`${asCron} > log 2>&1`, ['-q', '-o', 'out.csv', 'in.csv'], { cwd });
  t.is(await readFile(join(cwd, 'log'), 'utf8'), '');
});

test('text that LANG=C does not know comes through unchanged', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end('<title>Mühle – 製粉</title>');
  });
  const cwd = await temporaryFolder(t, { 'in.csv': `name,url\nZoë,${server.url}/\n` });
  const args = ['-q', '--extract', 'title', '-o', 'out.csv', 'in.csv'];
  t.is((await shell(asCron, args, { cwd })).code, 0);
  const [row] = csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8'));
  t.like(row, { name: 'Zoë', fetch_title: 'Mühle – 製粉' });
});

/** A failing run reports the error in one line, even with -q. */
async function failsWith(t: ExecutionContext, args: readonly string[], code: number): Promise<string> {
  const url = `http://127.0.0.1:${await closedPort()}`;
  const cwd = await temporaryFolder(t, { 'in.csv': list(url, 2), 'out.csv': 'old\n' });
  const ended = await shell(asCron, ['-q', '--retries', '0', '--max-wait', '1ms', ...args], { cwd });
  t.is(ended.code, code, ended.stderr);
  t.regex(ended.stderr, /^urlmill: [^\n]+\n$/);
  return ended.stderr;
}

test('too many failures: one line', async (t) => {
  t.regex(await failsWith(t, ['--fail-on', '50', '-o', 'out.csv', 'in.csv'], 5), /2 of 2 rows have failed/);
});

test('a list that is not there: one line', async (t) => {
  t.regex(await failsWith(t, ['-o', 'out.csv', 'gone.csv'], 3), /gone\.csv/);
});

test('a folder that is not there: one line', async (t) => {
  t.regex(await failsWith(t, ['-o', 'gone/out.csv', 'in.csv'], 4), /gone\/out\.csv/);
});

test('a wrong option: one line', async (t) => {
  t.regex(await failsWith(t, ['--fail-on', 'x', '-o', 'out.csv', 'in.csv'], 2), /--fail-on/);
});

test('a run that a limit ends says so in one line, and is gone on with silently', async (t) => {
  const server = await stoppableServer(t, onlyTo('/1'));
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 3) });
  const args = ['-q', '--resume', '-o', 'out.csv', 'in.csv'];
  const limit = ['--time-limit', '1s', '--grace', '1ms', '-c', '1'];
  const stopped = await shell(asCron, [...limit, ...args], { cwd });
  t.is(stopped.code, 6);
  t.regex(
    stopped.stderr,
    /^urlmill: stopped early by --time-limit: \d rows in [^\n]+; go on with --resume\n$/,
  );
  server.heal();
  t.like(await shell(asCron, args, { cwd }), { code: 0, stderr: '' });
  t.deepEqual(await rowsOf(cwd, 'out.csv', 'fetch_status'), ['1 200', '2 200', '3 200']);
});
