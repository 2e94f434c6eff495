import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { givenTime } from '../helpers/given-time.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { holdingServer, killedAt, list, odd, resumed } from './resuming.ts';

const hanging = `export default { columns: ['m'], process({ text }) {
  return { m: /^(a+)+$/.test(text()) ? 'a' : text() };
} };`;

const timesOut = test.macro({
  exec: async (t, args: readonly string[], column: string) => {
    const server = await httpServer(t, ({ url }, response) => {
      response.end(url.endsWith('0') ? `${'a'.repeat(40)}!` : `body ${url}`);
    });
    const cwd = await temporaryFolder(t, { 'in.csv': list(server, 30), 'm.mjs': hanging });
    const all = ['-q', '--columns', 'status,error', ...args, 'in.csv'];
    let before = 0;
    const { code, stdout, stderr } = await givenTime(
      async (time) => {
        before = server.requests.length;
        return urlmill(['--process-timeout', `${time}ms`, ...all], { cwd });
      },
      (ended) => ended.stdout.split('process-timeout').length <= 4,
    );
    const rows = csvObjects(stdout).toSorted((a, b) => Number(a['id']) - Number(b['id']));
    t.deepEqual(
      rows.map((row) => [row['fetch_status'], row['fetch_error'], row[column]]),
      Array.from({ length: 30 }, (_, i) =>
        i % 10 === 9 ? ['200', 'process-timeout', ''] : ['200', '', `body /${i + 1}`],
      ),
    );
    t.deepEqual([code, stderr], [0, '']);
    // No page was fetched again because of the timeout.
    t.is(server.requests.length - before, 30);
  },
  title: (what) => `a body on which it backtracks for ever is process-timeout: ${what}`,
});

test('--module', timesOut, ['--module', 'm.mjs'], 'm');
test('--module, several threads', timesOut, ['--module', 'm.mjs', '--threads', '3'], 'm');
test('--regex', timesOut, ['--regex', 'r=^(?:(?:a+)+|body.*)$'], 'r');

test('with --threads the rows are those of one thread, in order where that is asked for', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    response.setHeader('content-type', 'text/html').end(`<title>${url}</title><a href=x>`);
  });
  const cwd = await temporaryFolder(t, { 'in.csv': list(server, 200) });
  const args = ['-q', '--ordered', '--columns', 'status', '--extract', 'title,links,sha256', 'in.csv'];
  const [one, two] = await Promise.all([
    urlmill(['--threads', '1', ...args], { cwd }),
    urlmill(['--threads', '2', ...args], { cwd }),
  ]);
  t.is(csvObjects(one.stdout).length, 200);
  t.deepEqual(two, one);
});

test('a run with threads that was killed is gone on with, each row once', async (t) => {
  const server = await holdingServer(t, odd);
  const cwd = await temporaryFolder(t, {
    'in.csv': list(server, 11),
    'm.mjs': `export default { columns: ['m'], process: ({ text }) => ({ m: text() }) };`,
  });
  const options = ['--threads', '2', '--module', 'm.mjs', '--extract', 'sha256'];
  const args = ['--columns', 'status,error', '--per-host', '20', ...options, 'in.csv'];
  t.like(await killedAt(t, 5, { cwd, args }), { signal: 'SIGKILL' });
  server.release();
  t.is((await resumed({ cwd, args })).code, 0);
  const rows = csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8'));
  t.deepEqual(
    rows.map(({ id, m }) => [Number(id), m]).toSorted(([a], [b]) => Number(a) - Number(b)),
    Array.from({ length: 11 }, (_, i) => [i + 1, `<title>/${i + 1}</title>`]),
  );
  t.true([...server.counts()].filter(([url]) => !odd({ url })).every(([, count]) => count === 1));
});

test('per-host limits hold however many threads there are', async (t) => {
  let now = 0;
  let most = 0;
  const server = await httpServer(t, (_, response) => {
    most = Math.max(most, ++now);
    setTimeout(() => {
      now--;
      response.end('x');
    }, 5);
  });
  const cwd = await temporaryFolder(t, {
    'in.csv': list(server, 60),
    'm.mjs': `export default { columns: ['m'], process({ row }) { if (row.id === '9') process.exit(); return {}; } };`,
  });
  const args = ['-q', '--threads', '4', '--per-host', '3', '--module', 'm.mjs', 'in.csv'];
  const { code, stdout } = await urlmill(args, { cwd });
  t.is(code, 0);
  t.is(csvObjects(stdout).length, 60);
  t.true(most >= 1 && most <= 3, `${most} at once`);
});

test('a run whose threads hang can be ended', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('x'));
  const cwd = await temporaryFolder(t, {
    'in.csv': list(server, 3),
    'm.mjs': `export default { columns: ['m'], process({ row }) {
      if (row.id !== '1') for (;;); return { m: 'done' };
    } };`,
  });
  const args = ['-q', '--module', 'm.mjs', '--max-failures', '1', '--grace', '1ms'];
  // A limit ends the run in the same way: the first row has no URL, and so fails at once.
  const input = `id,url\n0,\n${list(server, 3).split('\n').slice(1).join('\n')}`;
  const { code, stdout } = await urlmill([...args, '--process-timeout', '1h'], { cwd, input });
  t.is(code, 6);
  t.true(csvObjects(stdout).every(({ m, fetch_error: error }) => m === 'done' || error !== ''));
});

const refused = test.macro({
  exec: async (t, args: readonly string[], message: string) => {
    const cwd = await temporaryFolder(t, { 'in.csv': 'url\n' });
    const { code, stderr } = await urlmill([...args, 'in.csv'], { cwd });
    t.deepEqual([code, stderr], [2, `urlmill: ${message}\n`]);
  },
  title: (what) => `${what} is refused with code 2`,
});

test(
  '--threads 0',
  refused,
  ['--threads', '0'],
  '--threads: auto or a whole number of at least 1 is needed, got "0"',
);
test(
  '--threads many',
  refused,
  ['--threads', 'many'],
  '--threads: auto or a whole number of at least 1 is needed, got "many"',
);
test(
  '--process-timeout 0',
  refused,
  ['--process-timeout', '0s'],
  '--process-timeout: a duration like 500ms, 30s, 5m or 6h is needed, got "0s"',
);
test(
  '--module-option alone',
  refused,
  ['--module-option', 'a=b'],
  '--module-option: there is no --module that could be told it',
);
test(
  '--module-option without a name',
  refused,
  ['--module-option', '=secret'],
  '--module-option: NAME=VALUE is needed',
);
test(
  '--save-format alone',
  refused,
  ['--save-format', 'warc'],
  '--save-format: name a folder by --save-bodies DIR',
);
