import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import type { Ended } from '../helpers/cli.ts';
import { csvObjects, csvRecords } from '../helpers/csv.ts';
import { sameMany } from '../helpers/same.ts';
import { httpServer } from '../helpers/server.ts';
import type { TestServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { smallDisk } from './small-disk.ts';
import { holdingServer, killedAt, list, odd, outputOf, resumed } from './resuming.ts';

/**
 * A server that answers `/3` with `{ "items": [elements 0 to 2] }`; `/status/503/3` does so with that status.
 */
async function itemServer(t: ExecutionContext, item = (n: number): unknown => n): Promise<TestServer> {
  return httpServer(t, ({ url }, response) => {
    const [, status = '200'] = /^\/status\/(\d+)/.exec(url) ?? [];
    const items = Array.from({ length: Number(/\d+$/.exec(url)?.[0]) }, (_, n) => item(n));
    response.writeHead(Number(status), { 'content-type': 'application/json' });
    response.end(JSON.stringify({ items, name: `n${url}`, text: JSON.stringify(items) }));
  });
}

async function exploded(
  t: ExecutionContext,
  input: string,
  args: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const cwd = await temporaryFolder(t, { 'in.csv': input, ...files });
  const all = ['-q', '--ordered', '--retries', '0', '--columns', 'status', '--json', 'items=items'];
  return urlmill([...all, '--explode', 'items', ...args, 'in.csv'], { cwd });
}

test('a row for each element, with all other cells', async (t) => {
  const { url } = await itemServer(t, (n) => [`a,${n}`, n, { n }, [n], null, true][n]);
  const { code, stdout } = await exploded(t, `id,url\n1,${url}/6\n`, ['--json', 'name=name']);
  t.is(code, 0);
  const row = (cell: string): string[] => ['1', `${url}/6`, '200', cell, 'n/6'];
  t.deepEqual(csvRecords(stdout), [
    ['id', 'url', 'fetch_status', 'items', 'name'],
    ...['a,0', '1', '{"n":2}', '[3]', '', 'true'].map(row),
  ]);
});

test('without elements, without an array or with a failure a row is one row', async (t) => {
  const { url } = await itemServer(t);
  const urls = [`${url}/0`, '', `${url}/status/404/2`, `${url}/status/503/2`, `${url}/status/429/2`];
  const { stdout } = await exploded(t, `url\n${urls.map((one) => `"${one}"\n`).join('')}`);
  t.deepEqual(
    csvRecords(stdout)
      .slice(1)
      .map(([, status, cell]) => [status, cell]),
    [
      ['200', ''],
      ['', ''],
      ['404', '0'],
      ['404', '1'],
      ['503', ''],
      ['429', ''],
    ],
  );
});

test('a value that is no array stays as it is', async (t) => {
  const { url } = await itemServer(t);
  const cwd = await temporaryFolder(t, { 'in.csv': `url\n${url}/2\n` });
  const args = [
    '-q',
    '--columns',
    'status',
    '--json',
    'all=@',
    '--json',
    'name=name',
    '--json',
    'one=items[1]',
  ];
  for (const [column, at] of [
    ['all', 2],
    ['name', 3],
    ['one', 4],
  ] as const) {
    const { stdout } = await urlmill([...args, '--explode', column, 'in.csv'], { cwd });
    const [, row, ...others] = csvRecords(stdout);
    t.deepEqual(others, []);
    t.is(row?.[at], ['{"items":[0,1],"name":"n/2","text":"[0,1]"}', 'n/2', '1'][at - 2]);
  }
});

test('an array that a text holds counts, and large numbers keep their digits', async (t) => {
  const server = await httpServer(t, (_, response) =>
    response.end('<script>var a = [12345678901234567890, "b"];</script>'),
  );
  const cwd = await temporaryFolder(t, { 'in.csv': `url\n${server.url}\n` });
  const args = ['-q', '--columns', 'status', '--regex', String.raw`a=var a = (\[.*?\])`, '--explode', 'a'];
  const { stdout } = await urlmill([...args, 'in.csv'], { cwd });
  t.is(stdout, `url,fetch_status,a\n${server.url},200,12345678901234567890\n${server.url},200,b\n`);
});

test('in TSV and JSON Lines', async (t) => {
  const { url } = await itemServer(t, (n) => [1, 'a', { b: [] }][n]);
  const tsv = await exploded(t, `url\n${url}/3\n`, ['--output-format', 'tsv']);
  t.is(
    tsv.stdout,
    `url\tfetch_status\titems\n${url}/3\t200\t1\n${url}/3\t200\ta\n${url}/3\t200\t"{""b"":[]}"\n`,
  );
  const lines = await exploded(t, `url\n${url}/3\n`, ['--output-format', 'jsonl']);
  t.deepEqual(
    lines.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { items: unknown }).items),
    [1, 'a', { b: [] }],
  );
});

test('lists of extractors and selectors, in threads as well', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<a href=/x>X</a><a href=/y>Y</a>');
  });
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}\n` });
  const args = ['-q', '--columns', 'status', '--extract', 'links', '--select', 'a*=a', 'in.txt'];
  for (const threads of ['1', '2']) {
    const links = await urlmill(['--threads', threads, '--explode', 'fetch_links', ...args], { cwd });
    t.deepEqual(
      csvObjects(links.stdout).map((row) => [row['fetch_links'], row['a']]),
      [`${server.url}/x`, `${server.url}/y`].map((link) => [link, '["X","Y"]']),
    );
    const texts = await urlmill(['--threads', threads, '--explode', 'a', ...args], { cwd });
    t.deepEqual(
      csvObjects(texts.stdout).map(({ a }) => a),
      ['X', 'Y'],
    );
  }
});

test('a list in each of the rows that a module makes', async (t) => {
  const { url } = await itemServer(t);
  const module =
    `export default { columns: ['k', 'v'], process: () => [{ k: 1, v: ['a', 'b'] }, { k: 2, v: [] }, ` +
    `{ k: 3, v: '["c"]' }] };`;
  const args = ['--module', 'm.mjs', '--explode', 'v'];
  const { stdout } = await exploded(t, `url\n${url}/1\n`, args, { 'm.mjs': module });
  t.deepEqual(
    csvObjects(stdout).map(({ k, v }) => [k, v]),
    [
      ['1', 'a'],
      ['1', 'b'],
      ['2', ''],
      ['3', 'c'],
    ],
  );
});

test('rows that share a result with --once', async (t) => {
  const server = await itemServer(t);
  const { stdout } = await exploded(t, `url\n${server.url}/2\n${server.url}/2\n`, ['--once']);
  t.deepEqual(
    csvObjects(stdout).map(({ items }) => items),
    ['0', '1', '0', '1'],
  );
  t.is(server.requests.length, 1);
});

const refuses = test.macro({
  exec: async (t, args: readonly string[], message: string) => {
    const cwd = await temporaryFolder(t, { 'in.csv': 'url\n' });
    const { code, stderr } = await urlmill([...args, 'in.csv'], { cwd });
    t.is(code, 2);
    t.is(stderr, `urlmill: --explode: there is no column ${message}\n`);
  },
  title: (what) => `${what} is refused`,
});

test(
  'an unknown column',
  refuses,
  ['--extract', 'links,title', '--json', 'a=b', '--explode', 'links'],
  '"links" of processing; there are fetch_links, fetch_title, a',
);
test(
  'a column of the input',
  refuses,
  ['--extract', 'links', '--explode', 'url'],
  '"url" of processing; there are fetch_links',
);
test(
  'a column where nothing is processed',
  refuses,
  ['--explode', 'a'],
  '"a" of processing; this run takes no values from pages',
);

test('the figures and limits count rows of the input', async (t) => {
  const { url } = await itemServer(t);
  const cwd = await temporaryFolder(t, { 'in.csv': `url\n${url}/3\n${url}/status/404/2\n` });
  const args = ['--json', 'items=items', '--explode', 'items', '-o', 'o.csv', '--summary', 's.json'];
  const { code, stderr } = await urlmill([...args, '--fail-on', '50', 'in.csv'], { cwd });
  t.regex(stderr, /^urlmill: 2 rows in /);
  t.is(code, 0);
  t.like(JSON.parse(await readFile(join(cwd, 's.json'), 'utf8')), { rows: 2, byStatus: { 200: 1, 404: 1 } });
});

test('a second pass fetches the rows that failed and copies the lines of the others', async (t) => {
  let down = true;
  const server = await httpServer(t, ({ url }, response) => {
    response.statusCode = down && url === '/2' ? 503 : 200;
    response.end(JSON.stringify([`${url}a`, `${url}b`]));
  });
  const cwd = await temporaryFolder(t, { 'in.csv': list(server, 3) });
  const args = [
    '-q',
    '--retries',
    '0',
    '--columns',
    'status',
    '--json',
    'v=@',
    '--explode',
    'v',
    '--ordered',
  ];
  await urlmill([...args, '-o', 'out.csv', 'in.csv'], { cwd });
  const lines = (await readFile(join(cwd, 'out.csv'), 'utf8')).split('\n');
  t.is(lines[3], `2,${server.url}/2,503,`);
  down = false;
  const { code } = await urlmill([...args, '--retry-failed', 'out.csv', '-o', 'out.csv'], { cwd });
  t.is(code, 0);
  t.deepEqual(
    csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8')).map(({ fetch_status: status, v }) => [
      status,
      v,
    ]),
    ['/1a', '/1b', '/2a', '/2b', '/3a', '/3b'].map((v) => ['200', v]),
  );
  t.is(server.requests.length, 4);
});

/** Kills the run when the even rows are committed, then resumes it. */
const goesOn = test.macro({
  exec: async (t, output: string, elements: number) => {
    const server = await holdingServer(t, odd);
    const cwd = await temporaryFolder(t, {
      'in.csv': list(server, 11),
      'm.mjs':
        `export default { columns: ['v'], ` +
        `process: ({ row }) => ({ v: Array.from({ length: ${elements} }, (_, i) => row.id + '/' + i) }) };`,
    });
    const args = ['--columns', 'status', '--per-host', '20', '--module', 'm.mjs', '--explode', 'v', 'in.csv'];
    t.like(await killedAt(t, 5, { cwd, args, output }), { signal: 'SIGKILL' });
    server.release();
    const { code, stderr } = await resumed({ cwd, args, output });
    t.regex(stderr, /^urlmill: 11 rows, 5 of them by earlier runs in /);
    t.is(code, 0);
    const found = csvObjects(await outputOf(join(cwd, output))).map(({ v }) => v ?? '');
    const each = Array.from({ length: elements }, (_, i) => i);
    const expected = each.flatMap((i) => Array.from({ length: 11 }, (_, row) => `${row + 1}/${i}`));
    sameMany(t, found.toSorted(), expected.toSorted());
  },
  title: (what) => `a killed run is gone on with: ${what}`,
});

test('few elements', goesOn, 'out.csv', 3);
test('many elements', goesOn, 'out.csv', 20_000);
test('many elements, packed', goesOn, 'out.csv.gz', 20_000);

test('a disk that is full among the elements of a row leaves none of them', async (t) => {
  const server = await itemServer(t);
  const disk = await smallDisk(t, 512);
  await writeFile(join(disk.folder, 'in.csv'), `url\n${server.url}/2\n${server.url}/30000\n`);
  const args = ['--ordered', '--columns', 'status', '--json', 'v=items', '--explode', 'v'];
  const work = [...args, '-o', 'out.csv', 'in.csv'];
  const full = await disk.run(work);
  t.is(full.code, 4);
  const part = await readFile(join(disk.folder, 'out.csv.part'), 'utf8');
  t.deepEqual(
    csvObjects(part).map(({ v }) => v),
    ['0', '1'],
  );
  await disk.makeRoom();
  const { code, stderr } = await disk.run(['--resume', ...work]);
  t.is(code, 0);
  t.regex(stderr, /^urlmill: 2 rows, 1 of them by earlier runs in /);
  sameMany(
    t,
    csvObjects(await readFile(join(disk.folder, 'out.csv'), 'utf8')).map(({ v }) => Number(v)),
    [0, 1, ...Array.from({ length: 30_000 }, (_, n) => n)],
  );
});
