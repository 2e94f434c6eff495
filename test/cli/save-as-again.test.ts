import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { noise } from '../fetch/schedule/spilling.ts';
import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { filesIn, placeOf } from '../helpers/saved-bodies.ts';
import { sameBytes } from '../helpers/same.ts';
import type { Answer } from '../helpers/server.ts';
import { shell } from '../helpers/shell.ts';
import {
  areRight,
  byLabel,
  filesOf,
  image,
  killed,
  manifest,
  naming,
  rowsOf,
  site,
  three,
  unhurried,
} from './image-sets.ts';

const large = noise(700_000);

for (const threads of ['1', '2']) {
  test(`large bodies get their names when they are whole: --threads ${threads}`, async (t) => {
    const { cwd, run, files } = await site(
      t,
      [
        ['1', 'cat', '/a'],
        ['2', 'cat', '/b'],
        ['1', 'cat', '/c'],
        ['3', 'cat', '/text'],
      ],
      ({ url }, response) => {
        response.setHeader('content-type', url === '/text' ? 'text/plain' : 'video/mp4').end(large);
      },
    );
    const when = ['--save-when', 'type!=text/*,bytes>1kB'];
    const args = ['-c', '1', '--threads', threads, ...naming];
    t.deepEqual(filesOf(await run(...args, '{id}-{sha256}{ext}', ...when)), [
      ...['1', '2', '1'].map((id) => `${id}-${placeOf(large).slice(6)}.mp4`),
      '',
    ]);
    t.deepEqual(filesOf(await run(...args, '{label}/{id}{ext}', ...when)), [
      'cat/1.mp4',
      'cat/2.mp4',
      'cat/1-2.mp4',
      '',
    ]);
    t.is((await files()).length, 5);
    for (const name of await files()) sameBytes(t, await readFile(join(cwd, 'set', name)), large);
    const skipped = await site(t, three, (_, response) => response.end(large));
    await skipped.run('-c', '1', ...byLabel, '--save-clash', 'skip');
    t.deepEqual(await skipped.files(), ['cat/1', 'cat/\u00e9']);
  });
}

test("somebody else's file is never written over", async (t) => {
  const { run, cwd, files } = await site(t, [['1', 'cat', '/a']]);
  await mkdir(join(cwd, 'set/cat'), { recursive: true });
  await writeFile(join(cwd, 'set/cat/1.jpg'), 'mine');
  t.deepEqual(filesOf(await run(...byLabel)), ['cat/1-2.jpg']);
  t.deepEqual(filesOf(await run(...byLabel)), ['cat/1-2.jpg']);
  t.is(await readFile(join(cwd, 'set/cat/1.jpg'), 'utf8'), 'mine');
  t.deepEqual(await files(), ['cat/1-2.jpg', 'cat/1.jpg']);
});

test('a file in the place of a folder fails its row alone', async (t) => {
  const { run, cwd } = await site(t, [
    ['1', 'cat', '/a'],
    ['1', 'dog', '/b'],
  ]);
  await mkdir(join(cwd, 'set'));
  await writeFile(join(cwd, 'set/cat'), 'mine');
  const rows = await run(...byLabel, '--columns', 'error,error_detail');
  t.like(rows[0], {
    fetch_error: 'process-failed',
    fetch_error_detail: '--save-as: "cat/1.jpg" is no name here: cat is no folder',
    fetch_file: '',
  });
  t.like(rows[1], { fetch_error: '', fetch_file: 'dog/1.jpg' });
});

test('a row keeps its name when its body changes, and when the list has other lines before it', async (t) => {
  let night = 1;
  const answer: Answer = ({ url }, response) => response.end(`${url} ${night}`);
  const { run, cwd, files, server } = await site(t, three, answer);
  await run('-c', '1', ...byLabel);
  night = 2;
  const list = await readFile(join(cwd, 'in.csv'), 'utf8');
  await writeFile(join(cwd, 'in.csv'), list.replace('\n', `\n1,cat,${server.url}/new\n`));
  const names = ['cat/1', 'CAT/1-2', 'cat/1-3', 'cat/\u00e9', 'cat/\u00e9-2'];
  t.deepEqual(filesOf(await run('-c', '1', ...byLabel)), ['cat/1-4', ...names]);
  t.is(await readFile(join(cwd, 'set/CAT/1-2'), 'utf8'), '/b 2');
  t.deepEqual(await files(), [...names, 'cat/1-4'].toSorted());
});

test('names whose files were all removed are free again', async (t) => {
  const { run, cwd } = await site(t, three);
  await run('-c', '1', ...byLabel);
  await rm(join(cwd, 'set/cat'), { recursive: true });
  await rm(join(cwd, 'set/CAT'), { recursive: true });
  await writeFile(join(cwd, 'in.csv'), (await readFile(join(cwd, 'in.csv'), 'utf8')).replaceAll('/a', '/z'));
  t.is((await run('-c', '1', ...byLabel, '--limit', '1'))[0]?.['fetch_file'], 'cat/1.jpg');
});

test('rows that wait on disk keep their names', async (t) => {
  const rows = Array.from({ length: 300 }, (_, i) => [String(i), 'cat', `/${i}`] as const);
  const { run, files } = await site(t, rows, (request, response) => {
    setImmediate(() => image(request, response));
  });
  await run('--look-ahead', '1', '--per-host', '1', ...byLabel);
  t.deepEqual(await files(), rows.map(([id]) => `cat/${id}.jpg`).toSorted());
});

test('--once: rows that share a request share its file, in later runs too', async (t) => {
  const { run, files, server } = await site(t, [
    ['1', 'cat', '/a'],
    ['2', 'cat', '/a'],
  ]);
  const once = [...byLabel, '--once', '--skip-saved', '--columns', 'attempts'];
  t.deepEqual(filesOf(await run(...once)), ['cat/1.jpg', 'cat/1.jpg']);
  t.deepEqual(filesOf(await run(...once)), ['cat/1.jpg', 'cat/1.jpg']);
  t.deepEqual(await files(), ['cat/1.jpg']);
  t.is(server.requests.length, 1);
});

test('--since keeps the file of a page that has not changed, and --retry-failed that of a row that is copied', async (t) => {
  const { run, cwd, files, server } = await site(t, three, ({ url, headers }, response) => {
    response.setHeader('etag', '"1"');
    if (headers['if-none-match'] === '"1"') response.writeHead(304).end();
    else if (url === '/c' && server.requests.length < 7) response.writeHead(500).end();
    else response.end(url);
  });
  const args = [...byLabel, '-c', '1', '--retries', '0', '--save-when', 'status=200', '-o', 'out.csv'];
  const written = async (): Promise<Record<string, string>[]> =>
    csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8'));
  const names = ['cat/1', 'CAT/1-2', '', 'cat/\u00e9', 'cat/\u00e9-2'];
  await run(...args, '--since', 'out.csv');
  t.deepEqual(filesOf(await written()), names);
  await run(...args, '--since', 'out.csv');
  const second = await written();
  t.deepEqual(filesOf(second), names.with(2, 'cat/1-3'));
  t.deepEqual(
    second.map((row) => row['fetch_change']),
    ['same', 'same', 'recovered', 'same', 'same'],
  );
  const before = server.requests.length;
  const { code } = await urlmill(
    [...byLabel, '--retry-failed', 'out.csv', '--skip-saved', '-o', 'retried.csv'],
    { cwd },
  );
  t.is(code, 0);
  t.deepEqual(filesOf(csvObjects(await readFile(join(cwd, 'retried.csv'), 'utf8'))), filesOf(second));
  t.is(server.requests.length, before);
  t.is((await files()).length, 5);
});

for (const after of [50, 300, 550]) {
  test(`a run that is killed after ${after} requests goes on with the same names`, async (t) => {
    const left = await killed(t, after);
    const part = await rowsOf(left.cwd, 'out.csv.part');
    const { code, stderr } = await urlmill(['--resume', ...left.args], { cwd: left.cwd });
    t.is(code, 0, stderr);
    await areRight(t, left);
    const now = new Map((await rowsOf(left.cwd, 'out.csv')).map((row) => [row['url'], row['fetch_file']]));
    for (const row of part.slice(0, -1)) t.is(now.get(row['url']), row['fetch_file']);
  });
}

test('a manifest with a torn end, and lines that are none, is read', async (t) => {
  const { run, cwd, server } = await site(t, three);
  await run('-c', '1', ...byLabel);
  const path = join(cwd, 'set', manifest);
  const text = await readFile(path, 'utf8');
  await writeFile(path, `${text}\0\0\0{}\nnull\n[]\n{"file":"cat/1.jpg","ow`);
  const before = server.requests.length;
  await run(...byLabel, '--skip-saved');
  t.is(server.requests.length, before);
  await run(...naming, 'more/{id}{ext}', '-c', '1');
  await run(...naming, 'more/{id}{ext}', '--skip-saved');
  t.is(server.requests.length, before + 5);
});

test('no manifest leads out of its folder', async (t) => {
  const { run, cwd, files } = await site(t, [['1', 'cat', '/a']]);
  await run(...naming, '{id}');
  const path = join(cwd, 'set', manifest);
  const own = await readFile(path, 'utf8');
  for (const name of ['../out', '/tmp/out', 'x/../../out', '.hidden']) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await writeFile(path, own.replace('"file":"1"', `"wanted":"1","file":${JSON.stringify(name)},"size":1`));
    // oxlint-disable-next-line no-await-in-loop
    await rm(join(cwd, 'set/1'), { force: true });
    // oxlint-disable-next-line no-await-in-loop
    t.deepEqual(filesOf(await run(...naming, '{id}')), ['1']);
  }
  t.deepEqual(await files(), ['1']);
  t.deepEqual((await readdir(cwd)).toSorted(), ['in.csv', 'set']);
});

test('two runs cannot name files in one folder at the same time', async (t) => {
  const { cwd, server } = await site(t, three, () => {});
  const first = runningUrlmill(t, [...unhurried, ...byLabel, 'in.csv'], { cwd });
  await server.requested(1);
  const { code, stderr } = await urlmill([...byLabel, '-o', 'other.csv', 'in.csv'], { cwd });
  t.is(code, 7);
  t.regex(stderr, /^urlmill: set\/\.urlmill-saved\.jsonl: another run \(process \d+\) is writing it;/);
  const ended = endOf(first);
  first.kill('SIGKILL');
  await ended;
});

test('a disk without room ends the run with code 4, and leaves no part of a body', async (t) => {
  const { cwd } = await site(t, [['1', 'cat', '/a']], (_, response) => response.end(noise(2_000_000)));
  const { code, stderr } = await shell('ulimit -f 1024; exec "$@"', [...byLabel, 'in.csv'], { cwd });
  t.is(code, 4, stderr);
  t.regex(stderr, /^urlmill: set\/[\w./-]+: cannot be written: file too large;/);
  t.deepEqual(await filesIn(join(cwd, 'set')), [manifest]);
});
