import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { holdingServer, killedAt, outputOf, resumed } from './resuming.ts';

test('--once asks once for what stands in several rows, and says whose result a row has', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('<title>a page</title>'));
  const cwd = await temporaryFolder(t, {
    'in.txt': [1, 2, 1, 1].map((n) => `${server.url}/${n}\n`).join(''),
  });
  const args = [
    '--once',
    '--ordered',
    '--columns',
    'status,bytes,redirects,attempts,row,same_as',
    '--extract',
    'title',
  ];
  const { code, stdout, stderr } = await urlmill(['-q', ...args, 'in.txt'], { cwd });
  t.deepEqual([code, stderr], [0, '']);
  t.is(
    stdout,
    `url,fetch_status,fetch_bytes,fetch_redirects,fetch_attempts,fetch_row,fetch_same_as,fetch_title
${server.url}/1,200,21,0,1,1,,a page
${server.url}/2,200,21,0,1,2,,a page
${server.url}/1,200,21,0,0,3,1,a page
${server.url}/1,200,21,0,0,4,1,a page
`,
  );
  t.is(server.requests.length, 2);
});

test('--once-memory bounds what is kept for later rows', async (t) => {
  const server = await httpServer(t, (_, response) => response.end(`<title>${'x'.repeat(1000)}</title>`));
  const urls = Array.from({ length: 40 }, (_, i) => `${server.url}/${i % 20}\n`);
  const cwd = await temporaryFolder(t, { 'in.txt': urls.join('') });
  const args = ['-q', '--once', '--concurrency', '1', '--look-ahead', '1', '--extract', 'title'];
  const all = await urlmill([...args, '--once-memory', '1MB', 'in.txt'], { cwd });
  t.is(all.code, 0);
  t.is(server.requests.length, 20);
  const few = await urlmill([...args, '--once-memory', '10kB', 'in.txt'], { cwd });
  t.is(few.code, 0);
  t.is(few.stdout.split('\n').length, all.stdout.split('\n').length);
  t.is(server.requests.length, 60);
});

test('a body that several rows share is counted once', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('12345'));
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}/\n${server.url}/\n${server.url}/\n` });
  await urlmill(['-q', '--once', '--summary', 'summary.json', '-o', 'out.csv', 'in.txt'], { cwd });
  const { rows, bytes } = JSON.parse(await outputOf(`${cwd}/summary.json`)) as Record<string, unknown>;
  t.deepEqual({ rows, bytes }, { rows: 3, bytes: 5 });
});

test('a run with --once that is killed has every row once when it has gone on', async (t) => {
  // When the run is killed, the rows with even URLs are committed.
  const server = await holdingServer(t, ({ url }) => Number(url.slice(1)) % 2 === 1);
  const urls = Array.from({ length: 60 }, (_, i) => `${i + 1},${server.url}/${i % 6}\n`);
  const cwd = await temporaryFolder(t, { 'in.csv': `id,url\n${urls.join('')}` });
  const args = ['--once', '--columns', 'status,attempts,row,same_as', 'in.csv'];
  await killedAt(t, 30, { cwd, args });
  server.release();
  const { code } = await resumed({ cwd, args });
  t.is(code, 0);
  const rows = csvObjects(await outputOf(`${cwd}/out.csv`));
  t.deepEqual(
    rows.map(({ id }) => Number(id)).toSorted((a, b) => a - b),
    urls.map((_, i) => i + 1),
  );
  t.true(rows.every(({ fetch_status, id, fetch_row }) => fetch_status === '200' && id === fetch_row));
  // Each URL was fetched once, for all rows that had no result at that time.
  t.is(rows.filter(({ fetch_attempts }) => fetch_attempts === '1').length, 6);
  t.true(
    rows.every(({ fetch_attempts, fetch_same_as }) => (fetch_attempts === '0') === (fetch_same_as !== '')),
  );
});
