import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { runningUrlmill } from '../helpers/running.ts';
import { httpServer } from '../helpers/server.ts';
import type { Answer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { leftovers, list, onlyTo, resumes, rowsOf, says, stoppableServer } from './stopped-runs.ts';

test('--time-limit ends a run early with code 6, and --resume goes on', async (t) => {
  const server = await stoppableServer(t, onlyTo('/1', '/2'));
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 6), 'out.csv': 'old\n' });
  const args = ['--time-limit', '2s', '--grace', '1ms', '-c', '2', '-o', 'out.csv', 'in.csv'];
  const { code, stderr } = await urlmill(args, { cwd });
  t.is(code, 6);
  t.regex(stderr, /^urlmill: stopped early by --time-limit: [^\n]+; go on with --resume\n$/);
  t.is(await readFile(join(cwd, 'out.csv'), 'utf8'), 'old\n');
  server.heal();
  await resumes(t, [], { cwd, rows: 6 });
});

test('--time-limit on the way to standard output: the rows are there, those in flight cancelled', async (t) => {
  const server = await httpServer(t, onlyTo('/1', '/2'));
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 6) });
  const { code, stdout, stderr } = await urlmill(
    ['--time-limit', '2s', '--grace', '1ms', '-c', '2', 'in.csv'],
    { cwd },
  );
  t.is(code, 6);
  t.regex(stderr, /^urlmill: stopped early by --time-limit: [^\n]+; the other rows were not fetched\n$/);
  const rows = csvObjects(stdout);
  t.true(rows.length <= 4, `${rows.length} rows`);
  for (const { id, fetch_error: error } of rows)
    t.true(error === 'cancelled' || (error === '' && Number(id) <= 2), id);
});

test('a --time-limit that is not reached changes nothing, and is not waited for', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 3) });
  const args = ['-q', '--time-limit', '6h', '--max-failures', '1', '-o', 'out.csv', 'in.csv'];
  t.like(await urlmill(args, { cwd }), { code: 0, stderr: '' });
  t.deepEqual(await rowsOf(cwd, 'out.csv'), ['1', '2', '3']);
});

test('a --time-limit that is over at once leaves all rows to the resume', async (t) => {
  const server = await stoppableServer(t, () => {});
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 3) });
  const args = ['--time-limit', '1ms', '--grace', '1ms', '-o', 'out.csv', 'in.csv'];
  t.is((await urlmill(args, { cwd })).code, 6);
  t.deepEqual(await leftovers(cwd), []);
  server.heal();
  await resumes(t, [], { cwd, rows: 3 });
});

test('a signal in the grace of a limit: the code is that of the signal', async (t) => {
  const held: (() => void)[] = [];
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/1') held.push(() => response.end('x'.repeat(2000)));
  });
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 3) });
  const args = ['--max-failures', '1', '--fail-on', '0', '--max-body', '1kB', '--grace', '6h', 'in.csv'];
  const child = runningUrlmill(t, ['--progress', 'always', ...args], { cwd });
  const [[code]] = await Promise.all([
    once(child, 'close') as Promise<[number]>,
    (async () => {
      await server.requested(3);
      held[0]?.();
      await says(child.stderr, ', 1 failed');
      // Hanging rows keep the run in its grace. The first signal it sees is counted, the second ends it;
      // signals that arrive together count as one, so they are repeated.
      const again = setInterval(() => child.kill('SIGTERM'), 50);
      t.teardown(() => clearInterval(again));
    })(),
  ]);
  t.is(code, 143);
});

/** Answers rows with these statuses; rows not listed hang. */
function statuses(byRow: Readonly<Record<string, number>>): Answer {
  return ({ url }, response) => {
    const status = byRow[url.slice(1)];
    if (status !== undefined) response.writeHead(status).end('x');
  };
}

test('--max-failures counts failure codes and statuses from 400, and a resume counts anew', async (t) => {
  const first = { 1: 200, 2: 404, 4: 500 };
  const second = { 5: 200, 6: 410, 7: 403, 8: 200 };
  let now: Readonly<Record<string, number>> = first;
  const server = await httpServer(t, (request, response) => statuses(now)(request, response));
  const rows = list(server.url, 8).replace(`3,${server.url}/3`, '3,mailto:a@example.org');
  const cwd = await temporaryFolder(t, { 'in.csv': rows });
  const args = [
    '--max-failures',
    '3',
    '--retries',
    '0',
    '--grace',
    '1ms',
    '-c',
    '1',
    '-o',
    'out.csv',
    'in.csv',
  ];
  const stopped = await urlmill(args, { cwd });
  t.is(stopped.code, 6);
  t.regex(
    stopped.stderr,
    /^urlmill: stopped early by --max-failures: 4 rows in [^\n]+; go on with --resume\n$/,
  );
  t.deepEqual(await rowsOf(cwd, 'out.csv.part', 'fetch_status'), ['1 200', '2 404', '3', '4 500']);
  now = second;
  const resumed = await urlmill(['--resume', ...args], { cwd });
  t.is(resumed.code, 0, resumed.stderr);
  t.deepEqual(await rowsOf(cwd, 'out.csv', 'fetch_status'), [
    '1 200',
    '2 404',
    '3',
    '4 500',
    '5 200',
    '6 410',
    '7 403',
    '8 200',
  ]);
});

test('too many failures are too many also when the last row is the last of them', async (t) => {
  const server = await httpServer(t, statuses({ 1: 404, 2: 404 }));
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 2), 'out.csv': 'old\n' });
  const args = ['--max-failures', '2', '-o', 'out.csv', 'in.csv'];
  t.is((await urlmill(args, { cwd })).code, 6);
  t.is(await readFile(join(cwd, 'out.csv'), 'utf8'), 'old\n');
  // Nothing is left to fetch, so --resume just completes the file.
  t.is((await urlmill(['--resume', ...args], { cwd })).code, 0);
  t.deepEqual(await rowsOf(cwd, 'out.csv', 'fetch_status'), ['1 404', '2 404']);
  t.is(server.requests.length, 2);
});

test('--max-failures does not count what --retry-failed copies', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const gone = Array.from({ length: 5 }, (_, i) => `${server.url}/${i},404,\n`).join('');
  const cwd = await temporaryFolder(t, {
    'old.csv': `url,fetch_status,fetch_error\n${gone}${server.url}/late,,timeout\n`,
  });
  const { code, stdout } = await urlmill(['-q', '--max-failures', '2', '--retry-failed', 'old.csv'], { cwd });
  const found = csvObjects(stdout).map(({ fetch_status: status }) => status);
  t.is(found.filter((status) => status === '404').length, 5);
  t.is(found.filter((status) => status === '200').length, 1);
  t.is(code, 0);
});

test('--max-failures ends a run before --fail-on is looked at', async (t) => {
  const server = await httpServer(t, statuses({ 1: 404 }));
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 5) });
  const args = ['-q', '--max-failures', '1', '--fail-on', '0', '--grace', '1ms', '-c', '1', 'in.csv'];
  const { code, stderr } = await urlmill(args, { cwd });
  t.is(code, 6);
  t.regex(stderr, /^urlmill: stopped early by --max-failures: [^\n]+\n$/);
});

const wrong = test.macro({
  exec: async (t, option: string, value: string, reason: RegExp) => {
    const cwd = await temporaryFolder(t, { 'in.csv': 'url\nhttp://127.0.0.1:9/\n' });
    const { code, stdout, stderr } = await urlmill([`${option}=${value}`, 'in.csv'], { cwd });
    t.regex(stderr, reason);
    t.true(stderr.includes(option) && stderr.split('\n').length === 2, stderr);
    t.is(stdout, '');
    t.is(code, 2);
  },
  title: (_, option: string, value: string) => `${option} ${value} ends with code 2`,
});

const needsDuration = /a duration like 500ms, 30s, 5m or 6h is needed/;
test(wrong, '--grace', '0s', needsDuration);
test(wrong, '--grace', 'soon', needsDuration);
test(wrong, '--time-limit', '-1s', needsDuration);
// Longer than the longest timer of Node, which would fire at once.
test(wrong, '--time-limit', '600h', needsDuration);
test(wrong, '--max-failures', '0', /a whole number of at least 1 is needed/);
test(wrong, '--max-failures', '10%', /a whole number of at least 1 is needed/);
