import { mkdir, readFile, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import type { Ended } from '../helpers/cli.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { httpServer } from '../helpers/server.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { leftovers, list, onlyTo, resumes, rowsOf, stoppableServer } from './stopped-runs.ts';
import { mounts } from './small-disk.ts';

/**
 * A run into dir/out.csv: its first row is written, then `harm` is done, then the second row comes; the last
 * one hangs.
 */
async function harmed(
  t: ExecutionContext,
  harm: (folder: string) => Promise<void>,
): Promise<Ended & { readonly folder: string }> {
  const held: (() => void)[] = [];
  const server = await stoppableServer(t, ({ url }, response) => {
    if (url === '/1') response.end('ok');
    if (url === '/2') held.push(() => response.end('ok'));
  });
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 4), 'dir/out.csv': 'old\n' });
  const child = runningUrlmill(t, ['--timeout', '10m', '-c', '2', '-o', 'dir/out.csv', 'in.csv'], { cwd });
  const ended = endOf(child);
  await server.requested(3);
  await harm(join(cwd, 'dir'));
  held[0]?.();
  return { folder: join(cwd, 'dir'), ...(await ended) };
}

const loses = test.macro({
  exec: async (t, harm: (folder: string) => Promise<void>, left: Readonly<Record<string, string>>) => {
    const { folder, code, stderr } = await harmed(t, harm);
    // Rows that cannot be found any more must not be called safe.
    t.is(
      stderr,
      'urlmill: dir/out.csv.part: was removed or replaced by somebody else while it was written; 0 rows are safe\n',
    );
    t.is(code, 4);
    const names = (await readdir(folder).catch(() => [])).filter((name) => !name.endsWith('.journal'));
    const there = names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')] as const);
    t.deepEqual(Object.fromEntries(await Promise.all(there)), left);
  },
  title: (what) => `${what} ends a run with code 4, while requests are still in flight`,
});

test('FILE.part removed', loses, (folder) => rm(join(folder, 'out.csv.part')), { 'out.csv': 'old\n' });

test(
  'FILE.part replaced by another file, which is not touched,',
  loses,
  async (folder) => {
    await writeFile(join(folder, 'new'), 'of somebody else\n');
    await rename(join(folder, 'new'), join(folder, 'out.csv.part'));
  },
  { 'out.csv': 'old\n', 'out.csv.part': 'of somebody else\n' },
);

test('the directory removed', loses, (folder) => rm(folder, { recursive: true }), {});

test('the journal removed during a run costs only that it cannot be resumed', async (t) => {
  const held: (() => void)[] = [];
  const server = await stoppableServer(t, (_, response) => void held.push(() => response.end('ok')));
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 2) });
  const child = runningUrlmill(t, ['-q', '-o', 'out.csv', 'in.csv'], { cwd });
  const ended = endOf(child);
  await server.requested(2);
  await rm(join(cwd, 'out.csv.journal'));
  for (const end of held) end();
  t.like(await ended, { code: 0, stderr: '' });
  t.deepEqual(await rowsOf(cwd, 'out.csv'), ['1', '2']);
  t.deepEqual(await leftovers(cwd), []);
});

test('FILE becoming a directory during the run: code 4, and a resume does the renaming without a request', async (t) => {
  const held: (() => void)[] = [];
  const server = await stoppableServer(t, (_, response) => void held.push(() => response.end('ok')));
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 2) });
  const child = runningUrlmill(t, ['-o', 'out.csv', 'in.csv'], { cwd });
  const ended = endOf(child);
  await server.requested(2);
  await mkdir(join(cwd, 'out.csv'));
  for (const end of held) end();
  const { code, stderr } = await ended;
  t.regex(
    stderr,
    /^urlmill: out\.csv: cannot be written: [^\n]+; 2 rows are safe in out\.csv\.part; when it can be written again, go on with --resume\n$/,
  );
  t.is(code, 4);
  await rmdir(join(cwd, 'out.csv'));
  await resumes(t, [], { cwd, rows: 2 });
  t.is(server.requests.length, 2);
});

const inTheWay = test.macro({
  exec: async (t, name: string) => {
    const server = await httpServer(t, onlyTo('/1'));
    const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 1), [`${name}/file`]: '' });
    const { code, stderr } = await urlmill(['--resume', '-o', 'out.csv', 'in.csv'], { cwd });
    t.is(stderr, `urlmill: ${name}: is a directory; the output needs that name until it is whole\n`);
    t.is(code, 4);
    t.is(server.requests.length, 0);
    t.deepEqual((await readdir(cwd)).toSorted(), ['in.csv', name]);
  },
  title: (_, name: string) => `a directory named ${name} ends the run before it begins`,
});

test(inTheWay, 'out.csv.part');
test(inTheWay, 'out.csv.journal');

test('a file system that is read-only ends with code 4 before the first request', async (t) => {
  const server = await httpServer(t, onlyTo('/1'));
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 1) });
  await mkdir(join(cwd, 'disk'));
  // Without permission to mount, use a folder where nobody can create files.
  const folder = (await mounts(t, join(cwd, 'disk'), 'ro')) ? 'disk' : '/sys/kernel';
  const { code, stderr } = await urlmill(['-o', `${folder}/out.csv`, 'in.csv'], { cwd });
  t.regex(
    stderr,
    /^urlmill: [/a-z]+\/out\.csv: cannot be written: (read-only file system|permission denied|operation not permitted)\n$/,
  );
  t.is(code, 4);
  t.is(server.requests.length, 0);
});

test('a pipe with a name whose reader has enough ends the run without a word', async (t) => {
  const urls = 'mailto:a@example.org\n'.repeat(30_000);
  const cwd = await temporaryFolder(t, { 'in.txt': urls });
  const line = 'mkfifo pipe; head -n 1 < pipe & "$@"; code=$?; wait; exit $code';
  const { code, stdout, stderr } = await shell(line, ['-o', 'pipe', 'in.txt'], { cwd });
  t.regex(stdout, /^url,fetch_status[^\n]*\n$/);
  t.is(stderr, '');
  t.is(code, 141);
});
