import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { committed } from '../helpers/journals.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { sameBytes } from '../helpers/same.ts';
import { httpServer } from '../helpers/server.ts';
import type { TestServer } from '../helpers/server.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { field, warcRecords } from '../helpers/warc-records.ts';
import type { WarcRecord } from '../helpers/warc-records.ts';

/** Larger than the 256 KiB that stay in memory if a body is only saved; its parts differ from one another. */
const large = Buffer.from(Array.from({ length: 60_000 }, (_, i) => `line ${i};`).join(''));
const half = large.length >> 1;
const warc = ['--save-bodies', 'kept', '--save-format', 'warc'];

/** A site where `/held/…` sends the second half of its body only after `release`. */
async function site(t: ExecutionContext): Promise<TestServer & { readonly release: () => void }> {
  const held: (() => void)[] = [];
  let holding = true;
  const server = await httpServer(t, ({ url }, response) => {
    response.setHeader('content-type', 'application/octet-stream');
    const end = (): void => void response.end(large.subarray(half));
    if (url === '/packed') response.setHeader('content-encoding', 'gzip').end(gzipSync(large));
    else if (url === '/small') response.end('small');
    else if (url === '/moved') response.writeHead(302, { location: '/a' }).end('moved');
    else {
      response.write(large.subarray(0, half));
      if (holding && url.startsWith('/held')) held.push(end);
      else end();
    }
  });
  const release = (): void => {
    holding = false;
    for (const end of held.splice(0)) end();
  };
  return { ...server, release };
}

const isTemporary = (name: string): boolean => name.startsWith('.tmp-');

/** Waits until a temporary file for a body exists. */
async function spooled(folder: string): Promise<void> {
  while (!(await readdir(folder).catch(() => [])).some(isTemporary)) await nextTurn();
}

async function recordsIn(folder: string): Promise<WarcRecord[]> {
  const [name = '', ...others] = await readdir(folder);
  if (others.length > 0) throw new Error(`${folder} holds ${others.join(', ')} too`);
  return warcRecords(await readFile(join(folder, name)));
}

for (const threads of ['1', '2']) {
  test(`large bodies go to WARC records by files, which are removed: --threads ${threads}`, async (t) => {
    const server = await site(t);
    const paths = ['a', 'small', 'packed', 'moved', 'held/b'];
    const cwd = await temporaryFolder(t, {
      'in.txt': paths.map((path) => `${server.url}/${path}\n`).join(''),
    });
    const args = ['--threads', threads, '--ordered', '--columns', 'bytes,sha256', ...warc, 'in.txt'];
    const run = urlmill(args, { cwd });
    await spooled(join(cwd, 'kept'));
    server.release();
    const { code, stdout } = await run;
    t.is(code, 0);
    const records = await recordsIn(join(cwd, 'kept'));
    t.is(records.length, 1 + 2 * 6);
    for (const [i, row] of csvObjects(stdout).entries()) {
      const record = records.find(({ offset }) => row['fetch_file']?.endsWith(`#${offset}`));
      const body = paths[i] === 'small' ? Buffer.from('small') : large;
      t.is(row['fetch_bytes'], String(body.length));
      t.is(record && field(record, 'WARC-Type'), 'response');
      sameBytes(t, record?.payload, paths[i] === 'packed' ? gzipSync(large) : body);
    }
  });
}

test('what a killed run has left of large bodies is removed by the one that goes on', async (t) => {
  const server = await site(t);
  const cwd = await temporaryFolder(t, {
    'in.csv': `url\n${['small', 'a', 'held/b', 'moved', 'held/c'].map((path) => `${server.url}/${path}\n`).join('')}`,
    'kept/.tmp-of-others': '',
  });
  const args = ['-o', 'out.csv', '--columns', 'bytes', '--per-host', '20', ...warc, 'in.csv'];
  const child = runningUrlmill(t, args, { cwd });
  const ended = endOf(child);
  await committed(join(cwd, 'out.csv'), 3);
  await server.requested(6);
  while ((await readdir(join(cwd, 'kept'))).filter(isTemporary).length < 3) await nextTurn();
  child.kill('SIGKILL');
  await ended;
  t.is((await readdir(join(cwd, 'kept'))).filter(isTemporary).length, 3);
  server.release();
  t.is((await urlmill(['--resume', ...args], { cwd })).code, 0);
  const [others = '', name = '', ...more] = (await readdir(join(cwd, 'kept'))).toSorted();
  t.deepEqual([others, more], ['.tmp-of-others', []]);
  const records = warcRecords(await readFile(join(cwd, 'kept', name)));
  t.is(records.length, 1 + 2 * 6);
  for (const row of csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8'))) {
    const record = records.find(({ offset }) => row['fetch_file'] === `${name}#${offset}`);
    t.is(row['fetch_bytes'], String(record?.payload.length));
  }
});

test('a large body that does not fit on the disk ends the run with code 4, and leaves no files', async (t) => {
  const server = await site(t);
  const cwd = await temporaryFolder(t, { 'in.txt': `${server.url}/a\n` });
  const { code, stderr } = await shell('ulimit -f 400; exec "$@"', [...warc, 'in.txt'], { cwd });
  t.is(code, 4, stderr);
  t.regex(stderr, /^urlmill: kept\/\.tmp-[\w-]+: cannot be written: file too large; [^\n]*\n$/);
  const [name = '', ...others] = await readdir(join(cwd, 'kept'));
  t.deepEqual(others, []);
  t.is(warcRecords(await readFile(join(cwd, 'kept', name))).length, 1);
});
