import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants, deflateSync, gzipSync } from 'node:zlib';

import test from 'ava';

import { noise } from '../fetch/schedule/spilling.ts';
import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { sameBytes } from '../helpers/same.ts';
import { httpServer } from '../helpers/server.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { filesIn, hashOf, page } from './large-responses.ts';

/** Some 400 kB that compress to half. */
const packedBody = (url: string): Buffer =>
  Buffer.from(noise(200_000, Number(url.slice(1)) + 1).toString('hex'));

/** Huffman coding alone also halves it, and needs no search for repetitions, of which there are none. */
const gzippedBody = (url: string): Buffer =>
  gzipSync(packedBody(url), { strategy: constants.Z_HUFFMAN_ONLY });

/** With its default, the best quality, brotli takes half a second. */
const quickly = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

test('with a content coding a body is unpacked as it is saved, whatever it is and however long', async (t) => {
  const body = packedBody('/1');
  const codings = { gzip: gzipSync(body), deflate: deflateSync(body), br: brotliCompressSync(body, quickly) };
  const server = await httpServer(t, ({ url }, response) => {
    const coding = url.slice(1) as keyof typeof codings;
    response.writeHead(200, { 'content-encoding': coding }).end(codings[coding]);
  });
  const cwd = await temporaryFolder(t, {
    'in.txt': Object.keys(codings)
      .map((coding) => `${server.url}/${coding}\n`)
      .join(''),
  });
  for (const threads of ['1', '2']) {
    const args = ['--threads', threads, '--columns', 'error,bytes,sha256', '--save-bodies', threads];
    const { stdout } = await urlmill([...args, 'in.txt'], { cwd });
    for (const row of csvObjects(stdout)) {
      t.like(row, { fetch_error: '', fetch_bytes: '400000', fetch_sha256: hashOf(body) });
      sameBytes(t, await readFile(join(cwd, threads, row['fetch_file'] ?? '')), body);
    }
    t.deepEqual(await filesIn(join(cwd, threads)), [hashOf(body)]);
  }
  const counted = await urlmill(['--columns', 'error,bytes', 'in.txt'], { cwd });
  for (const row of csvObjects(counted.stdout)) t.like(row, { fetch_error: '', fetch_bytes: '400000' });
  const small = await urlmill(['--columns', 'error,bytes', '--max-body', '390kB', 'in.txt'], { cwd });
  for (const row of csvObjects(small.stdout)) t.like(row, { fetch_error: 'body-too-large', fetch_bytes: '' });
});

test('--max-text holds for what comes compressed, however small it comes', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html', 'content-encoding': 'gzip' }).end(gzipSync(page));
  });
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}/page\n` });
  const columns = ['--columns', 'status,error,error_detail,bytes,sha256', '--extract', 'title'];
  const rowWith = async (...args: string[]): Promise<Record<string, string> | undefined> =>
    csvObjects((await urlmill([...columns, ...args, 'in.txt'], { cwd })).stdout)[0];
  t.like(await rowWith('--max-text', '300kB', '--save-bodies', 'kept'), {
    fetch_error: 'process-failed',
    fetch_error_detail: 'larger than --max-text',
    fetch_title: '',
    fetch_bytes: String(page.length),
    fetch_sha256: hashOf(page),
  });
  t.deepEqual(await filesIn(join(cwd, 'kept')), [hashOf(page)]);
  t.like(await rowWith('--max-text', '1MB'), { fetch_error: '', fetch_title: 'One' });
  t.like(await rowWith('--max-text', '300kB', '--max-body', '400kB'), { fetch_error: 'body-too-large' });
});

test('a large body with a content coding that is cut leaves nothing', async (t) => {
  const cut = gzippedBody('/1').subarray(0, -5);
  const server = await httpServer(t, (_, response) => {
    response.setHeader('content-encoding', 'gzip').end(cut);
  });
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}/\n` });
  const args = ['--retries', '0', '--columns', 'error', '--save-bodies', 'kept', 'in.txt'];
  const { code, stdout } = await urlmill(args, { cwd });
  t.is(code, 0);
  t.like(csvObjects(stdout)[0], { fetch_error: 'http-truncated', fetch_file: '' });
  t.deepEqual(await filesIn(join(cwd, 'kept')), []);
});

test('a run with compressed bodies that is killed goes on to the same files', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    response.setHeader('content-encoding', 'gzip').end(gzippedBody(url));
  });
  const cwd = await temporaryFolder(t, {
    'in.txt': Array.from({ length: 60 }, (_, i) => `${server.url}/${i}\n`).join(''),
  });
  const args = ['--timeout', '10m', '-c', '8', '--save-bodies', 'kept', '-o', 'out.csv', 'in.txt'];
  const child = runningUrlmill(t, args, { cwd });
  const ended = endOf(child);
  await server.requested(30);
  child.kill('SIGKILL');
  t.is((await ended).signal, 'SIGKILL');
  for (const name of await filesIn(join(cwd, 'kept'))) {
    const isWhole = !name.startsWith('.tmp-');
    const path = join(cwd, 'kept', name.slice(0, 2), name.slice(2, 4), name);
    if (isWhole) t.is(hashOf(await readFile(path)), name);
  }
  const { code, stderr } = await urlmill(['--resume', ...args], { cwd });
  t.is(code, 0, stderr);
  const rows = csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8'));
  t.is(rows.length, 60);
  for (const row of rows) {
    const body = packedBody(new URL(row['url'] ?? '').pathname);
    t.is(row['fetch_file']?.slice(6), hashOf(body));
    sameBytes(t, await readFile(join(cwd, 'kept', row['fetch_file'] ?? '')), body);
  }
});

test('a disk without room for a body that is unpacked ends the run with code 4', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.setHeader('content-encoding', 'gzip').end(gzipSync(noise(400_000)));
  });
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}/a\n` });
  const { code, stderr } = await shell('ulimit -f 200; exec "$@"', ['--save-bodies', 'kept', 'in.txt'], {
    cwd,
  });
  t.is(code, 4, stderr);
  t.regex(stderr, /^urlmill: temporary file in kept: file too large; 0 rows are safe/);
  t.deepEqual(await filesIn(join(cwd, 'kept')), []);
});
