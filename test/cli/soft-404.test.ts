import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import type { TestServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { killedAt, resumed } from './resuming.ts';

const isMadeUp = (url: string): boolean => /\/[a-z]{24}$/.test(url);

interface Site extends TestServer {
  /** Answers made-up URLs from now on. */
  readonly release: () => void;
  readonly madeUp: () => string[];
}

/**
 * A site that has the names `a` to `i` in each folder, with ETags. Folders whose names begin with `soft` have
 * a page for all other names too.
 *
 * @param holds whether made-up URLs in such a folder get no answer at first
 */
async function site(t: ExecutionContext, holds: (folder: string) => boolean = () => false): Promise<Site> {
  let isHolding = true;
  const server = await httpServer(t, ({ url, headers }, response) => {
    const [, folder = '', name = ''] = url.split('/');
    if (isMadeUp(url) && isHolding && holds(folder)) return undefined;
    const isThere = /^[a-i]$/.test(name);
    response.setHeader('etag', `"${url}"`);
    response.setHeader('content-type', 'text/html');
    if (isThere && headers['if-none-match'] === `"${url}"`) response.writeHead(304);
    else if (!isThere && !folder.startsWith('soft')) response.writeHead(404);
    return void response.end(isThere ? `page ${name} of many` : 'nothing here');
  });
  const madeUp = (): string[] => server.requests.flatMap(({ url }) => (isMadeUp(url) ? [url] : []));
  return { ...server, madeUp, release: () => void (isHolding = false) };
}

async function list(t: ExecutionContext, { url }: TestServer, paths: readonly string[]): Promise<string> {
  return temporaryFolder(t, { 'in.csv': ['url', ...paths.map((path) => url + path), ''].join('\n') });
}

async function readWhole(path: string): Promise<string> {
  const bytes = await readFile(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('latin1');
}

/** Cells of the column `soft_404` by path. */
function cellsOf(text: string): Record<string, string | undefined> {
  return Object.fromEntries(
    csvObjects(text).map(({ url = '', fetch_soft_404: cell }) => [new URL(url).pathname, cell]),
  );
}

const asked = ['-q', '--columns', 'status,soft_404'];
const paths = ['/soft/a', '/soft/gone', '/x/b', '/x/gone'];
const cells = { '/soft/a': 'no', '/soft/gone': 'yes', '/x/b': 'no', '/x/gone': '' };

test('the column says it in words', async (t) => {
  const server = await site(t);
  const cwd = await list(t, server, paths);
  const { code, stdout, stderr } = await urlmill([...asked, 'in.csv'], { cwd });
  t.is(code, 0, stderr);
  t.deepEqual(cellsOf(stdout), cells);
  t.is(server.requests.length, 6);
});

test('without the column nothing is made up', async (t) => {
  const server = await site(t);
  const cwd = await list(t, server, paths);
  await urlmill(['-q', 'in.csv'], { cwd });
  t.is(server.requests.length, 4);
});

/** Whether the number at the end of a folder's name is odd. */
const isOdd = (folder: string): boolean => Number(/\d+$/.exec(folder)?.[0]) % 2 === 1;

for (const more of [[], ['--ordered'], ['--threads', '2']]) {
  test(`a killed run goes on and ends with the whole result ${more.join(' ')}`, async (t) => {
    const server = await site(
      t,
      (folder) => isOdd(folder) && (more[0] !== '--ordered' || folder.endsWith('9')),
    );
    const all = Array.from({ length: 20 }, (_, n) =>
      ['a', 'b', 'gone'].map((name) => `/${n % 4 < 2 ? 'soft' : 'x'}${n}/${name}`),
    ).flat();
    const cwd = await list(t, server, all);
    const args = [...asked, ...more, '--per-host', '30', 'in.csv'];
    await killedAt(t, 15, { cwd, args });
    server.release();
    const { code, stderr } = await resumed({ cwd, args });
    t.is(code, 0, stderr);
    const text = await readFile(join(cwd, 'out.csv'), 'utf8');
    t.is(csvObjects(text).length, all.length);
    t.deepEqual(
      cellsOf(text),
      Object.fromEntries(
        all.map((path) => [path, !path.endsWith('gone') ? 'no' : path.startsWith('/soft') ? 'yes' : '']),
      ),
    );
  });
}

test('with --since it is copied where a page was not sent again', async (t) => {
  const server = await site(t);
  const cwd = await list(t, server, paths);
  const since = ['-q', '--since', 'out.csv', '-o', 'out.csv', '--columns'];
  await urlmill([...since, 'status,error,url', 'in.csv'], { cwd });
  t.is(server.requests.length, 4);
  // The earlier result lacks the column, so everything is fetched anew.
  await urlmill([...since, 'status,error,url,soft_404', 'in.csv'], { cwd });
  t.is(server.requests.length, 10);
  await urlmill([...since, 'status,error,url,soft_404', 'in.csv'], { cwd });
  const text = await readFile(join(cwd, 'out.csv'), 'utf8');
  t.deepEqual(cellsOf(text), cells);
  const changes = csvObjects(text).map(({ fetch_change: change }) => change);
  t.deepEqual(
    changes.filter((change) => change !== 'same'),
    ['still-failing'],
  );
  // The page of /soft/gone was sent again as a whole.
  t.is(server.requests.length, 10 + 5);
});

test('--retry-failed makes up URLs where the earlier result has the column', async (t) => {
  let fails = true;
  const server = await httpServer(t, (_, response) => {
    response.writeHead(fails ? 500 : 200, { 'content-type': 'text/html' }).end('all the same');
  });
  const cwd = await list(t, server, ['/a', '/b']);
  for (const columns of ['status,error,soft_404', 'status,error']) {
    fails = true;
    await urlmill(['-q', '--retries', '0', '--columns', columns, '-o', 'first.csv', 'in.csv'], { cwd });
    fails = false;
    const before = server.requests.length;
    const { stdout } = await urlmill(['-q', '-u', 'url', '--retry-failed', 'first.csv'], { cwd });
    const has = columns.includes('soft');
    t.deepEqual(cellsOf(stdout), has ? { '/a': 'yes', '/b': 'yes' } : { '/a': undefined, '/b': undefined });
    t.is(server.requests.length - before, has ? 3 : 2);
  }
});

test('what is saved is of rows alone', async (t) => {
  const server = await site(t);
  const cwd = await list(t, server, paths);
  for (const format of ['files', 'warc']) {
    const args = [...asked, '--save-bodies', format, '--save-format', format, 'in.csv'];
    const { code, stdout } = await urlmill(args, { cwd });
    t.is(code, 0);
    t.deepEqual(cellsOf(stdout), cells);
  }
  const names = await readdir(join(cwd, 'warc'));
  const texts = await Promise.all(
    names.filter((name) => name.includes('.warc')).map(async (name) => readWhole(join(cwd, 'warc', name))),
  );
  const urls = texts.join('').match(/(?<=WARC-Target-URI: ).*/g) ?? [];
  t.is(new Set(urls).size, 4);
  t.false(urls.some((url) => isMadeUp(url.trim())));
});
