import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects, csvRecords } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { holdingServer, killedAt, list, odd, resumed } from './resuming.ts';

/** Makes 3 - id rows of each row; none of the last one. */
const several = `export default { columns: ['n', 'of'], process({ row }) {
  return Array.from({ length: 3 - row.id }, (_, n) => ({ n, of: { id: row.id } }));
} };`;

test('a module makes several rows of one, or none, with all its cells and the values of the others', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('<title>T</title>'));
  const cwd = await temporaryFolder(t, { 'in.csv': list(server, 3), 'm.mjs': several });
  const args = ['-q', '--ordered', '--columns', 'status', '--extract', 'sha256', '--module', 'm.mjs'];
  const { code, stdout } = await urlmill([...args, 'in.csv'], { cwd });
  const hash = csvObjects(stdout)[0]?.['fetch_sha256'] ?? '';
  t.is(hash.length, 64);
  t.deepEqual(csvRecords(stdout), [
    ['id', 'url', 'fetch_status', 'fetch_sha256', 'n', 'of'],
    ['1', `${server.url}/1`, '200', hash, '0', '{"id":"1"}'],
    ['1', `${server.url}/1`, '200', hash, '1', '{"id":"1"}'],
    ['2', `${server.url}/2`, '200', hash, '0', '{"id":"2"}'],
  ]);
  t.is(code, 0);
});

test('in JSON Lines as well', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const lines = [1, 2, 3].map((id) => JSON.stringify({ id, url: server.url }));
  const cwd = await temporaryFolder(t, { 'in.jsonl': `${lines.join('\n')}\n`, 'm.mjs': several });
  const args = ['-q', '--ordered', '--columns', 'status', '--module', 'm.mjs', '--output-format', 'jsonl'];
  const { stdout } = await urlmill([...args, 'in.jsonl'], { cwd });
  t.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
    [
      { id: 1, url: server.url, fetch_status: 200, n: 0, of: { id: '1' } },
      { id: 1, url: server.url, fetch_status: 200, n: 1, of: { id: '1' } },
      { id: 2, url: server.url, fetch_status: 200, n: 0, of: { id: '2' } },
    ],
  );
});

test('a row that failed keeps its one row', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': 'id,url\n1,\n', 'm.mjs': several });
  const { stdout } = await urlmill(['-q', '--columns', 'error', '--module', 'm.mjs', 'in.csv'], { cwd });
  t.deepEqual(csvRecords(stdout).slice(1), [['1', '', 'no-url', '', '']]);
});

test('where no row makes any there is the header, and the figures count the input', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const cwd = await temporaryFolder(t, {
    'in.csv': list(server, 5),
    'm.mjs': `export default { columns: ['n'], process: () => [] };`,
  });
  const args = [
    '--columns',
    'status',
    '--module',
    'm.mjs',
    '-o',
    'out.csv.gz',
    '--summary',
    's.json',
    'in.csv',
  ];
  const { code, stderr } = await urlmill(args, { cwd });
  t.regex(stderr, /^urlmill: 5 rows in /);
  t.is(code, 0);
  t.is(gunzipSync(await readFile(join(cwd, 'out.csv.gz'))).toString(), 'id,url,fetch_status,n\n');
  t.like(JSON.parse(await readFile(join(cwd, 's.json'), 'utf8')), { rows: 5, byStatus: { 200: 5 } });
});

const goesOn = test.macro({
  exec: async (t, made: string, rows: (id: number) => number) => {
    const server = await holdingServer(t, odd);
    const cwd = await temporaryFolder(t, {
      'in.csv': list(server, 11),
      'm.mjs': `export default { columns: ['n'], process: ({ row }) => { const made = ${made}; return made; } };`,
    });
    const args = ['--columns', 'status', '--per-host', '20', '--module', 'm.mjs', 'in.csv'];
    t.like(await killedAt(t, 5, { cwd, args }), { signal: 'SIGKILL' });
    server.release();
    const { code, stderr } = await resumed({ cwd, args });
    t.regex(stderr, /^urlmill: 11 rows, 5 of them by earlier runs in /);
    t.is(code, 0);
    t.true([...server.counts()].filter(([url]) => !odd({ url })).every(([, count]) => count === 1));
    const ids = csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8')).map(({ id }) => Number(id));
    const expected = Array.from({ length: 11 }, (_, i) => Array.from({ length: rows(i + 1) }, () => i + 1));
    t.deepEqual(
      ids.toSorted((a, b) => a - b),
      expected.flat(),
    );
  },
  title: (what) => `a killed run is gone on with, where a row makes ${what}`,
});

test('several', goesOn, '[{ n: 1 }, { n: 2 }]', () => 2);
test('none', goesOn, '[]', () => 0);
test('one now and then', goesOn, 'row.id % 3 === 0 ? [{ n: 1 }] : []', (id) => (id % 3 === 0 ? 1 : 0));

test('a module that exports a function gets its options', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const cwd = await temporaryFolder(t, {
    'in.csv': list(server, 1),
    'm.mjs': `export default async (options) => ({
      columns: [options.column], process: () => ({ [options.column]: JSON.stringify(options) }),
    });`,
  });
  const given = ['column=c', 'empty=', 'twice=1', 'twice=a=b'].flatMap((said) => ['--module-option', said]);
  const args = ['-q', '--columns', 'status', '--module', 'm.mjs', ...given, '--summary', 's.json', 'in.csv'];
  const { stdout } = await urlmill(args, { cwd });
  t.deepEqual(JSON.parse(csvObjects(stdout)[0]?.['c'] ?? ''), { column: 'c', empty: '', twice: 'a=b' });
  // The summary hides their values, which may be secrets.
  const { options } = JSON.parse(await readFile(join(cwd, 's.json'), 'utf8')) as { options: object };
  t.like(options, { moduleOption: ['column=…', 'empty=…', 'twice=…', 'twice=…'] });
});

test('options for a module that takes none are refused with code 2', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': 'url\n', 'm.mjs': several });
  const { code, stderr } = await urlmill(['--module', 'm.mjs', '--module-option', 'key=secret', 'in.csv'], {
    cwd,
  });
  t.is(code, 2);
  t.is(stderr, 'urlmill: --module-option: the default export is no function that could be told it\n');
});
