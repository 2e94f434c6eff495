import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { run } from '../../src/run.ts';
import type { JobIdentity } from '../../src/write/job-identity.ts';
import { readJournal } from '../../src/write/journal.ts';
import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { writeJournal } from '../helpers/journals.ts';
import { httpServer } from '../helpers/server.ts';
import type { TestServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { killedAt, resumed, sortedLines } from './resuming.ts';

interface Site extends TestServer {
  /** Whether requests for odd pages get no answer. */
  holding: boolean;
  /** Every third page changes with it. */
  version: number;
}

/** A site whose pages have ETags; every third page changes with `version`. */
async function site(t: ExecutionContext): Promise<Site> {
  const state = { holding: false, version: 1 };
  const server = await httpServer(t, ({ url, headers }, response) => {
    const number = Number(url.slice(1));
    if (state.holding && number % 2 === 1) return;
    const tag = `"${url}-${number % 3 === 0 ? state.version : 0}"`;
    response.setHeader('ETag', tag);
    if (headers['if-none-match'] === tag) response.writeHead(304).end();
    else response.end(`page ${tag}`);
  });
  return Object.assign(state, server);
}

/** Columns without values that differ from run to run. */
const columns = 'status,error,url,type,bytes,wire_bytes,row';

const list = (server: TestServer, rows: number): string =>
  `id,url\n${Array.from({ length: rows }, (_, i) => `${i},${server.url}/${i % 40}\n`).join('')}`;

for (const ordered of [true, false]) {
  test(`a run that is killed and goes on finds the same lines${ordered ? ', in order' : ''}`, async (t) => {
    const server = await site(t);
    const rows = 100;
    const cwd = await temporaryFolder(t, { 'in.csv': list(server, rows) });
    const [input, output] = [join(cwd, 'in.csv'), join(cwd, 'out.csv')];
    await run({ input, output, since: output, columns, ordered: true, onNotice: () => {} });
    // Several lines have the same path; of these, only the first succeeded.
    const lines = (await readFile(output, 'utf8')).split('\n');
    const edited = lines.map((line, i) => (i > 40 ? line.replace(',200,', ',500,') : line));
    await writeFile(output, edited.join('\n'));
    server.version++;
    const reference = join(cwd, 'reference.csv');
    await run({ input, output: reference, since: output, columns, ordered });
    server.holding = !ordered;
    const args = ['--since', 'out.csv', '--columns', columns, ...(ordered ? ['--ordered'] : []), 'in.csv'];
    await killedAt(t, 1, { cwd, args: [...args, ...(ordered ? ['--host-rate', '20/s'] : [])] });
    // The earlier result is unchanged, since the run has not ended.
    t.true((await readFile(output, 'utf8')).includes(',new'));
    server.holding = false;
    const before = server.requests.length;
    const { code, stderr } = await resumed({ cwd, args });
    t.is(code, 0, stderr);
    t.true(server.requests.length - before < rows);
    const [made, expected] = await Promise.all([output, reference].map((path) => readFile(path, 'utf8')));
    if (ordered) t.is(made, expected);
    else t.deepEqual(sortedLines(made ?? ''), sortedLines(expected ?? ''));
    // The next night starts from the beginning.
    await urlmill(['-q', '--resume', '-o', 'out.csv', ...args], { cwd });
    t.true(csvObjects(await readFile(output, 'utf8')).every(({ fetch_change }) => fetch_change === 'same'));
  });
}

test('a run that was killed before its journal was removed is done, though its earlier result is its output', async (t) => {
  const server = await site(t);
  const cwd = await temporaryFolder(t, { 'in.csv': list(server, 20) });
  const args = ['--since', 'out.csv', 'in.csv'];
  const output = join(cwd, 'out.csv');
  await urlmill(['-q', '-o', 'out.csv', ...args], { cwd });
  server.version++;
  server.holding = true;
  await killedAt(t, 1, { cwd, args });
  server.holding = false;
  const left = await readJournal(`${output}.journal`, Infinity);
  await resumed({ cwd, args });
  const { size, ino: inode } = await stat(output);
  const before = server.requests.length;
  for (const whole of [{ size, inode }, null]) {
    if (whole !== null) await writeJournal(`${output}.journal`, [], { job: left?.job as JobIdentity, whole });
    const { code } = await resumed({ cwd, args });
    t.is(code, 0);
    // If the output was whole, nothing was left to do. The next night starts from the beginning.
    t.is(server.requests.length, whole === null ? before + 20 : before);
  }
});

test('another earlier result is another job', async (t) => {
  const server = await site(t);
  const cwd = await temporaryFolder(t, { 'in.csv': list(server, 20) });
  const old = join(cwd, 'old.csv');
  await run({ input: join(cwd, 'in.csv'), output: old, since: old, onNotice: () => {} });
  server.holding = true;
  const args = ['--since', 'old.csv', 'in.csv'];
  await killedAt(t, 1, { cwd, args });
  server.holding = false;
  await writeFile(old, (await readFile(old, 'utf8')).replaceAll(',200,', ',500,'));
  const { stderr } = await resumed({ cwd, args });
  t.regex(stderr, /was left by another run \(the file of --since has changed since\)/);
  const rows = csvObjects(await readFile(join(cwd, 'out.csv'), 'utf8'));
  t.true(rows.length === 20 && rows.every(({ fetch_change }) => fetch_change === 'recovered'));
});
