import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';

import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { sameMany } from '../helpers/same.ts';
import { httpServer } from '../helpers/server.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

test('a reader that has enough ends the run without a trace, with code 141', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const urls = Array.from({ length: 100_000 }, (_, i) => `${server.url}/${i}\n`).join('');
  const cwd = await temporaryFolder(t, { 'in.txt': urls });
  const { stdout, stderr } = await shell('{ "$@"; echo $? > code; } | head -5', ['in.txt'], { cwd });
  t.regex(stdout, /^url,fetch_status,[^\n]+\n(http:[^\n]+,200,[^\n]+Z\n){4}$/);
  t.is(stderr, '');
  t.is(await readFile(join(cwd, 'code'), 'utf8'), '141\n');
  t.true(server.requests.length < 20_000, `${server.requests.length} requests`);
});

test('a reader that has enough ends the run also while requests hang', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url !== '/hangs') response.end('ok');
  });
  const cwd = await temporaryFolder(t);
  const child = runningUrlmill(t, ['--timeout', '10m', '--look-ahead', '5000'], {
    cwd,
    inputStaysOpen: true,
  });
  child.stdin.write(`url\n${server.url}/hangs\n${`${server.url}/\n`.repeat(50)}`);
  await once(child.stdout, 'data');
  child.stdout.destroy();
  child.stdin.write(`${server.url}/\n`.repeat(50));
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  t.is(stderr, '');
  t.is(code, 141);
});

test('a large output comes through a pipe whole', async (t) => {
  const rows = 30_000;
  const list = Array.from({ length: rows }, (_, i) => `${i},mailto:a@example.org,${'x'.repeat(60)}\n`).join(
    '',
  );
  const cwd = await temporaryFolder(t, { 'in.csv': `id,url,text\n${list}` });
  const { code, stdout } = await urlmill(['in.csv'], { cwd });
  t.true(stdout.length > 3_000_000);
  sameMany(
    t,
    csvObjects(stdout).map(({ id }) => Number(id)),
    Array.from({ length: rows }, (_, i) => i),
  );
  t.is(code, 0);
});

test('a large output comes through a pipe whole, however late it is read', async (t) => {
  const list = Array.from({ length: 30_000 }, (_, i) => `${i},mailto:a@example.org,${'x'.repeat(60)}\n`).join(
    '',
  );
  const cwd = await temporaryFolder(t, { 'in.csv': `id,url,text\n${list}` });
  const { stdout } = await shell('"$@" | { sleep 1; cat; }', ['in.csv'], { cwd });
  t.is(csvObjects(stdout).length, 30_000);
});

/** Fetches rows of 5 kB that nobody reads, until the number of requests stops growing. */
const stopsFetching = test.macro({
  exec: async (t, answerTime: number, rows: number) => {
    const server = await httpServer(t, (_, response) => setTimeout(() => response.end('ok'), answerTime));
    const list = Array.from({ length: rows }, (_, i) => `${i},${server.url}/,${'x'.repeat(5000)}\n`).join('');
    const cwd = await temporaryFolder(t, { 'in.csv': `id,url,text\n${list}` });
    const args = ['-q', '--look-ahead', '50', '-c', '20', '--per-host', '20', 'in.csv'];
    const child = runningUrlmill(t, args, { cwd });
    child.stdout.pause();
    await server.requested(100);
    let before = 0;
    while (server.requests.length > before) {
      before = server.requests.length;
      await delay(500);
    }
    t.true(before < rows / 2, `${before} requests`);
    const { code, stdout } = await endOf(child);
    t.is(csvObjects(stdout).length, rows);
    t.is(server.requests.length, rows);
    t.is(code, 0);
  },
  title: (what) => `while nobody reads the output, ${what} fetching stops, and goes on when it is read`,
});

test('quick', stopsFetching, 0, 8000);
test('slow', stopsFetching, 20, 2000);

/** The reader of stderr goes away during the run. */
const losesStderr = test.macro({
  exec: async (t, args: readonly string[]) => {
    const server = await httpServer(t, (_, response) => setTimeout(() => response.end('ok'), 1000));
    const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}\n` });
    const child = runningUrlmill(t, [...args, 'in.txt'], { cwd });
    child.stderr.destroy();
    const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
    t.is(csvObjects(stdout)[0]?.['fetch_status'], '200');
    t.is(code, 0);
  },
  title: (what) => `a reader of stderr that goes away does not end the run, ${what}`,
});

test('with a warning', losesStderr, ['--insecure']);
test('with a progress line', losesStderr, ['--progress', 'always']);

test('stderr may be closed', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.txt': 'mailto:a@example.org\n' });
  const { code, stdout } = await shell('exec "$@" 2>&-', ['in.txt'], { cwd });
  t.is(csvObjects(stdout).length, 1);
  t.is(code, 0);
});
