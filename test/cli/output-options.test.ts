import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects, csvRecords } from '../helpers/csv.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { says } from './stopped-runs.ts';

async function output(t: ExecutionContext, args: readonly string[]): Promise<string> {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t, { 'in.csv': `id,url\n1,${server.url}/a\n` });
  const { code, stdout } = await urlmill(['-q', ...args, 'in.csv'], { cwd });
  t.is(code, 0);
  return stdout;
}

const standard = ['status', 'error', 'url', 'type', 'bytes', 'ms', 'attempts', 'at'];

test('without options it is CSV with the standard columns behind the own ones', async (t) => {
  const [header] = csvRecords(await output(t, []));
  t.deepEqual(header, ['id', 'url', ...standard.map((name) => `fetch_${name}`)]);
});

test('--output-format tsv separates by tabs', async (t) => {
  const text = await output(t, ['--output-format', 'tsv', '--columns', 'status,bytes']);
  t.regex(text, /^id\turl\tfetch_status\tfetch_bytes\n1\thttp:\S+\/a\t200\t2\n$/);
});

test('--output-format jsonl writes an object a line', async (t) => {
  const text = await output(t, ['--output-format', 'jsonl', '--columns', 'status,error']);
  t.regex(text, /^\{"id":"1","url":"http:[^"]+\/a","fetch_status":200,"fetch_error":null\}\n$/);
});

for (const name of ['out.json', 'out.XLSX', 'out.csv.zst', 'new/out.parquet']) {
  test(`-o ${name} is refused before the first request, and nothing is made`, async (t) => {
    const server = await httpServer(t, (_, response) => response.end('ok'));
    const cwd = await temporaryFolder(t, { 'in.csv': `url\n${server.url}/a\n` });
    const { code, stdout, stderr } = await urlmill(['-o', name, '--save-bodies', 'bodies', 'in.csv'], {
      cwd,
    });
    t.is(stdout, '');
    t.regex(stderr, /^urlmill: --output: [^\n]+ \.gz[^\n]*\n$/);
    t.is(server.requests.length, 0);
    t.deepEqual(await readdir(cwd), ['in.csv']);
    t.is(code, 2);
  });
}

test('a name of another format is taken with --output-format', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t, { 'in.csv': `url\n${server.url}/a\n` });
  const args = ['-q', '-o', 'out.json', '--output-format', 'jsonl', '--columns', 'status', 'in.csv'];
  t.is((await urlmill(args, { cwd })).code, 0);
  const line = `{"url":"${server.url}/a","fetch_status":200}\n`;
  t.is(await readFile(join(cwd, 'out.json'), 'utf8'), line);
});

test('--columns names the columns in their order', async (t) => {
  const [header] = csvRecords(await output(t, ['--columns', 'bytes, status']));
  t.deepEqual(header, ['id', 'url', 'fetch_bytes', 'fetch_status']);
});

test('--columns adds to the standard set and drops from it', async (t) => {
  const [header] = csvRecords(await output(t, ['--columns', '+row,-ms,-at']));
  t.deepEqual(header?.slice(2), [
    'fetch_status',
    'fetch_error',
    'fetch_url',
    'fetch_type',
    'fetch_bytes',
    'fetch_attempts',
    'fetch_row',
  ]);
});

test('--prefix stands before result columns and extracted ones', async (t) => {
  const text = await output(t, ['--prefix', 'web.', '--columns', 'status', '--extract', 'sha256']);
  t.deepEqual(csvRecords(text)[0], ['id', 'url', 'web.status', 'web.sha256']);
});

test('--extract adds its columns in the order given', async (t) => {
  const text = await output(t, ['--columns', 'status', '--extract', 'sha256, title']);
  t.deepEqual(csvRecords(text)[0], ['id', 'url', 'fetch_status', 'fetch_sha256', 'fetch_title']);
});

/**
 * The ids in the output for four rows, the first of which is answered only after the progress line has
 * counted the others.
 */
async function idsInOrder(t: ExecutionContext, args: readonly string[]): Promise<string[]> {
  const first: (() => void)[] = [];
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/1') first.push(() => response.end('ok'));
    else response.end('ok');
  });
  const list = [1, 2, 3, 4].map((id) => `${id},${server.url}/${id}\n`).join('');
  const cwd = await temporaryFolder(t, { 'in.csv': `id,url\n${list}` });
  const child = runningUrlmill(t, ['--progress', 'always', ...args, 'in.csv'], { cwd });
  const ended = endOf(child);
  await server.requested(4);
  // With --ordered none of them is written before the first row, so the progress line cannot be waited for.
  if (args.at(-1) !== '--ordered') await says(child.stderr, ': 3/4');
  first[0]?.();
  return csvObjects((await ended).stdout).map(({ id = '' }) => id);
}

test('--ordered keeps the order of the input', async (t) => {
  t.deepEqual(await idsInOrder(t, ['--ordered']), ['1', '2', '3', '4']);
});

test('without --ordered rows come in the order in which they are done', async (t) => {
  t.is((await idsInOrder(t, [])).at(-1), '1');
});

test('--no-ordered is the default', async (t) => {
  t.is((await idsInOrder(t, ['--ordered', '--no-ordered'])).at(-1), '1');
});
