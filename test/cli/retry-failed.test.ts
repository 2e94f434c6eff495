import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import type { Ended } from '../helpers/cli.ts';
import { csvObjects, csvRecords } from '../helpers/csv.ts';
import { gate } from '../helpers/gate.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { httpServer } from '../helpers/server.ts';
import type { Answer, TestServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

interface Pass extends Ended {
  readonly server: TestServer;
  /** Requested paths, sorted. */
  readonly asked: readonly string[];
  readonly cwd: string;
}

/** A second pass over old.csv, in which `BASE` stands for the server's URL. Retries are off. */
async function pass(
  t: ExecutionContext,
  old: string,
  args: readonly string[] = ['--ordered'],
  answer: Answer = (_, response) => response.end('new'),
): Promise<Pass> {
  const server = await httpServer(t, answer);
  const cwd = await temporaryFolder(t, { 'old.csv': old.replaceAll('BASE', server.url) });
  const ended = await urlmill(['-q', '--retries', '0', '--retry-failed', 'old.csv', ...args], { cwd });
  return { ...ended, server, cwd, asked: server.requests.map(({ url }) => url).toSorted() };
}

const old = [
  'id,url,fetch_status,fetch_error,fetch_ms,fetch_at',
  '1,BASE/1,200,,17,2024-01-01T00:00:00.000Z',
  '2,BASE/2,503,,18,2024-01-01T00:00:00.000Z',
  '3,BASE/3,404,,19,2024-01-01T00:00:00.000Z',
  '4,BASE/4,,connect-refused,20,2024-01-01T00:00:00.000Z',
  '5,BASE/5,200,http-truncated,21,2024-01-01T00:00:00.000Z',
  '',
].join('\n');

test('rows that failed are fetched, the others are copied, in their order', async (t) => {
  const { code, stderr, stdout, asked, server } = await pass(t, old);
  t.is(stderr, '');
  t.is(code, 0);
  t.deepEqual(asked, ['/2', '/4', '/5']);
  const before = old.replaceAll('BASE', server.url).split('\n');
  const after = stdout.split('\n');
  t.deepEqual([after[0], after[1], after[3]], [before[0], before[1], before[3]]);
  t.deepEqual(
    csvObjects(stdout).map(({ id, fetch_status: status, fetch_error: error }) => [id, status, error]),
    [
      ['1', '200', ''],
      ['2', '200', ''],
      ['3', '404', ''],
      ['4', '200', ''],
      ['5', '200', ''],
    ],
  );
  t.true(
    csvObjects(stdout).every(({ fetch_at: at }, i) => at?.startsWith('2024-01') === (i === 0 || i === 2)),
  );
});

test('each status and failure code is fetched again or copied as the option says', async (t) => {
  const again = ['408', '425', '429', '500', '503', '599', '', '600', 'OK', '-1', '200.0', ' 200'];
  const copied = ['200', '204', '301', '304', '400', '401', '404', '410', '418', '451', '499'];
  const rows = [...again, ...copied].map((status) => `BASE/${encodeURIComponent(status)},${status},\n`);
  const { asked } = await pass(t, `url,fetch_status,fetch_error\n${rows.join('')}BASE/x,200,no-such-code\n`);
  t.deepEqual(asked, [...again.map((status) => `/${encodeURIComponent(status)}`), '/x'].toSorted());
});

test('without a column of failure codes the status alone tells', async (t) => {
  const { asked, stdout } = await pass(t, 'url,fetch_status\nBASE/1,200\nBASE/2,500\n');
  t.deepEqual(asked, ['/2']);
  t.deepEqual(csvRecords(stdout)[0], ['url', 'fetch_status']);
});

test('a copied row keeps the text of its cells', async (t) => {
  const cells = ['"a ""b"", c"', '"line\nend"', "' x '", '007', '1e3', 'ä€😀', '=1+1', '"  "'];
  const names = cells.map((_, index) => `c${index}`).join(',');
  const text = `${names},url,fetch_status,fetch_error,fetch_bytes\n${cells.join(',')},x y,200,,0005\n`;
  const { stdout, asked } = await pass(t, text);
  t.deepEqual(asked, []);
  t.deepEqual(csvRecords(stdout), csvRecords(text));
});

const secondIsMissing: Answer = ({ url }, response) =>
  void response.writeHead(url === '/2' ? 404 : 200).end('x');

test('a pass on a pass changes nothing where all has been got', async (t) => {
  const {
    stdout: second,
    cwd,
    server,
  } = await pass(t, old, ['--ordered', '-o', 'second.csv'], secondIsMissing);
  t.is(second, '');
  const args = ['-q', '--ordered', '--retry-failed', 'second.csv', '-o', 'third.csv'];
  const { code } = await urlmill(args, { cwd });
  t.is(code, 0);
  t.is(server.requests.length, 3);
  t.is(await readFile(join(cwd, 'third.csv'), 'utf8'), await readFile(join(cwd, 'second.csv'), 'utf8'));
});

test('a row that fails again has its new failure and nothing of the old one', async (t) => {
  const text = [
    'url,fetch_status,fetch_error,fetch_type,fetch_bytes,fetch_error_detail',
    'BASE/1,503,http-truncated,text/html,17,old words',
    '',
  ].join('\n');
  const { stdout } = await pass(t, text, [], (_, response) => response.destroy());
  const [row] = csvObjects(stdout);
  t.like(row, { fetch_status: '', fetch_error: 'http-closed', fetch_type: '', fetch_bytes: '' });
  t.not(row?.['fetch_error_detail'], 'old words');
});

test('the input may be the output: it is replaced when the new one is whole', async (t) => {
  const { code, cwd, asked } = await pass(t, old, ['--ordered', '-o', 'old.csv']);
  t.is(code, 0);
  t.is(asked.length, 3);
  const after = csvObjects(await readFile(join(cwd, 'old.csv'), 'utf8'));
  t.deepEqual(
    after.map(({ id, fetch_error: error }) => [id, error]),
    ['1', '2', '3', '4', '5'].map((id) => [id, '']),
  );
  t.deepEqual(await readdir(cwd), ['old.csv']);
});

test('a pass that is stopped leaves the result as it is', async (t) => {
  const asked = gate();
  const server = await httpServer(t, ({ url }, response) => {
    if (url !== '/4') response.end('new');
    else asked.open();
  });
  const text = old.replaceAll('BASE', server.url);
  const cwd = await temporaryFolder(t, { 'old.csv': text });
  const child = runningUrlmill(t, ['--retry-failed', 'old.csv', '-o', 'old.csv', '--timeout', '10m'], {
    cwd,
  });
  const ended = endOf(child);
  await asked.opened;
  child.kill('SIGTERM');
  child.kill('SIGINT');
  const { code } = await ended;
  t.true(code === 130 || code === 143, String(code));
  t.is(await readFile(join(cwd, 'old.csv'), 'utf8'), text);
});

test('FILE.part of the output cannot be the input', async (t) => {
  const cwd = await temporaryFolder(t, { 'a.csv.part': 'url,fetch_status\nmailto:a,200\n' });
  const { code, stderr } = await urlmill(['--retry-failed', 'a.csv.part', '-o', 'a.csv'], { cwd });
  t.is(stderr, 'urlmill: --output: a.csv.part is the input; name another file\n');
  t.is(code, 2);
  t.is((await readFile(join(cwd, 'a.csv.part'), 'utf8')).length, 30);
});

test('gzip is read and written, also in place', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('new'));
  const packed = gzipSync(old.replaceAll('BASE', server.url));
  const cwd = await temporaryFolder(t, { 'old.csv.gz': packed });
  const args = ['-q', '--ordered', '--retry-failed', 'old.csv.gz', '-o', 'old.csv.gz'];
  const { code } = await urlmill(args, { cwd });
  t.is(code, 0);
  t.is(server.requests.length, 3);
  const after = csvObjects(gunzipSync(await readFile(join(cwd, 'old.csv.gz'))).toString());
  t.deepEqual(
    after.map(({ fetch_status: status }) => status),
    ['200', '200', '404', '200', '200'],
  );
});

test('a copied row has its place in the order, behind one that takes its time', async (t) => {
  const held = gate();
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/first') void held.opened.then(() => response.end());
    else {
      response.end();
      held.open();
    }
  });
  const rows = Array.from({ length: 500 }, (_, i) => `${server.url}/${i},200\n`).join('');
  const text = `url,fetch_status\n${server.url}/first,500\n${rows}${server.url}/last,500\n`;
  const cwd = await temporaryFolder(t, { 'old.csv': text });
  const { stdout } = await urlmill(['-q', '--ordered', '--retry-failed', 'old.csv'], { cwd });
  t.is(stdout, text.replaceAll(',500', ',200'));
});

test('figures and the last line count copied rows by what they were', async (t) => {
  const { cwd, stderr } = await pass(
    t,
    old,
    ['--no-quiet', '--summary', 'figures.json', '-o', 'new.csv'],
    ({ url }, response) => response.writeHead(url === '/2' ? 503 : 200).end(),
  );
  const figures: unknown = JSON.parse(await readFile(join(cwd, 'figures.json'), 'utf8'));
  t.like(figures, { rows: 5, errors: 0, byStatus: { 200: 3, 404: 1, 503: 1 }, outcome: 'done' });
  t.regex(stderr, /^urlmill: 5 rows in [^:]+: 3 ok, 2 failed \(404: 1, 503: 1\)\n$/);
});
