import { lstat, mkdir, readFile, readdir, readlink, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { leftovers, list, onlyTo, rowsOf, stoppableServer } from './stopped-runs.ts';

/** A list whose row needs no network, because its URL is refused. */
const refused = 'id,url\n1,mailto:a@example.org\n';
const results = 'id,url,fetch_error\n1,mailto:a@example.org,unsupported-scheme\n';
const plain = ['-q', '--columns', 'error'];

/** A folder in which `link.csv` is a link to `real/out.csv`. */
async function linked(t: ExecutionContext, files: Readonly<Record<string, string>>): Promise<string> {
  const cwd = await temporaryFolder(t, files);
  await mkdir(join(cwd, 'real'), { recursive: true });
  await symlink(join('real', 'out.csv'), join(cwd, 'link.csv'));
  return cwd;
}

const throughLink = test.macro({
  exec: async (t, files: Readonly<Record<string, string>>) => {
    const cwd = await linked(t, { 'in.csv': refused, ...files });
    t.like(await urlmill([...plain, '-o', 'link.csv', 'in.csv'], { cwd }), { code: 0, stderr: '' });
    t.is(await readlink(join(cwd, 'link.csv')), join('real', 'out.csv'));
    t.true((await lstat(join(cwd, 'real', 'out.csv'))).isFile());
    t.is(await readFile(join(cwd, 'real', 'out.csv'), 'utf8'), results);
    t.deepEqual((await readdir(cwd, { recursive: true })).toSorted(), [
      'in.csv',
      'link.csv',
      'real',
      join('real', 'out.csv'),
    ]);
  },
  title: (what) => `-o writes what a symbolic link leads to: ${what}`,
});

test('a file', throughLink, { 'real/out.csv': 'old\n' });
test('nothing yet', throughLink, {});

test('-o follows a link to a link, and up from a linked folder', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': refused, 'deep/inner/old': '' });
  await symlink(join('deep', 'inner'), join(cwd, 'folder'));
  // The target of the link is relative to its own folder, deep/inner, so it is deep/out.csv.
  await symlink(join('..', 'out.csv'), join(cwd, 'deep', 'inner', 'second.csv'));
  await symlink(join('folder', 'second.csv'), join(cwd, 'first.csv'));
  t.like(await urlmill([...plain, '-o', 'first.csv', 'in.csv'], { cwd }), { code: 0, stderr: '' });
  t.is(await readFile(join(cwd, 'deep', 'out.csv'), 'utf8'), results);
  t.like(await urlmill([...plain, '-o', 'folder/../third.csv', 'in.csv'], { cwd }), { code: 0, stderr: '' });
  t.is(await readFile(join(cwd, 'deep', 'third.csv'), 'utf8'), results);
});

const nowhere = test.macro({
  exec: async (t, target: string, message: RegExp) => {
    const cwd = await temporaryFolder(t, { 'in.csv': refused });
    await symlink(target, join(cwd, 'link.csv'));
    const { code, stderr } = await urlmill(['-o', 'link.csv', 'in.csv'], { cwd });
    t.regex(stderr, message);
    t.is(code, 4);
    t.deepEqual(await readdir(cwd), ['in.csv', 'link.csv']);
  },
  title: (what) => `-o through a link that leads nowhere ends with code 4: ${what}`,
});

test(
  'a circle',
  nowhere,
  'link.csv',
  /^urlmill: link\.csv: cannot be written: too many symbolic links[^\n]*\n$/,
);
test(
  'a missing folder',
  nowhere,
  join('none', 'out.csv'),
  /^urlmill: \S+none\/out\.csv: cannot be written: [^\n]+\n$/,
);
test('a folder', nowhere, '.', /^urlmill: [^\n]+: is a directory; name a file\n$/);

const goesOn = test.macro({
  exec: async (t, first: string, second: string) => {
    const server = await stoppableServer(t, onlyTo('/1'));
    const cwd = await linked(t, { 'in.csv': list(server.url, 3) });
    const child = runningUrlmill(t, ['-q', '-c', '1', '-o', first, 'in.csv'], { cwd });
    const ended = endOf(child);
    await server.requested(2);
    child.kill('SIGTERM');
    const { stderr } = await ended;
    t.true(stderr.includes(join('real', 'out.csv.part')), stderr);
    t.deepEqual((await readdir(join(cwd, 'real'))).toSorted(), ['out.csv.journal', 'out.csv.part']);
    server.heal();
    const before = server.requests.length;
    t.is((await urlmill(['-q', '--resume', '-o', second, 'in.csv'], { cwd })).code, 0);
    t.is(server.requests.length - before, 2);
    t.is((await rowsOf(cwd, join('real', 'out.csv'), 'fetch_status')).length, 3);
    t.deepEqual(await leftovers(join(cwd, 'real')), []);
  },
  title: (_, first: string, second: string) =>
    `a run into ${first} leaves its rows in the folder of the file, and --resume -o ${second} finds them`,
});

test(goesOn, 'link.csv', 'link.csv');
test(goesOn, 'link.csv', 'real/out.csv');
test(goesOn, 'real/out.csv', 'link.csv');

test('two runs into one file by two names exclude each other', async (t) => {
  const server = await stoppableServer(t, () => {});
  const cwd = await linked(t, { 'in.csv': list(server.url, 1) });
  const first = runningUrlmill(t, ['-q', '-o', 'link.csv', 'in.csv'], { cwd });
  await server.requested(1);
  t.is((await urlmill(['-q', '-o', 'real/out.csv', 'in.csv'], { cwd })).code, 7);
  first.kill('SIGKILL');
});

test('the file that is replaced keeps its permissions, owner and group', async (t) => {
  const cwd = await linked(t, { 'in.csv': refused, 'real/out.csv': 'old\n' });
  // Only root can give a file to somebody else.
  const other = process.getuid?.() === 0 ? '12345:23456' : '';
  const line = `chmod 640 real/out.csv && { [ -z "${other}" ] || chown ${other} real/out.csv; } && exec "$@"`;
  t.is((await shell(line, [...plain, '-o', 'link.csv', 'in.csv'], { cwd })).code, 0);
  const { mode, uid, gid } = await stat(join(cwd, 'real', 'out.csv'));
  t.is(
    `${(mode & 0o777).toString(8)} ${uid}:${gid}`,
    `640 ${other || `${process.getuid?.()}:${process.getgid?.()}`}`,
  );
  t.is(await readFile(join(cwd, 'real', 'out.csv'), 'utf8'), results);
});

const toStream = test.macro({
  exec: async (t, name: string, file: 'out' | 'err' | 'three', target?: string) => {
    const cwd = await temporaryFolder(t, { 'in.csv': refused, out: 'before\n' });
    if (target !== undefined) await symlink(target, join(cwd, name));
    const { code, stderr } = await shell(
      `exec "$@" >> out 2>> err 3>> three`,
      [...plain, '-o', name, 'in.csv'],
      { cwd },
    );
    t.is(stderr, '');
    t.is(code, 0);
    const written = { out: 'before\n', err: '', three: '' };
    written[file] += results;
    for (const [path, content] of Object.entries(written))
      t.is(await readFile(join(cwd, path), 'utf8'), content);
    if (target !== undefined) t.is(await readlink(join(cwd, name)), target);
    const files = ['err', 'in.csv', 'out', 'three', ...(target === undefined ? [] : [name])];
    t.deepEqual((await readdir(cwd)).toSorted(), files.toSorted());
  },
  title: (_, name: string, _file: string, target: string = 'itself') =>
    `-o ${name} (${target}) writes to what the process was started with, behind what is there`,
});

test(toStream, '-', 'out');
test(toStream, '/dev/fd/1', 'out');
test(toStream, '/proc/self/fd/1', 'out');
test(toStream, '/dev/fd/3', 'three');

// The targets of /dev/stdout and the like: a failing test could replace these links themselves for the whole
// machine.
test(toStream, 'stdout', 'out', '/proc/self/fd/1');
test(toStream, 'stderr', 'err', '/proc/self/fd/2');
test(toStream, 'stdout', 'out', '/dev/fd/1');

test('-o ./- is a file', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': refused });
  t.is((await urlmill([...plain, '-o', './-', 'in.csv'], { cwd })).stdout, '');
  t.is(await readFile(join(cwd, '-'), 'utf8'), results);
});

test('--resume cannot go on with what is no file', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': refused });
  const { code, stderr } = await urlmill(['--resume', '-o', '-', 'in.csv'], { cwd });
  t.is(stderr, 'urlmill: --resume: name the file to go on with by --output FILE\n');
  t.is(code, 2);
});
