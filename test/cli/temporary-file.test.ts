import { once } from 'node:events';
import { mkdir, readFile, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { csvObjects } from '../helpers/csv.ts';
import { gate } from '../helpers/gate.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import type { Child } from '../helpers/running.ts';
import { httpServer } from '../helpers/server.ts';
import type { TestServer } from '../helpers/server.ts';
import { shell } from '../helpers/shell.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { descriptorsIn } from '../fetch/schedule/spilling.ts';

const rows = 150;
/** 150 rows of a.test with 750 kB in all, and one row of z.test at the end. */
const list = `url,text\n${Array.from({ length: rows }, (_item, i) => `http://a.test/${i},${'x'.repeat(5_000)}\n`).join('')}http://z.test/,last\n`;

interface Held {
  readonly server: TestServer;
  /** Resolves when all rows have been read, so that those of a.test that can be on disk are there. */
  readonly isRead: Promise<void>;
  readonly release: () => void;
  readonly cwd: string;
  readonly temporary: string;
  readonly args: readonly string[];
}

/** A server that answers a.test only when told to. When z.test is requested, all rows have been read. */
async function held(t: ExecutionContext, files: Readonly<Record<string, string>> = {}): Promise<Held> {
  const waiting: (() => void)[] = [];
  let isOpen = false;
  const asked = gate();
  const server = await httpServer(t, ({ headers: { host } }, response) => {
    if (host === 'z.test') asked.open();
    if (isOpen || host === 'z.test') response.end('ok');
    else waiting.push(() => response.end('ok'));
  });
  const cwd = await temporaryFolder(t, { 'in.csv': list, ...files });
  const args = ['--per-host', '1', '-c', '10', '--look-ahead', '20', '--retries', '0', '--connect-to'];
  return {
    server,
    isRead: asked.opened,
    release: () => {
      isOpen = true;
      for (const end of waiting) end();
    },
    cwd,
    temporary: await temporaryFolder(t),
    args: [...args, `::127.0.0.1:${server.port}`, 'in.csv'],
  };
}

/**
 * Disables the folder of compiled code that Node 22 and later put into TMPDIR, creating missing folders above
 * it.
 */
function environmentOf(temporary: string): Record<string, string> {
  return { TMPDIR: temporary, NODE_DISABLE_COMPILE_CACHE: '1' };
}

async function started(
  t: ExecutionContext,
  { args, cwd, temporary, isRead }: Held,
  more: readonly string[] = [],
  folder = temporary,
): Promise<Child> {
  const child = runningUrlmill(t, [...more, ...args], { cwd, environment: environmentOf(temporary) });
  await isRead;
  while (!(await isUsed(temporary, child)) && !(await isUsed(folder, child)))
    await new Promise((resolve) => setImmediate(resolve));
  return child;
}

/** Whether the process has a temporary file of urlmill open in the folder. */
async function isUsed(folder: string, { pid }: Child): Promise<boolean> {
  const descriptors = await descriptorsIn(folder, pid);
  const paths = await Promise.all(descriptors.map((path) => readlink(path).catch(() => '')));
  return paths.some((path) => path.startsWith(join(folder, 'urlmill-')));
}

function allRows(t: ExecutionContext, stdout: string): void {
  const found = csvObjects(stdout);
  t.is(found.length, rows + 1);
  t.is(new Set(found.map(({ url }) => url)).size, rows + 1);
  t.true(
    found.every(
      ({ text, fetch_status: status }) => status === '200' && (text === 'last' || text?.length === 5_000),
    ),
  );
}

test('no file stands in the temporary folder, neither during the run nor after it', async (t) => {
  const run = await held(t);
  const child = await started(t, run);
  t.deepEqual(await readdir(run.temporary), []);
  const ended = endOf(child);
  run.release();
  const { code, stdout } = await ended;
  allRows(t, stdout);
  t.deepEqual(await readdir(run.temporary), []);
  t.is(code, 0);
});

for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT'] as const) {
  test(`none after ${signal}, and rows that were on disk do not appear`, async (t) => {
    const run = await held(t);
    const child = await started(t, run);
    const ended = endOf(child);
    child.kill(signal);
    // It may begin a few more rows before it sees the signal, but not all rows on disk.
    run.release();
    const { stdout } = await ended;
    const asked = run.server.requests.length;
    const written = csvObjects(stdout).length;
    t.true(asked < rows, `${asked} requests`);
    t.true(signal === 'SIGKILL' ? written <= asked : written === asked, `${written} rows, ${asked} requests`);
    t.deepEqual(await readdir(run.temporary), []);
  });
}

test('none after the output could not be written', async (t) => {
  const run = await held(t);
  const ended = shell('"$@" > /dev/full', run.args, {
    cwd: run.cwd,
    environment: environmentOf(run.temporary),
  });
  await run.isRead;
  run.release();
  const { code, stderr } = await ended;
  t.regex(stderr, /ENOSPC|no space left/i);
  t.is(code, 4);
  t.deepEqual(await readdir(run.temporary), []);
});

test('none after the reader of a pipe has gone', async (t) => {
  const run = await held(t);
  const child = await started(t, run);
  child.stdout.destroy();
  run.release();
  const [code] = (await once(child, 'close')) as [number];
  t.is(code, 141);
  t.deepEqual(await readdir(run.temporary), []);
});

const library = new URL('../../src/index.js', import.meta.url).href;

test('none after a run that the module of the user ended', async (t) => {
  const module = `import { OutputError } from '${library}';
  export default { columns: ['x'], process({ url }) {
    if (url.endsWith('/20')) throw new OutputError('the shelf is full');
    return { x: '1' };
  } };`;
  const run = await held(t, { 'own.mjs': module });
  const child = await started(t, run, ['--module', 'own.mjs']);
  const ended = endOf(child);
  run.release();
  const { code, stderr } = await ended;
  t.is(code, 4, stderr);
  t.deepEqual(await readdir(run.temporary), []);
});

test('with -o FILE it is in the folder of FILE, and no name of it stands there', async (t) => {
  const run = await held(t);
  const folder = join(run.cwd, 'results');
  await mkdir(folder);
  const child = await started(t, run, ['-o', 'results/out.csv'], folder);
  t.true(await isUsed(folder, child));
  t.deepEqual((await readdir(folder)).toSorted(), ['out.csv.journal', 'out.csv.part']);
  const ended = endOf(child);
  run.release();
  const { code } = await ended;
  allRows(t, await readFile(join(folder, 'out.csv'), 'utf8'));
  t.deepEqual(await readdir(folder), ['out.csv']);
  t.is(code, 0);
});

test('with -o and a device it is in the temporary folder', async (t) => {
  const run = await held(t);
  const child = await started(t, run, ['-o', '/dev/null'], '/dev');
  t.true(await isUsed(run.temporary, child));
  const ended = endOf(child);
  run.release();
  t.is((await ended).code, 0);
});

/** The run goes on in memory, and reports that once. */
const goesOn = test.macro({
  exec: async (t, temporaryOf: (cwd: string) => string, line: string, reason: RegExp) => {
    const run = await held(t);
    const temporary = temporaryOf(run.cwd);
    const ended = shell(line, run.args, { cwd: run.cwd, environment: environmentOf(temporary) });
    // a.test answers only after the message: until then, all other rows wait in memory.
    const said = (): Promise<string> => readFile(join(run.cwd, 'said'), 'utf8').catch(() => '');
    while ((await said()) === '') await new Promise((resolve) => setImmediate(resolve));
    run.release();
    const { code, stdout } = await ended;
    const stderr = await said();
    t.regex(stderr, reason);
    t.is(stderr.match(/temporary file takes no more rows/g)?.length, 1, stderr);
    allRows(t, stdout);
    t.is(code, 0);
  },
  title: (name) => `the run goes on without a temporary file: ${name}`,
});

test(
  'its folder is not there',
  goesOn,
  (cwd: string) => join(cwd, 'nowhere'),
  '"$@" 2> said',
  /nowhere.+no such file/,
);
test(
  'its folder is a file',
  goesOn,
  (cwd: string) => join(cwd, 'in.csv'),
  '"$@" 2> said',
  /in\.csv.+not a directory/,
);
test('it may not grow', goesOn, (cwd: string) => cwd, 'ulimit -f 100; "$@" 2> said', /file too large/);
// A folder in which nobody can create files, not even root.
test('its folder may not be written', goesOn, () => '/proc/self', '"$@" 2> said', /\/proc\/self/);
