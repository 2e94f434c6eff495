import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { OutputError, UsageError } from '../../../src/shared/errors.ts';
import { resolveOptions, libraryLayer } from '../../../src/options/resolve.ts';
import type { Processed } from '../../../src/page/processing.ts';
import { Threads } from '../../../src/process/threads/threads.ts';
import type { RunOptions } from '../../../src/run.ts';
import { givenTime } from '../../helpers/given-time.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { pageOf } from '../pages.ts';

interface Opened {
  readonly threads: Threads;
  readonly notices: string[];
  /** What the module has printed so far. */
  readonly printed: () => string;
}

type Said = Omit<RunOptions, 'input' | 'module'>;

/** Opens threads, with a module of this source if there is one. */
async function opened(t: ExecutionContext, said: Said, source: string | null = null): Promise<Opened> {
  const cwd = await temporaryFolder(t, source === null ? {} : { 'm.mjs': source });
  const module = source === null ? {} : { module: join(cwd, 'm.mjs') };
  const notices: string[] = [];
  let printed = '';
  const threads = await Threads.open(resolveOptions([libraryLayer({ ...said, ...module })]), {
    notice: (text) => void notices.push(text),
    print: (text) => void (printed += Buffer.from(text).toString()),
  });
  t.teardown(() => threads.close());
  return { threads, notices, printed: () => printed };
}

/** The outcomes of pages with these bodies. */
async function processed(threads: Threads, bodies: readonly string[]): Promise<Processed[]> {
  return Promise.all(bodies.map(async (body) => threads.process(pageOf(body, 'text/plain'))));
}

/** A module whose column `m` is the result of this code; the page's text is `text`. */
function giving(code: string, before = ''): string {
  return `${before}
    export default { columns: ['m'], process(page) { const text = page.text(); ${code} } };`;
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => String(i));
/** The values of `m` as they would be written. */
const values = (all: readonly Processed[]): unknown[] =>
  all.map((one) => JSON.parse(JSON.stringify(one.values['m'] ?? one.error)) as unknown);

test('a module runs in a thread of its own, the number of them as said', async (t) => {
  const source = giving('return { m: threadId };', `import { threadId } from 'node:worker_threads';`);
  const { threads } = await opened(t, { threads: 3 }, source);
  const seen = new Set<unknown>();
  while (seen.size < 3) for (const value of values(await processed(threads, numbered(100)))) seen.add(value);
  t.false(seen.has(0));
  t.is(seen.size, 3);
});

test('a module has one thread with --threads 1', async (t) => {
  const source = giving('return { m: threadId };', `import { threadId } from 'node:worker_threads';`);
  const { threads } = await opened(t, { threads: 1 }, source);
  t.is(new Set(values(await processed(threads, numbered(500)))).size, 1);
});

test('what always ends is processed in this thread with --threads 1, without waiting', async (t) => {
  const { threads } = await opened(t, { threads: 1, extract: 'title', json: ['a=b'] });
  for (let i = 0; i < 10; i++) t.false(threads.process(pageOf('<title>x</title>')) instanceof Promise);
});

test('with auto it moves to threads when this one is busy with it', async (t) => {
  const { threads } = await opened(t, { extract: 'title,text,links' });
  const page = pageOf(`<title>x</title>${'<p><a href=/a>word</a>'.repeat(2000)}`);
  let first = threads.process(page);
  t.false(first instanceof Promise);
  while (!(first instanceof Promise)) {
    for (let i = 0; i < 20; i++) first = threads.process(page);
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.is((await first).values['fetch_title'], 'x');
});

function written(one: Processed): object {
  return JSON.parse(JSON.stringify(one.values)) as object;
}

test('with more threads the values are the same', async (t) => {
  const said = { extract: 'title,og,links', select: ['p*=p'], regex: ['r=wor(d)'], json: ['j=a'], body: 'b' };
  const page = pageOf(
    '<title>x</title><meta property="og:a" content="1"><p>word<p><a href="/ä">b</a>',
    'text/html; charset=utf-8',
    'http://example.org/dir/',
  );
  const one = await (await opened(t, { ...said, regex: [], threads: 1 })).threads.process(page);
  const two = await (await opened(t, { ...said, threads: 2 })).threads.process(page);
  t.deepEqual(written(two), { ...written(one), r: 'd' });
});

test('a page in a thread is the page', async (t) => {
  const code = `return { m: { url: page.url, status: page.status, row: { ...page.row }, headers: { ...page.headers },
    body: page.body.toString('hex'), isBuffer: Buffer.isBuffer(page.body), charset: page.charset, text } };`;
  const { threads } = await opened(t, {}, giving(code));
  const page = pageOf(Buffer.from('caf\xe9', 'latin1'), 'text/plain; charset=latin1; x="\xfc"');
  t.deepEqual(values([await threads.process(page)])[0], {
    url: 'http://example.org/',
    status: 200,
    row: { url: 'http://example.org/' },
    headers: { 'content-type': 'text/plain; charset=latin1; x="ü"' },
    body: '636166e9',
    isBuffer: true,
    charset: 'windows-1252',
    text: 'café',
  });
});

test('values come as they are written', async (t) => {
  const code = `return { m: { date: new Date(0), list: [1, { toJSON: () => 'own' }], none: undefined, map: new Map() } };`;
  const { threads } = await opened(t, {}, giving(code));
  t.deepEqual(values(await processed(threads, ['a'])), [
    { date: '1970-01-01T00:00:00.000Z', list: [1, 'own'], map: {} },
  ]);
});

const hangs = test.macro({
  exec: async (t, code: string, said: Said = {}) => {
    const source = giving(`if (text === '7') { ${code} } return { m: text };`);
    const { all, next, time } = await givenTime(
      async (processTimeout) => {
        const { threads } = await opened(t, { processTimeout, ...said }, source);
        const first = await processed(threads, numbered(20));
        // The next pages find a working thread.
        return { all: first, next: values(await processed(threads, ['a', 'b'])), time: processTimeout };
      },
      (got) => got.all.filter(({ error }) => error !== null).length === 1 && got.next[1] === 'b',
    );
    t.deepEqual(
      values(all),
      numbered(20).map((text) => (text === '7' ? 'process-timeout' : text)),
    );
    t.is(all[7]?.detail, `not done within ${time} ms`);
    t.deepEqual(next, ['a', 'b']);
  },
  title: (what) => `a page whose processing does not end is process-timeout, the others go on: ${what}`,
});

test('a loop', hangs, 'for (;;);');
test('a loop, with two threads', hangs, 'for (;;);', { threads: 2 });
test('a regular expression', hangs, String.raw`/^(a+)+$/.test('a'.repeat(40) + '!');`);
test('a promise that nobody keeps', hangs, 'return new Promise(() => {});');
test('a loop after waiting', hangs, 'return new Promise(setImmediate).then(() => { for (;;); });');
test('a loop of microtasks', hangs, 'return (async () => { for (;;) await null; })();');

/** Blocks its thread without using the CPU that other threads need. */
const blocks = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);';

test('some pages that hang at once leave a thread for the others', async (t) => {
  const source = giving(`if (text < 4) ${blocks} return { m: text };`);
  const { threads } = await opened(t, { threads: 1, processTimeout: '100s' }, source);
  for (const text of numbered(4)) void threads.process(pageOf(text, 'text/plain'));
  t.deepEqual(values(await processed(threads, ['8', '9'])), ['8', '9']);
});

test('a wait that blocks', hangs, blocks);

test('pages that were given to a thread that hangs are done by another one before it is ended', async (t) => {
  const source = giving(`if (text === 'hang') ${blocks} return { m: text };`);
  const { threads } = await opened(t, { threads: 1, processTimeout: '100s' }, source);
  void threads.process(pageOf('hang', 'text/plain'));
  t.deepEqual(values(await processed(threads, numbered(30))), numbered(30));
});

const dies = test.macro({
  exec: async (t, code: string, detail: RegExp) => {
    const source = giving(`if (text === '7') { ${code} } return { m: text };`);
    const { threads } = await opened(t, {}, source);
    const all = await processed(threads, numbered(20));
    t.deepEqual(
      values(all),
      numbered(20).map((text) => (text === '7' ? 'process-failed' : text)),
    );
    t.regex(all[7]?.detail ?? '', detail);
  },
  title: (what) => `a page that its thread dies of is process-failed, the others go on: ${what}`,
});

test('process.exit()', dies, 'process.exit(3);', /^the thread that processed it ended: exit code 3$/);
test(
  'process.exit() later',
  dies,
  'return new Promise(() => setImmediate(() => process.exit(3)));',
  /exit code 3$/,
);

test('what a thread died of is tried once more, alone', async (t) => {
  const cwd = await temporaryFolder(t, { tries: '' });
  const tries = JSON.stringify(join(cwd, 'tries'));
  const code = `appendFileSync(${tries}, text);
    if (text === '3' && readFileSync(${tries}, 'utf8').split('3').length === 2) process.exit(1);
    return { m: text };`;
  const { threads } = await opened(
    t,
    {},
    giving(code, `import { appendFileSync, readFileSync } from 'node:fs';`),
  );
  t.deepEqual(values(await processed(threads, numbered(6))), numbered(6));
});

test("what is thrown outside of process() is no row's, and said once", async (t) => {
  const source = giving(
    `setImmediate(() => { throw new Error('stray'); }); Promise.reject(new Error('lost')); return { m: text };`,
  );
  const { threads, notices } = await opened(t, {}, source);
  for (let i = 0; i < 5; i++) t.deepEqual(values(await processed(threads, numbered(10))), numbered(10));
  while (notices.length === 0) await new Promise((resolve) => setImmediate(resolve));
  t.is(notices.length, 1);
  t.regex(
    notices[0] ?? '',
    /^--module: an error outside of process\(\), which is no row's: (?:stray|lost) \(\S+(?::\d+){2}\)$/,
  );
});

test('what a module prints comes as it is, from the console and beside it', async (t) => {
  const source = giving(
    `console.log('a %s', text); console.error('b'); process.stdout.write('c\\n'); return {};`,
  );
  const { threads, printed } = await opened(t, {}, source);
  await processed(threads, ['x']);
  while (!printed().includes('c\n')) await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(printed().trim().split('\n').toSorted(), ['a x', 'b', 'c']);
});

test('a module that fills the memory is replaced before it is full', async (t) => {
  const code = 'kept.push(new Array(4_000_000).fill(kept.length)); return { m: threadId };';
  const before = `import { threadId } from 'node:worker_threads'; const kept = [];`;
  const { threads } = await opened(t, { threads: 1 }, giving(code, before));
  const seen = new Set<unknown>();
  for (let i = 0; i < 200 && seen.size < 2; i++)
    for (const value of values(await processed(threads, ['a']))) seen.add(value);
  t.is(seen.size, 2);
  t.false(seen.has('process-failed'));
});

test('an OutputError of a module ends the run', async (t) => {
  const library = pathToFileURL(join(import.meta.dirname, '../../../src/index.js')).href;
  const source = giving(
    `throw new OutputError('the shelf is full');`,
    `import { OutputError } from '${library}';`,
  );
  const { threads } = await opened(t, {}, source);
  await t.throwsAsync(processed(threads, ['a']), { instanceOf: OutputError, message: 'the shelf is full' });
});

test('a module that ends its thread while it loads cannot be used', async (t) => {
  await t.throwsAsync(opened(t, {}, 'process.exit(5);'), {
    instanceOf: UsageError,
    message: '--module: its thread ended before it was ready: exit code 5',
  });
});

test('a module sees its own options and no others', async (t) => {
  const source = giving(
    `return { m: JSON.stringify(workerData) };`,
    `import { workerData } from 'node:worker_threads';`,
  );
  const { threads } = await opened(t, { header: ['X-Key: secret'], data: 'secret' }, source);
  t.notRegex(String(values(await processed(threads, ['a']))[0]), /secret/);
});

test('nothing comes from closed threads', async (t) => {
  const { threads } = await opened(t, { processTimeout: '100ms' }, giving('for (;;);'));
  let isDone = false;
  void Promise.resolve(threads.process(pageOf('a', 'text/plain'))).then(() => (isDone = true));
  await new Promise((resolve) => setImmediate(resolve));
  threads.close();
  const { threads: others } = await opened(t, { processTimeout: '300ms' }, giving('for (;;);'));
  await processed(others, ['a']);
  t.false(isDone);
});
