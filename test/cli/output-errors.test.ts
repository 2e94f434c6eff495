import { readFileSync, rmSync } from 'node:fs';
import { chmod, open, readFile, readdir, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import test from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

/** Rows that need no network, because their URLs are refused. */
function list(rows: number): string {
  return `id,url\n${Array.from({ length: rows }, (_, i) => `${i + 1},mailto:a@example.org\n`).join('')}`;
}

test('a full device behind standard output ends with code 4', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': list(3) });
  const { code, stderr } = await shell('exec "$@" > /dev/full', ['in.csv'], { cwd });
  t.is(stderr, 'urlmill: standard output: cannot be written: no space left on device; 0 rows are safe\n');
  t.is(code, 4);
});

test('a full device is noticed during the run, not after it', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    // The second row never gets an answer, so the run would not end by itself.
    if (url === '/1') response.end();
  });
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}/1\n${server.url}/2\n` });
  const { code } = await shell('exec "$@" > /dev/full', ['--timeout', '10m', 'in.txt'], { cwd });
  t.is(code, 4);
});

test('a full device behind standard output is told of by what writes other texts too', async (t) => {
  const result = 'url,fetch_status,fetch_error\nhttp://a.example/,200,\n';
  const cwd = await temporaryFolder(t, { 'result.csv': result });
  const lines = [['report', 'result.csv'], ['completion', 'bash'], ['--help'], ['--version']];
  for (const args of lines) {
    // oxlint-disable-next-line no-await-in-loop
    const { code, stderr } = await shell('exec "$@" > /dev/full', args, { cwd });
    t.is(stderr, 'urlmill: standard output: cannot be written: no space left on device\n', args.join(' '));
    t.is(code, 4, args.join(' '));
  }
});

test('an empty name of the output ends with code 2 before the first request', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}\n` });
  const { code, stderr } = await urlmill(['-o', '', 'in.txt'], { cwd });
  t.is(stderr, 'urlmill: --output: name a file, or "-" for standard output\n');
  t.is(server.requests.length, 0);
  t.deepEqual(await readdir(cwd), ['in.txt']);
  t.is(code, 2);
});

const ownFile = test.macro({
  exec: async (t, args: readonly string[]) => {
    const server = await httpServer(t, (_, response) => response.end());
    const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}\n`, own: 'x-key: secret\n' });
    const { code, stderr } = await urlmill([...args, 'in.txt'], { cwd });
    t.regex(
      stderr,
      /^urlmill: --(?:output: own is a file that another option reads|summary: own is another)/,
    );
    t.is(code, 2);
    t.is(server.requests.length, 0);
    t.is(await readFile(join(cwd, 'own'), 'utf8'), 'x-key: secret\n');
  },
  title: (_, args: readonly string[]) => `${args.join(' ')} does not write over a file that the run reads`,
});

test(ownFile, ['-o', 'own', '-H', '@own']);
test(ownFile, ['-o', 'own', '--data-file', 'own']);
test(ownFile, ['--summary', 'own', '-H', '@own', '-o', 'out.csv']);

test('a folder that does not exist ends with code 4 before the first request', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}\n` });
  const { code, stdout, stderr } = await urlmill(['-o', 'none/out.csv', 'in.txt'], { cwd });
  t.is(stderr, 'urlmill: none/out.csv: cannot be written: no such file or directory\n');
  t.is(stdout, '');
  t.is(server.requests.length, 0);
  t.is(code, 4);
});

test('a folder in the place of the output ends with code 4 before the first request', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}\n`, 'out.csv/file': '' });
  const { code, stderr } = await urlmill(['-o', 'out.csv', 'in.txt'], { cwd });
  t.is(stderr, 'urlmill: out.csv: is a directory; name a file\n');
  t.is(server.requests.length, 0);
  t.deepEqual(await readdir(cwd), ['in.txt', 'out.csv']);
  t.is(code, 4);
});

const noSummary = test.macro({
  exec: async (t, summary: string, message: string) => {
    const server = await httpServer(t, (_, response) => response.end());
    const files = { 'in.txt': `${server.url}\n`, 'folder/old': '', file: '' };
    const cwd = await temporaryFolder(t, files);
    await symlink('folder', join(cwd, 'link'));
    const before = await readdir(cwd, { recursive: true });
    const { code, stderr } = await urlmill(['--summary', summary, '-o', 'out.csv', 'in.txt'], { cwd });
    t.is(stderr, `urlmill: --summary: ${summary} ${message}\n`);
    t.is(server.requests.length, 0);
    t.deepEqual(await readdir(cwd, { recursive: true }), before);
    t.is(code, 4);
  },
  title: (_, summary: string) => `the summary ${summary} ends with code 4 before the first request`,
});

const missing = 'cannot be written: no such file or directory';
test(noSummary, 'none/s.json', missing);
test(noSummary, 'none/', 'is a directory; name a file');
test(noSummary, 'folder', 'is a directory; name a file');
test(noSummary, 'link', 'is a directory; name a file');
test(noSummary, 'file/s.json', 'cannot be written: not a directory');
// A folder in which nobody can create files, not even root.
test(noSummary, '/proc/self/s.json', missing);

test('a summary whose folder goes away during the run ends with code 4, and the rows are there', async (t) => {
  const server = await httpServer(t, (_, response) => {
    rmSync(join(cwd, 'figures'), { recursive: true });
    response.end();
  });
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}\n`, 'figures/old': '' });
  const { code, stdout, stderr } = await urlmill(['--summary', 'figures/s.json', 'in.txt'], { cwd });
  t.is(csvObjects(stdout).length, 1);
  t.regex(stderr, /^urlmill: --summary: figures\/s\.json cannot be written: [^\n]+\n$/);
  t.is(code, 4);
});

test('an earlier summary stays whole until the new one is', async (t) => {
  const old: string[] = [];
  const server = await httpServer(t, (_, response) => {
    old.push(readFileSync(join(cwd, 's.json'), 'utf8'));
    response.end();
  });
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}\n`, 's.json': 'old' });
  await chmod(join(cwd, 's.json'), 0o600);
  const earlier = await open(join(cwd, 's.json'));
  t.is((await urlmill(['--summary', 's.json', 'in.txt'], { cwd })).code, 0);
  t.deepEqual(old, ['old']);
  // A reader that opened the old file still sees it: it was replaced, not overwritten.
  t.is(await earlier.readFile('utf8'), 'old');
  await earlier.close();
  t.like(JSON.parse(await readFile(join(cwd, 's.json'), 'utf8')), { rows: 1 });
  t.is((await stat(join(cwd, 's.json'))).mode & 0o777, 0o600);
  t.deepEqual(await readdir(cwd), ['in.txt', 's.json']);
});

test('a summary goes through a link, and into a pipe', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': list(1), 'real.json': 'old' });
  await symlink('real.json', join(cwd, 's.json'));
  t.is((await urlmill(['--summary', 's.json', 'in.csv'], { cwd })).code, 0);
  t.like(JSON.parse(await readFile(join(cwd, 'real.json'), 'utf8')), { rows: 1 });
  const piped = await shell('"$@" 3>&1 > /dev/null | cat', ['--summary', '/dev/fd/3', 'in.csv'], { cwd });
  t.like(JSON.parse(piped.stdout), { rows: 1 });
});

/** Number of rows that the message calls safe. */
function safeRows(stderr: string): number {
  return Number(/; (\d+) rows are safe/.exec(stderr)?.[1]);
}

// 512 KiB or 1 MiB, depending on the block size of the shell; the output has 2 MB and more.
const limited = 'ulimit -f 1024; exec "$@"';

test('when the disk is full, FILE.part ends with a whole row and the message counts its rows', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': list(30_000), 'out.csv': 'old\n' });
  const { code, stderr } = await shell(limited, ['-o', 'out.csv', 'in.csv'], { cwd });
  const part = await readFile(join(cwd, 'out.csv.part'), 'utf8');
  const written = csvObjects(part);
  t.regex(
    stderr,
    /^urlmill: out\.csv\.part: cannot be written: file too large[^\n]* in out\.csv\.part; when it can be written again, go on with --resume\n$/,
  );
  t.true(part.endsWith('Z\n'));
  t.deepEqual(
    written.map(({ id }) => Number(id)),
    Array.from({ length: written.length }, (_, i) => i + 1),
  );
  t.true(written.length > 1000, `${written.length} rows`);
  t.is(safeRows(stderr), written.length);
  t.is(await readFile(join(cwd, 'out.csv'), 'utf8'), 'old\n');
  t.is(code, 4);
});

test('when the disk is full, a packed FILE.part can be unpacked and has the rows that the message counts', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': list(30_000) });
  const { code, stderr } = await shell('ulimit -f 100; exec "$@"', ['-o', 'out.csv.gz', 'in.csv'], { cwd });
  const written = csvObjects(gunzipSync(await readFile(join(cwd, 'out.csv.gz.part'))).toString());
  t.true(written.length > 1000 && written.length < 30_000, `${written.length} rows`);
  t.is(safeRows(stderr), written.length);
  t.is(code, 4);
});

test('when the disk behind standard output is full, so many rows are there as the message says', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': list(30_000) });
  const { code, stderr } = await shell(`${limited} > out.csv`, ['in.csv'], { cwd });
  const lines = (await readFile(join(cwd, 'out.csv'), 'utf8')).split('\n');
  const safe = safeRows(stderr);
  // Line 0 is the header; the text after the last line end is a row that was cut off.
  t.true(safe > 1000 && safe <= lines.length - 2, `${safe} safe, ${lines.length} lines`);
  t.true(lines[safe]?.startsWith(`${safe},`));
  t.is(code, 4);
});
