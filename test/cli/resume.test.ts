import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import test from 'ava';

import type { RunOptions } from '../../src/run.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import {
  holdingServer,
  killedAt,
  list,
  odd,
  outputOf,
  resumed,
  sortedLines,
  undisturbed,
} from './resuming.ts';

/** How a list of eleven rows is read and written. */
interface Shape {
  readonly files?: (list: string) => Readonly<Record<string, string | Buffer>>;
  readonly output?: string;
  readonly options?: Omit<RunOptions, 'input' | 'columns'>;
  readonly args?: readonly string[];
}

/** The server holds the odd rows back, the even ones are committed, and the run is killed and resumed. */
const goesOn = test.macro({
  exec: async (
    t,
    { files = (text) => ({ 'in.csv': text }), output = 'out.csv', options = {}, args: more = [] }: Shape,
  ) => {
    const server = await holdingServer(t, odd);
    const inputs = files(list(server, 11));
    const cwd = await temporaryFolder(t, { ...inputs, [output]: 'old\n' });
    const names = Object.keys(inputs).filter((name) => !name.endsWith('.mjs'));
    const columns = 'status,error,attempts';
    const args = ['--columns', columns, '--per-host', '20', ...more, ...names];
    const killed = await killedAt(t, 5, { cwd, args, output });
    t.like(killed, { code: null, signal: 'SIGKILL' });
    t.is(await readFile(join(cwd, output), 'utf8'), 'old\n');
    server.release();
    const { code, stderr } = await resumed({ cwd, args, output });
    t.regex(stderr, /^urlmill: 11 rows, 5 of them by earlier runs in /);
    t.is(code, 0);
    const text = await outputOf(join(cwd, output));
    const even = [...server.counts()].filter(([url]) => !odd({ url }));
    t.is(even.length, 5);
    t.true(even.every(([, count]) => count === 1));
    t.deepEqual((await readdir(cwd)).toSorted(), [...Object.keys(inputs), output].toSorted());
    const input = names.map((name) => join(cwd, name));
    const expected = await undisturbed(cwd, output, { input, columns, ...options });
    t.deepEqual(sortedLines(text), sortedLines(expected));
  },
  title: (what) => `a killed run is gone on with: ${what}`,
});

test('CSV', goesOn, {});
test('packed', goesOn, { output: 'out.csv.gz' });
test('gzip input, TSV output', goesOn, {
  files: (text) => ({ 'in.csv.gz': gzipSync(text) }),
  output: 'out.tsv',
});
test('brotli input', goesOn, { files: (text) => ({ 'in.csv.br': brotliCompressSync(text) }) });
test('several files', goesOn, {
  files: (text) => {
    const [header, ...rows] = text.trimEnd().split('\n');
    const part = (from: number, to?: number): string => `${[header, ...rows.slice(from, to)].join('\n')}\n`;
    return { 'a.csv': part(0, 3), 'b.csv': part(3, 3), 'c.csv': part(3, 8), 'd.csv': part(8) };
  },
});
test('no header', goesOn, {
  files: (text) => ({ 'in.csv': text.replace('id,url\n', '') }),
  args: ['--no-header'],
  options: { noHeader: true },
});
test('JSON Lines input and output', goesOn, {
  files: (text) => ({
    'in.jsonl': csvObjects(text)
      .map((row) => `${JSON.stringify(row)}\n`)
      .join(''),
  }),
  output: 'out.jsonl',
});
test('one URL a line', goesOn, {
  files: (text) => ({ 'in.txt': text.replace(/^.*,/gm, '').replace(/^url\n/, '') }),
});
test('extractors', goesOn, { args: ['--extract', 'title,sha256'], options: { extract: 'title,sha256' } });
test('rows that wait in a temporary file', goesOn, { args: ['--look-ahead', '10'] });
test('cells with quotes and line breaks', goesOn, {
  files: (text) => ({ 'in.csv': text.replace(/^(\d+),/gm, '"$1 ""a"",\n b",') }),
});

test('a killed run is gone on with: a module', async (t) => {
  const server = await holdingServer(t, odd);
  const module = `export default { columns: ['length'], process: (page) => ({ length: page.body.length }) };\n`;
  const cwd = await temporaryFolder(t, { 'in.csv': list(server, 11), 'module.mjs': module });
  const args = ['--module', 'module.mjs', '--per-host', '20', 'in.csv'];
  await killedAt(t, 5, { cwd, args });
  server.release();
  t.is((await resumed({ cwd, args })).code, 0);
  const rows = csvObjects(await outputOf(join(cwd, 'out.csv')));
  t.is(rows.length, 11);
  t.true(
    rows.every(({ url, length }) => Number(length) === `<title>/</title>${url?.replace(/.*\//, '')}`.length),
  );
});

test('rows in order stay in order, and those behind a slow one are fetched again', async (t) => {
  const server = await holdingServer(t, ({ url }) => url === '/4' || url === '/8');
  const cwd = await temporaryFolder(t, { 'in.csv': list(server, 11) });
  const args = ['--ordered', '--columns', 'status', '--per-host', '20', 'in.csv'];
  await killedAt(t, 3, { cwd, args });
  server.release();
  t.is((await resumed({ cwd, args })).code, 0);
  const text = await outputOf(join(cwd, 'out.csv'));
  t.is(
    text,
    await undisturbed(cwd, 'out.csv', { input: join(cwd, 'in.csv'), ordered: true, columns: 'status' }),
  );
  t.deepEqual(
    [1, 2, 3].map((row) => server.counts().get(`/${row}`)),
    // The undisturbed run, for comparison, requested them too.
    [2, 2, 2],
  );
});

test('duplicates and bad rows are rows like any other', async (t) => {
  const server = await holdingServer(t, odd);
  const rows = ['2', '2', '1', '2', '', '4', '1', '4'].map((path, i) =>
    path === '' ? `${i},a,b,c\n` : `${i},${server.url}/${path}\n`,
  );
  const cwd = await temporaryFolder(t, { 'in.csv': `id,url\n${rows.join('')}8,\n9,mailto:a\n9,mailto:a\n` });
  const args = ['--per-host', '20', '--columns', 'status,error', 'in.csv'];
  await killedAt(t, 9, { cwd, args });
  t.is(server.requests.length, 7);
  server.release();
  t.is((await resumed({ cwd, args })).code, 0);
  t.is(server.requests.length, 9);
  const text = await outputOf(join(cwd, 'out.csv'));
  const expected = await undisturbed(cwd, 'out.csv', { input: join(cwd, 'in.csv'), columns: 'status,error' });
  t.deepEqual(sortedLines(text), sortedLines(expected));
  t.is(csvObjects(text).length, 11);
});

test('a row that waits for its next attempt when the run is killed begins anew', async (t) => {
  let fails = true;
  const server = await httpServer(t, ({ url }, response) => {
    if (fails && url === '/4') response.writeHead(503, { 'retry-after': '60' });
    response.end();
  });
  const cwd = await temporaryFolder(t, { 'in.csv': list(server, 4) });
  await killedAt(t, 3, { cwd, args: ['in.csv'] });
  fails = false;
  t.is((await resumed({ cwd, args: ['in.csv'] })).code, 0);
  const rows = csvObjects(await outputOf(join(cwd, 'out.csv')));
  t.deepEqual(
    rows.map(({ id, fetch_attempts: n }) => `${id} ${n}`).toSorted((a, b) => a.localeCompare(b)),
    ['1 1', '2 1', '3 1', '4 1'],
  );
});

test('a run is killed, gone on with, killed, gone on with, killed, and gone on with', async (t) => {
  let held = 0;
  const server = await holdingServer(t, ({ url }) => Number(url.slice(1)) > held);
  const cwd = await temporaryFolder(t, { 'in.csv': list(server, 12) });
  const args = ['--per-host', '20', '--columns', 'status', 'in.csv'];
  for (held = 3; held <= 9; held += 3) {
    await killedAt(t, held, { cwd, args: held === 3 ? args : ['--resume', ...args] });
  }
  server.release();
  const { code, stderr } = await resumed({ cwd, args });
  t.regex(stderr, /12 rows, 9 of them by earlier runs/);
  t.is(code, 0);
  const text = await outputOf(join(cwd, 'out.csv'));
  t.deepEqual(
    csvObjects(text)
      .map(({ id }) => Number(id))
      .toSorted((a, b) => a - b),
    Array.from({ length: 12 }, (_, i) => i + 1),
  );
  t.is(server.counts().get('/1'), 1);
  t.is(server.counts().get('/12'), 4);
});

test('other limits, headers and time-outs are the same job', async (t) => {
  const server = await holdingServer(t, odd);
  const cwd = await temporaryFolder(t, { 'in.csv': list(server, 8) });
  await killedAt(t, 4, { cwd, args: ['--per-host', '20', 'in.csv'] });
  server.release();
  const { code, stderr } = await resumed({
    cwd,
    args: [
      '-c',
      '3',
      '--timeout',
      '5s',
      '-H',
      'A: b',
      '-A',
      'me',
      '--retries',
      '1',
      '--rate',
      '1000/s',
      join(cwd, 'in.csv'),
    ],
  });
  t.regex(stderr, /^urlmill: 8 rows, 4 of them by earlier runs [^\n]+\n$/);
  t.is(code, 0);
  t.is(server.counts().get('/2'), 1);
  t.is(server.requests.at(-1)?.headers['a'], 'b');
});

test('a file of another length between two runs: FILE.part is cut or gone on with as its journal says', async (t) => {
  const server = await holdingServer(t, odd);
  const cwd = await temporaryFolder(t, { 'in.csv': list(server, 8) });
  const args = ['--per-host', '20', '--columns', 'status', 'in.csv'];
  await killedAt(t, 4, { cwd, args });
  const part = await readFile(join(cwd, 'out.csv.part'));
  await writeFile(join(cwd, 'out.csv.part'), Buffer.concat([part, Buffer.from('7,http://half')]));
  server.release();
  t.is((await resumed({ cwd, args })).code, 0);
  const text = await outputOf(join(cwd, 'out.csv'));
  t.is(csvObjects(text).length, 8);
  t.notRegex(text, /half/);
});
