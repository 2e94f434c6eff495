import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { sameBytes } from '../helpers/same.ts';
import { httpServer, rawServer } from '../helpers/server.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { filesIn, hashOf, large, page, sha256, site } from './large-responses.ts';

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
    sameBytes(t, await readFile(join(cwd, 'kept', place)), large);
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
    fetch_sha256: hashOf(page),
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

test('--change-by text reads texts as large as --max-text', async (t) => {
  const server = await site(t);
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}/page\n` });
  const args = ['-q', '--change-by', 'text', '--columns', 'status,error,url', '-o', 'out.csv', 'in.txt'];
  for (const change of ['new', 'same']) {
    await urlmill(['--since', 'out.csv', ...args], { cwd });
    const [row] = csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8'));
    t.like(row, { fetch_status: '200', fetch_error: '', fetch_change: change });
    t.regex(row?.['fetch_text_sha256'] ?? '', /^[0-9a-f]{64}$/);
  }
});

test('above --max-text headers are told, and what would have read the body fails', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    response.setHeader('content-type', url.slice(1)).setHeader('x-robots-tag', 'noindex').end(large);
  });
  const paths = ['application/pdf', 'application/javascript', 'text/html'];
  const own = 'export default { columns: ["size"], process: ({ body }) => ({ size: body.length }) };';
  const cwd = await temporaryFolder(t, {
    'in.txt': paths.map((path) => `${server.url}/${path}\n`).join(''),
    'own.mjs': own,
  });
  const errors = async (...args: string[]): Promise<unknown[]> => {
    const limited = [
      '--ordered',
      '--max-text',
      '300kB',
      '--columns',
      'error',
      '--response-header',
      'tag=x-robots-tag',
    ];
    const { code, stdout } = await urlmill([...limited, ...args, 'in.txt'], { cwd });
    t.is(code, 0);
    const rows = csvObjects(stdout);
    t.deepEqual(
      rows.map(({ tag }) => tag),
      ['noindex', 'noindex', 'noindex'],
    );
    return rows.map((row) => row['fetch_error']);
  };
  const failed = 'process-failed';
  t.deepEqual(await errors(), ['', '', '']);
  t.deepEqual(await errors('--extract', 'sha256'), ['', '', '']);
  t.deepEqual(await errors('--extract', 'robots'), ['', failed, failed]);
  t.deepEqual(await errors('--select', 'a=a'), ['', failed, failed]);
  for (const reading of [
    ['--regex', 'a=(b)'],
    ['--json', 'a=b'],
    ['--body', 'a'],
    ['--module', 'own.mjs'],
  ])
    t.deepEqual(await errors(...reading), [failed, failed, failed]);
});

test('few open files make a run with large bodies slower, and no worse', async (t) => {
  const server = await site(t);
  const cwd = await temporaryFolder(t, {
    'in.txt': Array.from({ length: 150 }, (_, i) => `${server.url}/${i}\n`).join(''),
  });
  const args = ['-c', '200', '--per-host', '200', '--save-bodies', 'kept', '-o', 'out.csv', 'in.txt'];
  const { code, stderr } = await shell('ulimit -n 256; exec "$@"', args, { cwd });
  t.is(code, 0, stderr);
  const rows = csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8'));
  t.deepEqual(new Set(rows.map((row) => row['fetch_status'])), new Set(['200']));
  t.deepEqual(await filesIn(join(cwd, 'kept')), [sha256]);
});

test('a run with threads that is stopped leaves no part of a body', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.setHeader('content-length', 2 * large.length).write(large);
  });
  const cwd = await temporaryFolder(t, {
    'in.txt': Array.from({ length: 4 }, (_, i) => `${server.url}/${i}\n`).join(''),
  });
  const args = ['--threads', '2', '--grace', '1ms', '--save-bodies', 'kept', '-o', 'out.csv', 'in.txt'];
  const child = runningUrlmill(t, args, { cwd });
  const ended = endOf(child);
  await server.requested(4);
  while ((await filesIn(join(cwd, 'kept'))).length < 4) await nextTurn();
  child.kill('SIGTERM');
  t.is((await ended).code, 143);
  t.deepEqual(await filesIn(join(cwd, 'kept')), []);
});
