import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';

import test from 'ava';

import { noise } from '../fetch/schedule/spilling.ts';
import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { sameBytes } from '../helpers/same.ts';
import { filesIn, placeOf } from '../helpers/saved-bodies.ts';
import { httpServer } from '../helpers/server.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

function list(url: string, rows: number): string {
  return Array.from({ length: rows }, (_, i) => `${url}/${i}\n`).join('');
}

/** 100 kB that are different for each URL. */
function largeBody(url: string): Buffer {
  return noise(100_000, Number(url.slice(1)) + 1);
}

/** No timeout may pass on a busy machine: a row that is tried again would come after later ones. */
const unhurried = ['--timeout', '10m', '--connect-timeout', '10m'];

test('the bodies are there as files, byte for byte and decoded, where the rows say', async (t) => {
  const large = noise(3_000_000);
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/packed') response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('<p>ä</p>'));
    else if (url === '/large') response.end(large);
    else if (url === '/moved') response.writeHead(302, { location: '/packed' }).end('on the way');
    else if (url === '/missing') response.writeHead(404).end('not here');
    else if (url === '/cut') response.writeHead(200, { 'content-length': '100' }).end('half');
    else if (url === '/too-large') response.end(Buffer.alloc(3_000_001));
    else response.end();
  });
  const paths = ['packed', 'large', 'moved', 'missing', 'cut', 'too-large', 'empty'];
  const urls = paths.map((path) => `${server.url}/${path}\n`).join('');
  const cwd = await temporaryFolder(t, { 'in.csv': `url\n${urls}mailto:a@example.org\n` });
  const args = ['--save-bodies', 'bodies', '--max-body', '3MB', '--retries', '0', '--ordered'];
  const { code, stdout } = await urlmill([...args, '--columns', 'status', '--extract', 'sha256', 'in.csv'], {
    cwd,
  });
  t.is(stdout.split('\n')[0], 'url,fetch_status,fetch_file,fetch_sha256');
  const rows = csvObjects(stdout);
  const places = ['<p>ä</p>', large, '<p>ä</p>', 'not here'].map(placeOf);
  t.deepEqual(
    rows.map(({ fetch_status: status, fetch_file: file }) => [status, file]),
    [
      ...[200, 200, 200, 404].map((status, i) => [String(status), places[i]]),
      ...['200', '200', '200', ''].map((status) => [status, '']),
    ],
  );
  t.is(rows[1]?.['fetch_sha256'], basename(places[1] ?? ''));
  t.deepEqual(await filesIn(join(cwd, 'bodies')), [...new Set(places)].toSorted());
  t.deepEqual(await readFile(join(cwd, 'bodies', places[0] ?? '')), Buffer.from('<p>ä</p>'));
  sameBytes(t, await readFile(join(cwd, 'bodies', places[1] ?? '')), large);
  t.is((await stat(join(cwd, 'bodies'))).mode & 0o777, 0o700);
  t.is(code, 0);
});

test('nothing in a name comes from the network', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.setHeader('content-disposition', 'attachment; filename="../../evil.html"');
    response.setHeader('content-location', '/../evil.html');
    response.end('body');
  });
  const paths = [
    '/../../evil.html',
    '/%2e%2e%2f%2e%2e%2fevil.html',
    '/..%5c..%5cevil.html',
    '/a%00b/.bashrc',
  ];
  const cwd = await temporaryFolder(t, { 'in.txt': paths.map((path) => `${server.url}${path}\n`).join('') });
  const { stdout } = await urlmill(['--save-bodies', 'bodies', 'in.txt'], { cwd });
  t.deepEqual(
    csvObjects(stdout).map(({ fetch_file: file }) => file),
    paths.map(() => placeOf('body')),
  );
  t.deepEqual(await filesIn(cwd), [`bodies/${placeOf('body')}`, 'in.txt']);
});

test('the body stays when what a module makes of it fails', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('body'));
  const module = 'export default { columns: ["a"], process() { throw new Error("no"); } };';
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}\n`, 'mine.mjs': module });
  const { stdout } = await urlmill(['--save-bodies', 'bodies', '--module', 'mine.mjs', 'in.txt'], { cwd });
  t.like(csvObjects(stdout)[0], { fetch_error: 'process-failed', fetch_file: placeOf('body') });
  t.deepEqual(await filesIn(join(cwd, 'bodies')), [placeOf('body')]);
});

test('the column of an earlier run is replaced; with another prefix it has another name', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('body'));
  const cwd = await temporaryFolder(t, { 'in.csv': `url,fetch_file,file\n${server.url},old,mine\n` });
  const args = ['--save-bodies', 'bodies', '--columns', 'status', 'in.csv'];
  const plain = await urlmill(args, { cwd });
  t.is(plain.stdout, `url,file,fetch_status,fetch_file\n${server.url},mine,200,${placeOf('body')}\n`);
  const own = await urlmill(['--prefix', 'my_', ...args], { cwd });
  t.is(own.stdout.split('\n')[0], 'url,fetch_file,file,my_status,my_file');
  const none = await urlmill(['--prefix', '', ...args], { cwd });
  t.is(none.stderr, 'urlmill: the input already has a column "file"; rename one of them\n');
  t.is(none.code, 2);
});

const noFolder = test.macro({
  exec: async (t, directory: string, reason: string) => {
    const server = await httpServer(t, (_, response) => response.end('body'));
    const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}\n`, file: '' });
    const { code, stdout, stderr } = await urlmill(
      ['--save-bodies', directory, '-o', 'out.csv', '--', 'in.txt'],
      {
        cwd,
      },
    );
    t.is(stderr, `urlmill: ${directory}: cannot be written: ${reason}\n`);
    t.is(stdout, '');
    t.is(server.requests.length, 0);
    t.deepEqual(await readdir(cwd), ['file', 'in.txt']);
    t.is(code, 4);
  },
  title: (_, directory: string) => `"${directory}" ends the run with code 4 before the first request`,
});

test(noFolder, 'file', 'not a directory');
test(noFolder, 'file/bodies', 'not a directory');
test(noFolder, 'none/bodies', 'no such file or directory');
test(noFolder, '', 'no such file or directory');

test('a body that the disk has no room for ends the run with code 4, and the rows before it are safe', async (t) => {
  const server = await httpServer(t, ({ url }, response) => response.end(url === '/9' ? noise(2e6) : url));
  const cwd = await temporaryFolder(t, { 'in.txt': list(server.url, 20) });
  const args = [
    ...unhurried,
    '-c',
    '1',
    '--progress',
    'never',
    '--save-bodies',
    'bodies',
    '-o',
    'out.csv',
    'in.txt',
  ];
  // 1 MiB or 512 KiB per file, depending on the block size of the shell.
  const { code, stderr } = await shell('ulimit -f 1024; exec "$@"', args, { cwd });
  t.regex(
    stderr,
    /^urlmill: bodies\/\.tmp-[\w-]+: cannot be written: file too large; \d+ rows are safe[^\n]*\n$/,
  );
  const files = await filesIn(join(cwd, 'bodies'));
  const expected = Array.from({ length: 9 }, (_, i) => placeOf(`/${i}`)).toSorted();
  const rows = await readFile(join(cwd, 'out.csv.part'), 'utf8');
  t.deepEqual(files, expected, `${rows}\n${server.requests.map(({ url }) => url).join(' ')}`);
  t.is(server.requests.length, 10);
  t.is(code, 4);
});

test('a run that is killed leaves whole files, and the next one completes them', async (t) => {
  const server = await httpServer(t, ({ url }, response) => response.end(largeBody(url)));
  const cwd = await temporaryFolder(t, { 'in.txt': list(server.url, 300) });
  const args = [
    ...unhurried,
    '-c',
    '20',
    '--per-host',
    '20',
    '--save-bodies',
    'bodies',
    '-o',
    'out.csv',
    'in.txt',
  ];
  const child = runningUrlmill(t, args, { cwd });
  const ended = endOf(child);
  await server.requested(100);
  child.kill('SIGKILL');
  t.is((await ended).signal, 'SIGKILL');
  const folder = join(cwd, 'bodies');
  const left = await filesIn(folder);
  // A later row begins only when a body is saved, so at least as many files are whole as rows came before it.
  const whole = left.filter((path) => !basename(path).startsWith('.tmp-'));
  t.true(whole.length >= 80 && whole.length < 300, `${whole.length} files`);
  for (const path of whole) t.is(placeOf(await readFile(join(folder, path))), path);
  const again = await urlmill(args, { cwd });
  t.is(again.code, 0, again.stderr);
  const named = csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8')).map(
    ({ fetch_file: file = '' }) => file,
  );
  t.is(new Set(named).size, 300);
  for (const path of named) t.is(placeOf(await readFile(join(folder, path))), path);
});

test('a run that is interrupted leaves no temporary files', async (t) => {
  const server = await httpServer(t, ({ url }, response) => response.end(largeBody(url)));
  const cwd = await temporaryFolder(t, { 'in.txt': list(server.url, 300) });
  const args = [...unhurried, '-c', '20', '--per-host', '20', '--save-bodies', 'bodies', 'in.txt'];
  const child = runningUrlmill(t, args, { cwd });
  const ended = endOf(child);
  await server.requested(50);
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  const files = await filesIn(join(cwd, 'bodies'));
  t.true(files.length >= 30 && files.length < 300, `${files.length} files`);
  for (const path of files) t.is(placeOf(await readFile(join(cwd, 'bodies', path))), path);
  // On a slow disk a row may be cancelled while its body is being written, so a file may have no row.
  const named = csvObjects(stdout).flatMap(({ fetch_file: file = '' }) => (file === '' ? [] : [file]));
  t.deepEqual(
    named.filter((path) => !files.includes(path)),
    [],
  );
  t.is(code, 130);
});

test('two runs may save into one folder at the same time', async (t) => {
  const server = await httpServer(t, ({ url }, response) => response.end(largeBody(url)));
  const cwd = await temporaryFolder(t, { 'in.txt': list(server.url, 100) });
  const args = ['--per-host', '20', '--save-bodies', 'bodies', 'in.txt'];
  const alone = { cwd, alone: true };
  const [one, other] = await Promise.all([urlmill(args, alone), urlmill(args, alone)]);
  t.deepEqual([one.code, other.code], [0, 0]);
  const folder = join(cwd, 'bodies');
  const files = await filesIn(folder);
  t.is(files.length, 100);
  for (const path of files) t.is(placeOf(await readFile(join(folder, path))), path);
  for (const { stdout } of [one, other]) {
    t.deepEqual(
      csvObjects(stdout)
        .map(({ fetch_file: file = '' }) => file)
        .toSorted(),
      files,
    );
  }
});

test('a thousand bodies need few open files', async (t) => {
  const server = await httpServer(t, ({ url }, response) => response.end(url));
  const cwd = await temporaryFolder(t, { 'in.txt': list(server.url, 1000) });
  const args = ['-c', '200', '--per-host', '200', '--save-bodies', 'bodies', 'in.txt'];
  const { code, stdout, stderr } = await shell('ulimit -n 100; exec "$@"', args, { cwd });
  t.is(code, 0, stderr);
  const rows = csvObjects(stdout);
  t.is(rows.length, 1000);
  t.deepEqual([...new Set(rows.map((row) => row['fetch_error'] || row['fetch_status']))], ['200'], stderr);
  t.is((await filesIn(join(cwd, 'bodies'))).length, 1000);
});
