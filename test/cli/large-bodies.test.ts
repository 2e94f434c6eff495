import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer, rawServer } from '../helpers/server.ts';
import type { TestServer } from '../helpers/server.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** Larger than what stays in memory when it is only saved or hashed (256 KiB), of pieces that differ. */
const large = Buffer.from(Array.from({ length: 60_000 }, (_, i) => `line ${i};`).join(''));
const hashOf = (body: Buffer): string => createHash('sha256').update(body).digest('hex');
const sha256 = hashOf(large);
const page = Buffer.from(`<title>One</title>${'<p>text</p>'.repeat(40_000)}`);

async function site(t: ExecutionContext): Promise<TestServer> {
  return httpServer(t, ({ url }, response) => {
    const isPage = url.startsWith('/page');
    response.setHeader('content-type', isPage ? 'text/html' : 'application/octet-stream');
    if (url === '/packed') response.setHeader('content-encoding', 'gzip').end(gzipSync(large));
    else if (url === '/chunked') {
      for (let at = 0; at < large.length; at += 100_000) response.write(large.subarray(at, at + 100_000));
      response.end();
    } else response.end(isPage ? page : large);
  });
}

async function filesIn(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  return all.filter((entry) => entry.isFile()).map(({ name }) => name);
}

for (const threads of ['1', '2']) {
  test(`large bodies are saved as they come, once, and hashed: --threads ${threads}`, async (t) => {
    const server = await site(t);
    const cwd = await temporaryFolder(t, {
      'in.txt': ['a', 'b', 'chunked', 'packed'].map((path) => `${server.url}/${path}\n`).join(''),
    });
    const args = ['--threads', threads, '--ordered', '--columns', 'status,bytes,wire_bytes,sha256'];
    const { code, stdout } = await urlmill([...args, '--save-bodies', 'kept', 'in.txt'], { cwd });
    t.is(code, 0);
    const place = `${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`;
    const packedSize = String(gzipSync(large).length);
    for (const [i, row] of csvObjects(stdout).entries()) {
      t.deepEqual(row, {
        url: row['url'] ?? '',
        fetch_status: '200',
        fetch_bytes: String(large.length),
        fetch_wire_bytes: i === 3 ? packedSize : String(large.length),
        fetch_sha256: sha256,
        fetch_file: place,
      });
    }
    t.true(large.equals(await readFile(join(cwd, 'kept', place))));
    t.deepEqual(await filesIn(join(cwd, 'kept')), [sha256]);
  });
}

test('only hashes of large bodies are taken where nothing else is asked for', async (t) => {
  const server = await site(t);
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}/a\n` });
  for (const args of [
    ['--columns', 'bytes,sha256'],
    ['--columns', 'bytes', '--extract', 'sha256'],
  ]) {
    const { stdout } = await urlmill([...args, 'in.txt'], { cwd });
    t.is(stdout, `url,fetch_bytes,fetch_sha256\n${server.url}/a,${large.length},${sha256}\n`);
  }
});

test('a text beyond --max-text is a failure for what would have read it, and is saved', async (t) => {
  const server = await site(t);
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}/page\n${server.url}/a\n` });
  const columns = [
    '--ordered',
    '--columns',
    'status,error,error_detail,bytes,charset',
    '--extract',
    'title,sha256',
  ];
  const run = async (...args: string[]): Promise<Record<string, string>[]> => {
    const { code, stdout } = await urlmill([...columns, ...args, 'in.txt'], { cwd });
    t.is(code, 0);
    return csvObjects(stdout);
  };
  const [html, binary] = await run('--max-text', '300kB', '--save-bodies', 'kept');
  t.like(html, {
    fetch_status: '200',
    fetch_error: 'process-failed',
    fetch_error_detail: 'larger than --max-text',
    fetch_title: '',
    fetch_charset: '',
  });
  t.like(binary, {
    fetch_error: '',
    fetch_title: '',
    fetch_sha256: sha256,
    fetch_bytes: String(large.length),
  });
  t.deepEqual((await filesIn(join(cwd, 'kept'))).toSorted(), [hashOf(page), sha256].toSorted());
  const [whole] = await run('--max-text', '1MB');
  t.like(whole, {
    fetch_error: '',
    fetch_title: 'One',
    fetch_charset: 'windows-1252',
    fetch_sha256: hashOf(page),
  });
});

test('a large body that is cut, or too large, leaves nothing', async (t) => {
  const cut = await rawServer(t, (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${large.length + 10}\r\n\r\n`);
    socket.end(large);
  });
  const server = await site(t);
  const cwd = await temporaryFolder(t, { 'in.txt': `${cut.url}/\n${server.url}/chunked\n` });
  const args = ['--retries', '0', '--ordered', '--columns', 'status,error,file', '--save-bodies', 'kept'];
  const { code, stdout } = await urlmill(
    [
      ...args.filter((arg) => arg !== 'status,error,file').toSpliced(4, 0, 'status,error,sha256'),
      '--max-body',
      '600kB',
      'in.txt',
    ],
    { cwd },
  );
  t.is(code, 0);
  t.deepEqual(
    csvObjects(stdout).map((row) => [
      row['fetch_status'],
      row['fetch_error'],
      row['fetch_sha256'],
      row['fetch_file'],
    ]),
    [
      ['200', 'body-too-large', '', ''],
      ['200', 'body-too-large', '', ''],
    ],
  );
  const again = await urlmill(
    [...args.slice(0, 3), '--columns', 'error', '--save-bodies', 'kept', 'in.txt'],
    { cwd },
  );
  t.deepEqual(
    csvObjects(again.stdout).map((row) => [row['fetch_error'], row['fetch_file']?.slice(-64)]),
    [
      ['http-truncated', ''],
      ['', sha256],
    ],
  );
  t.deepEqual(await filesIn(join(cwd, 'kept')), [sha256]);
});

for (const threads of ['1', '2']) {
  test(`a large body that cannot be written ends the run with code 4: --threads ${threads}`, async (t) => {
    const server = await site(t);
    const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}/a\n` });
    const args = ['--threads', threads, '--save-bodies', 'kept', 'in.txt'];
    const { code, stderr } = await shell('ulimit -f 200; exec "$@"', args, { cwd });
    t.is(code, 4, stderr);
    t.regex(
      stderr,
      /^urlmill: kept\/\.tmp-[\w-]+: cannot be written: file too large; 0 rows are safe[^\n]*\n$/,
    );
    t.deepEqual(await filesIn(join(cwd, 'kept')), []);
  });
}
