import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects, csvRecords } from '../helpers/csv.ts';
import { pageIn, pagesServer } from '../helpers/pages.ts';
import { httpServer } from '../helpers/server.ts';
import type { TestServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { killedAt, outputOf, resumed } from './resuming.ts';

const byJson = ['-q', '--next', 'json:next', '--json', 'item=items[0]', '--columns', 'status'];

test('pages are more lines of a row, with its cells', async (t) => {
  const { url } = await pagesServer(t, 3);
  const cwd = await temporaryFolder(t, { 'in.csv': `id,url\n7,${url}/a\n8,\n` });
  const args = ['--ordered', '--columns', 'status,url,row,error', 'in.csv'];
  const { code, stdout } = await urlmill([...byJson, ...args], { cwd });
  t.is(code, 0);
  t.deepEqual(csvRecords(stdout), [
    [
      'id',
      'url',
      'fetch_status',
      'fetch_url',
      'fetch_row',
      'fetch_error',
      'fetch_page',
      'fetch_next',
      'item',
    ],
    ...[`${url}/a`, `${url}/a?page=2`, `${url}/a?page=3`].map((page, n) => [
      '7',
      `${url}/a`,
      '200',
      page,
      '1',
      '',
      String(n + 1),
      '',
      `/a ${n + 1}`,
    ]),
    ['8', '', '', '', '2', 'no-url', '1', '', ''],
  ]);
});

test('the lines of pages and of --explode go together', async (t) => {
  const { url } = await httpServer(t, (request, response) => {
    const page = pageIn(request);
    response.end(JSON.stringify({ items: [page * 10, page * 10 + 1], next: page < 2 ? '?page=2' : null }));
  });
  const cwd = await temporaryFolder(t, { 'in.csv': `url\n${url}/a\n` });
  const args = ['-q', '--next', 'json:next', '--json', 'n=items', '--explode', 'n', '--columns', 'status'];
  const { stdout } = await urlmill([...args, 'in.csv'], { cwd });
  t.deepEqual(
    csvObjects(stdout).map(({ fetch_page: page, n }) => [page, n]),
    [
      ['1', '10'],
      ['1', '11'],
      ['2', '20'],
      ['2', '21'],
    ],
  );
});

test('figures count rows, by their last pages, and the bytes of all', async (t) => {
  const { url } = await pagesServer(t, 3, (request) =>
    request.url.startsWith('/b') && pageIn(request) === 2 ? 404 : 200,
  );
  const cwd = await temporaryFolder(t, { 'in.csv': `url\n${url}/a\n${url}/b\n` });
  const args = [
    ...byJson,
    '--columns',
    'status,bytes',
    '-o',
    'out.csv',
    '--summary',
    's.json',
    '--fail-on',
    '49',
  ];
  const { code } = await urlmill([...args, 'in.csv'], { cwd });
  t.is(code, 5);
  const lines = csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8'));
  const summary = JSON.parse(await readFile(join(cwd, 's.json'), 'utf8')) as Record<string, unknown>;
  t.is(summary['rows'], 2);
  t.is(summary['failed'], 1);
  t.deepEqual(summary['statuses'] ?? summary['byStatus'], { 200: 1, 404: 1 });
  t.is(
    summary['bytes'],
    lines.reduce((sum, { fetch_bytes: bytes }) => sum + Number(bytes), 0),
  );
});

test('--retry-failed copies the pages that went well, and goes on at the one that failed', async (t) => {
  let fails = true;
  const { url, requests } = await pagesServer(t, 4, (request) =>
    fails && pageIn(request) === 3 ? 500 : 200,
  );
  const cwd = await temporaryFolder(t, { 'in.csv': `id,url\n7,${url}/a\n` });
  await urlmill([...byJson, '--retries', '0', '-o', 'first.csv', 'in.csv'], { cwd });
  const first = csvObjects(await readFile(join(cwd, 'first.csv'), 'utf8'));
  t.deepEqual(
    first.map(({ fetch_status: status, fetch_page: page }) => [status, page]),
    [
      ['200', '1'],
      ['200', '2'],
      ['500', '3'],
    ],
  );
  fails = false;
  const said = ['-q', '--next', 'json:next', '--json', 'item=items[0]', '-u', 'url', '--ordered'];
  const again = await urlmill([...said, '--retry-failed', 'first.csv'], { cwd });
  t.is(again.stderr, '');
  t.deepEqual(csvRecords(again.stdout), [
    ['id', 'url', 'fetch_status', 'fetch_page', 'fetch_next', 'item'],
    ...[1, 2, 3, 4].map((page) => ['7', `${url}/a`, '200', String(page), '', `/a ${page}`]),
  ]);
  t.is(requests.length, 3 + 4);
  const without = await urlmill(['-q', '--retry-failed', 'first.csv'], { cwd });
  t.is(without.code, 2);
  t.regex(
    without.stderr,
    /--retry-failed: page 3 of a row has failed in the earlier run; say --next as there/,
  );
});

test('a list that has become shorter since is not written twice', async (t) => {
  let count = 4;
  const { url } = await httpServer(t, (request, response) => {
    const page = pageIn(request);
    response.writeHead(page === 3 ? 500 : 200);
    response.end(JSON.stringify({ items: [page], next: page < count ? `?page=${page + 1}` : null }));
  });
  const cwd = await temporaryFolder(t, { 'in.csv': `url\n${url}/a\n` });
  await urlmill([...byJson, '--retries', '0', '-o', 'first.csv', 'in.csv'], { cwd });
  count = 2;
  const said = ['-q', '--next', 'json:next', '--json', 'item=items[0]', '-u', 'url', '--ordered'];
  const { stdout } = await urlmill([...said, '--retry-failed', 'first.csv'], { cwd });
  t.deepEqual(
    csvObjects(stdout).map(({ fetch_status: status, fetch_page: page, item }) => [status, page, item]),
    [
      ['200', '1', '1'],
      ['200', '2', '2'],
      ['200', '2', ''],
    ],
  );
});

/** Page numbers in a result, by the row's URL. */
function pagesByPath(text: string): Map<string, string[]> {
  const pages = new Map<string, string[]>();
  for (const { url = '', fetch_page: page = '' } of csvObjects(text))
    pages.set(url, [...(pages.get(url) ?? []), page]);
  return pages;
}

for (const more of [[], ['--ordered'], ['--threads', '2']]) {
  test(`a killed run goes on with whole rows ${more.join(' ')}`, async (t) => {
    const server = await holdingPages(t);
    const paths = Array.from({ length: 60 }, (_, n) => `${server.url}/${n}`);
    const cwd = await temporaryFolder(t, { 'in.csv': `url\n${paths.join('\n')}\n` });
    const args = [...byJson, ...more, '--per-host', '4', 'in.csv'];
    await killedAt(t, 20, { cwd, args });
    server.release();
    const { code } = await resumed({ cwd, args });
    t.is(code, 0);
    const pages = pagesByPath(await outputOf(join(cwd, 'out.csv')));
    t.deepEqual(
      [...pages].toSorted(([a], [b]) => paths.indexOf(a) - paths.indexOf(b)),
      paths.map((path) => [path, ['1', '2', '3']]),
    );
  });
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1;
}

test('a killed run whose module asks for more goes on with whole rows', async (t) => {
  let holds = true;
  const held: (() => void)[] = [];
  const server = await httpServer(t, (request, response) => {
    const answer = (): void => void response.end(JSON.stringify({ at: request.url }));
    const number = Number(/\d+$/.exec(request.url)?.[0]);
    if (holds && request.url.startsWith('/part') && number >= 20) held.push(answer);
    else answer();
  });
  const numbers = Array.from({ length: 40 }, (_, n) => n);
  const cwd = await temporaryFolder(t, {
    'in.csv': `url\n${numbers.map((n) => `${server.url}/row/${n}\n`).join('')}`,
    'm.mjs': `export default { columns: ['part'], async process(page) {
      const part = await page.fetch(page.url.replace('/row/', '/part/'));
      return { part: part.json().at };
    } };`,
  });
  const args = ['-q', '--module', 'm.mjs', '--per-host', '4', '--columns', 'status', 'in.csv'];
  await killedAt(t, 10, { cwd, args });
  holds = false;
  for (const answer of held) answer();
  const { code } = await resumed({ cwd, args });
  t.is(code, 0);
  const rows = csvObjects(await outputOf(join(cwd, 'out.csv')));
  t.deepEqual(
    rows.map(({ url, part }) => `${url} ${part}`).toSorted(byText),
    numbers.map((n) => `${server.url}/row/${n} /part/${n}`).toSorted(byText),
  );
});

/** A server with three pages for each path; the second pages of paths from 30 on are held back. */
async function holdingPages(t: ExecutionContext): Promise<TestServer & { release: () => void }> {
  const held = new Set<() => void>();
  let holds = true;
  const server = await httpServer(t, (request, response) => {
    const page = pageIn(request);
    const path = request.url.replace(/\?.*/, '');
    const answer = (): void =>
      void response.end(
        JSON.stringify({ items: [page], next: page < 3 ? `${path}?page=${page + 1}` : null }),
      );
    if (holds && page === 2 && Number(path.slice(1)) >= 30) held.add(answer);
    else answer();
  });
  const release = (): void => {
    holds = false;
    for (const answer of held) answer();
  };
  return { ...server, release };
}

for (const [next, message] of [
  ['json:a[', /^urlmill: --next: /],
  ['select:a[', /^urlmill: --next: /],
  ['select:a:foo(', /^urlmill: --next: there is no pseudo-class :foo\(\)/],
  ['links.next', /^urlmill: --next: json:EXPR, header:link or select:CSS@href is needed, got "links.next"/],
] as const) {
  test(`${next} is refused before any request`, async (t) => {
    const cwd = await temporaryFolder(t, { 'in.csv': 'url\nhttp://127.0.0.1:1/\n' });
    const { code, stderr, stdout } = await urlmill(['--next', next, 'in.csv'], { cwd });
    t.deepEqual([code, stdout], [2, '']);
    t.regex(stderr, message);
    t.notRegex(stderr, /--json|--select|next=/);
  });
}

test('--since and --next are refused', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': 'url\nhttp://127.0.0.1:1/\n' });
  await writeFile(join(cwd, 'old.csv'), 'url,fetch_status\nhttp://127.0.0.1:1/,200\n');
  const { code, stderr } = await urlmill(['--since', 'old.csv', '--next', 'header:link', 'in.csv'], { cwd });
  t.is(code, 2);
  t.regex(stderr, /--since compares one line of each row, and --next writes several/);
});

test('bodies of all pages are saved, each line with its own', async (t) => {
  const { url } = await pagesServer(t, 3);
  const cwd = await temporaryFolder(t, { 'in.csv': `url\n${url}/a\n` });
  const { stdout } = await urlmill([...byJson, '--save-bodies', 'bodies', 'in.csv'], { cwd });
  const files = csvObjects(stdout).map(({ fetch_file: file = '' }) => file);
  t.is(new Set(files).size, 3);
  const bodies = await Promise.all(files.map((file) => readFile(join(cwd, 'bodies', file), 'utf8')));
  t.deepEqual(
    bodies.map((body) => (JSON.parse(body) as { items: string[] }).items),
    [['/a 1'], ['/a 2'], ['/a 3']],
  );
});
