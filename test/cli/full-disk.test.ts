import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import test from 'ava';

import { csvObjects } from '../helpers/csv.ts';
import { sameMany } from '../helpers/same.ts';
import { httpServer } from '../helpers/server.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { leftovers, list } from './stopped-runs.ts';
import { smallDisk } from './small-disk.ts';

const rows = 30_000;

/**
 * Rows that need no network, because their URLs are refused. They make 2 MB of output, or 100 kB compressed.
 */
const input = `id,url\n${Array.from({ length: rows }, (_, i) => `${i + 1},mailto:a@example.org\n`).join('')}`;

async function idsOf(path: string): Promise<number[]> {
  const bytes = await readFile(path);
  return csvObjects((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString()).map(({ id }) =>
    Number(id),
  );
}

const all = Array.from({ length: rows }, (_, i) => i + 1);

const fills = test.macro({
  exec: async (t, file: string, kilobytes: number, args: readonly string[]) => {
    const disk = await smallDisk(t, kilobytes);
    const path = join(await temporaryFolder(t, { 'in.csv': input }), 'in.csv');
    await writeFile(join(disk.folder, file), 'old\n');
    const full = await disk.run([...args, '-o', file, path]);
    t.is(full.code, 4);
    const [, code, safe] =
      /^urlmill: out\.csv[.a-z]*: cannot be written: (no space left on device|file too large); (\d+) rows are safe in out\.csv[.a-z]*\.part; when it can be written again, go on with --resume\n$/.exec(
        full.stderr,
      ) ?? [];
    t.truthy(code, full.stderr);
    t.true(Number(safe) >= 1000 && Number(safe) < rows, safe);
    t.is(await readFile(join(disk.folder, file), 'utf8'), 'old\n');
    // The disk is still full: the run ends the same way, without losing a row.
    const again = await disk.run(['--resume', ...args, '-o', file, path]);
    t.is(again.code, 4, again.stderr);
    t.true(Number(/; (\d+) rows are safe/.exec(again.stderr)?.[1]) >= Number(safe), again.stderr);
    await disk.makeRoom();
    const { code: end, stderr } = await disk.run(['--resume', ...args, '-o', file, path]);
    t.is(end, 0, stderr);
    t.regex(stderr, /^urlmill: 30,000 rows, [\d,]+ of them by earlier runs in /);
    const ids = await idsOf(join(disk.folder, file));
    sameMany(
      t,
      ids.toSorted((a, b) => a - b),
      all,
    );
    t.deepEqual(await leftovers(disk.folder), []);
  },
  title: (what) => `a full disk ends the run with code 4, and once there is room it goes on: ${what}`,
});

test('a file', fills, 'out.csv', 1024, []);
test('in order', fills, 'out.csv', 1024, ['--ordered']);
test('packed', fills, 'out.csv.gz', 60, []);

test('a limit of file sizes ends the run like a full disk, and without it --resume goes on', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': input });
  const args = ['--resume', '-q', '-o', 'out.csv', 'in.csv'];
  // 1024 blocks: 512 KiB if the shell counts in 512 bytes, 1 MiB if in 1024 bytes.
  const full = await shell('ulimit -f 1024; exec "$@"', args, { cwd });
  t.is(full.code, 4);
  t.regex(full.stderr, /file too large/);
  t.like(await shell('exec "$@"', args, { cwd }), { code: 0, stderr: '' });
  sameMany(t, await idsOf(join(cwd, 'out.csv')), all);
});

test('a disk that is full before the run: code 4, no request, and nothing is left behind', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const cwd = await temporaryFolder(t, { 'in.csv': list(server.url, 3), 'out.csv': 'old\n' });
  // No file may get even one byte.
  const { code, stderr } = await shell('ulimit -f 0; exec "$@"', ['-o', 'out.csv', 'in.csv'], { cwd });
  t.regex(stderr, /^urlmill: out\.csv: cannot be written: file too large\n$/);
  t.is(code, 4);
  t.is(server.requests.length, 0);
  t.deepEqual((await readdir(cwd)).toSorted(), ['in.csv', 'out.csv']);
  t.is(await readFile(join(cwd, 'out.csv'), 'utf8'), 'old\n');
});
