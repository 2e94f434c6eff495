import { getEventListeners } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';

import test from 'ava';

import { InputError, OutputError, PipeClosedError, UsageError } from '../src/shared/errors.ts';
import { run } from '../src/run.ts';
import type { RunOptions } from '../src/run.ts';
import type { Summary } from '../src/watch/summary.ts';
import { csvObjects } from './helpers/csv.ts';
import { httpServer } from './helpers/server.ts';
import { temporaryFolder } from './helpers/temporary-folder.ts';

const list = 'id,url\n1,mailto:a\n2,mailto:b\n';

/** Runs into a stream. @returns the summary and the text */
async function runToText(options: RunOptions): Promise<{ summary: Summary; output: string }> {
  const sink = new PassThrough();
  const read = text(sink);
  const summary = await run({ ...options, sink });
  sink.end();
  return { summary, output: await read };
}

test('a run reads a file and writes to a stream, which it leaves open', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': list });
  const sink = new PassThrough();
  const summary = await run({ input: join(cwd, 'in.csv'), sink });
  t.false(sink.writableEnded);
  sink.end();
  t.deepEqual(
    csvObjects(await text(sink)).map(({ id }) => id),
    ['1', '2'],
  );
  t.like(summary, { outcome: 'done', rows: 2, errors: 2, byFailure: { 'unsupported-scheme': 2 } });
});

test('several files are one input', async (t) => {
  const cwd = await temporaryFolder(t, { 'a.csv': list, 'b.csv': list });
  const { summary } = await runToText({ input: [join(cwd, 'a.csv'), join(cwd, 'b.csv')] });
  t.is(summary.rows, 4);
});

test('a stream of bytes is an input', async (t) => {
  const { output } = await runToText({ input: Readable.from([Buffer.from(list)]) });
  t.is(csvObjects(output).length, 2);
});

const streamOf = test.macro({
  exec: async (t, chunks: unknown[]) => {
    const { output } = await runToText({ input: Readable.from(chunks) });
    t.deepEqual(
      csvObjects(output).map(({ id, url }) => [id, url]),
      [
        ['1', 'mailto:a'],
        ['ä', 'mailto:b'],
      ],
    );
  },
  title: (what) => `a stream of ${what} is an input`,
});

const standard = 'fetch_status,fetch_error,fetch_url,fetch_type,fetch_bytes,fetch_ms,fetch_attempts,fetch_at';
const chunks = ['id,url\n1,mai', 'lto:a\nä,mailto:b\n'];
test('strings', streamOf, chunks);
test('Uint8Arrays', streamOf, [new TextEncoder().encode(chunks.join(''))]);
test('strings and bytes', streamOf, [chunks[0], Buffer.from(chunks[1] ?? '')]);

test('options have the names of the command in camel case, as text or as what they mean', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('x'.repeat(2000)));
  const { output, summary } = await runToText({
    input: Readable.from([Buffer.from(`id,url\n1,${server.url}\n`)]),
    maxBody: '1kB',
    timeout: 5000,
    header: ['X-A: {id}'],
    columns: 'status,error',
    extract: 'title',
  });
  t.regex(output, /^id,url,fetch_status,fetch_error,fetch_title\n1,[^,]+,200,body-too-large,\n$/);
  t.is(server.requests[0]?.headers['x-a'], '1');
  t.like(summary.options, { maxBody: 1000, timeout: 5000 });
});

test('what a text separates by commas may be a list', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.setHeader('content-type', 'text/html').end('<title>One</title><h1>First</h1><p class=price>5');
  });
  const job = (lists: RunOptions): Promise<{ output: string }> =>
    runToText({ input: Readable.from([`url\n${server.url}\n`]), ...lists });
  const { output } = await job({
    columns: ['status', 'fetch_error'],
    extract: ['title', 'h1'],
    select: ['first=h1', 'price=.price, .cost'],
  });
  const header = 'url,fetch_status,fetch_error,fetch_title,fetch_h1,first,price';
  t.is(output, `${header}\n${server.url},200,,One,First,First,5\n`);
  const texts = { columns: 'status,error', extract: 'title,h1', select: ['first=h1', 'price=.price, .cost'] };
  t.is((await job(texts)).output, output);
  t.is((await job({ columns: [], extract: [] })).output.split('\n')[0], `url,${standard}`);
  // An element with a comma is a single name: that of a column whose prefix has a comma, or an unknown one.
  t.regex(
    (await job({ prefix: 'a,b_', columns: ['a,b_status', 'a,b_bytes'] })).output,
    /^url,"a,b_status","a,b_bytes"\n/,
  );
  await t.throwsAsync(job({ columns: ['status,url'] }), {
    instanceOf: UsageError,
    message: /no column "status,url"/,
  });
  await t.throwsAsync(job({ extract: ['title,h1'] }), {
    instanceOf: UsageError,
    message: /no extractor "title,h1"/,
  });
});

test('the environment is not looked at', async (t) => {
  process.env['URLMILL_PREFIX'] = 'env_';
  t.teardown(() => delete process.env['URLMILL_PREFIX']);
  const { output } = await runToText({ input: Readable.from([Buffer.from(list)]) });
  t.regex(output, /^id,url,fetch_status/);
});

test('output writes a file and nothing to the stream', async (t) => {
  const cwd = await temporaryFolder(t);
  const path = join(cwd, 'out.csv');
  const { output } = await runToText({ input: Readable.from([Buffer.from(list)]), output: path });
  t.is(output, '');
  t.is(csvObjects(await readFile(path, 'utf8')).length, 2);
  t.deepEqual(await readdir(cwd), ['out.csv']);
});

test('summary writes the figures that the run resolves to', async (t) => {
  const path = join(await temporaryFolder(t), 'summary.json');
  const { summary } = await runToText({ input: Readable.from([Buffer.from(list)]), summary: path });
  t.deepEqual(JSON.parse(await readFile(path, 'utf8')), structuredClone(summary));
});

const rejects = test.macro({
  exec: async (t, options: Partial<RunOptions>, error: new () => Error, message: RegExp) => {
    const input = Readable.from([Buffer.from(list)]);
    const sink = new PassThrough().resume();
    await t.throwsAsync(run({ input, sink, ...options }), {
      instanceOf: error,
      message,
    });
  },
  title: (what) => `${what} rejects`,
});

test('an unknown option', rejects, { speed: 3 } as object, UsageError, /^speed: there is no such option$/);
test('a bad value', rejects, { maxBody: 'much' }, UsageError, /^maxBody: a size like/);
test(
  'a missing file',
  rejects,
  { input: '/none/in.csv' },
  InputError,
  /^\/none\/in\.csv: there is no such file$/,
);
test(
  'a stream of objects',
  rejects,
  { input: Readable.from([{ url: 'mailto:a' }]) },
  UsageError,
  /^the input: a stream of bytes or strings is needed, and this one gave: object$/,
);
test('an empty list of inputs', rejects, { input: [] }, UsageError, /^run\(\) needs either `input` or/);
test('null for an input', rejects, { input: null } as object, UsageError, /^run\(\) needs either `input` or/);
test(
  'an empty name of an output',
  rejects,
  { input: Readable.from([list]), output: '' },
  UsageError,
  /^--output: name a file/,
);
test('an empty input', rejects, { input: Readable.from([]) }, InputError, /^the input: is empty/);
test(
  'no URL column',
  rejects,
  { input: Readable.from([Buffer.from('a,b\n1,2\n')]) },
  UsageError,
  /no column looks/,
);
test(
  'an output without a folder',
  rejects,
  { output: '/none/out.csv' },
  OutputError,
  /^\/none\/out\.csv: cannot be/,
);

test('an input that fails rejects, and the rows before it are written', async (t) => {
  const sink = new PassThrough();
  const read = text(sink);
  const input = Readable.from([gzipSync(list), Buffer.from('junk')]);
  await t.throwsAsync(run({ input, sink }), { instanceOf: InputError, message: /data is damaged/ });
  sink.end();
  t.is(csvObjects(await read).length, 2);
});

test('onNotice hears of the first line that is damaged', async (t) => {
  const told: string[] = [];
  const { summary } = await runToText({
    input: Readable.from([list, Buffer.from('3,\xe9\n4,\xe9\n', 'latin1')]),
    onNotice: (said) => told.push(said),
  });
  t.is(summary.rows, 4);
  t.is(told.length, 1);
  t.regex(told[0] ?? '', /^the input: line 4 is not UTF-8 /);
});

test('a stream that fails rejects with its error in words', async (t) => {
  const input = new Readable({ read: () => {} });
  input.push('id,url\n1,mailto:a\n');
  setImmediate(() => input.destroy(Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' })));
  await t.throwsAsync(run({ input, sink: new PassThrough().resume() }), {
    instanceOf: InputError,
    message: /^the input: cannot be read: i\/o error$/,
  });
});

function failingSink(code: string): Writable {
  return new Writable({
    write: (_chunk, _encoding, callback) =>
      callback(Object.assign(new Error(`${code}: failed, write`), { code })),
  });
}

test('a sink that fails rejects, and says how many rows are safe', async (t) => {
  const sink = failingSink('ENOSPC');
  await t.throwsAsync(run({ input: Readable.from([Buffer.from(list)]), sink }), {
    instanceOf: OutputError,
    message: /cannot be written: failed; 0 rows are safe$/,
  });
});

test('a sink whose reader has gone rejects in its own way', async (t) => {
  const sink = failingSink('EPIPE');
  await t.throwsAsync(run({ input: Readable.from([Buffer.from(list)]), sink }), {
    instanceOf: PipeClosedError,
  });
});

test('a sink that was destroyed rejects', async (t) => {
  const sink = new PassThrough();
  sink.destroy();
  await t.throwsAsync(run({ input: Readable.from([Buffer.from(list)]), sink }), { instanceOf: OutputError });
});

test('a sink that is destroyed while it takes rows rejects', async (t) => {
  const sink = new Writable({ write: () => void setImmediate(() => sink.destroy()) });
  await t.throwsAsync(run({ input: Readable.from([Buffer.from(list)]), sink }), {
    instanceOf: OutputError,
    message: /cannot be written: it was closed; 0 rows are safe$/,
  });
  t.is(sink.listenerCount('close'), 0);
});

test('an AbortController in the place of its signal is a mistake, and leaves no output behind', async (t) => {
  const cwd = await temporaryFolder(t, { 'in.csv': list });
  const options = { input: join(cwd, 'in.csv'), output: join(cwd, 'out.csv') };
  const signal = new AbortController() as unknown as AbortSignal;
  await t.throwsAsync(run({ ...options, signal }), { instanceOf: UsageError, message: /^signal: / });
  t.deepEqual(await readdir(cwd), ['in.csv']);
});

test('a signal ends a run early: what is in flight is written', async (t) => {
  const controller = new AbortController();
  const server = await httpServer(t, ({ url }, response) => {
    // Both rows are in flight by now; their answers come after the abort.
    if (url === '/2') controller.abort();
    setTimeout(() => response.end('ok'), 200);
  });
  const rows = [1, 2, 3, 4].map((id) => `${id},${server.url}/${id}\n`).join('');
  const input = Readable.from([Buffer.from(`id,url\n${rows}`)]);
  const { summary, output } = await runToText({
    input,
    concurrency: 2,
    grace: '10m',
    signal: controller.signal,
  });
  t.like(summary, { outcome: 'stopped', rows: 2, errors: 0 });
  t.deepEqual(
    csvObjects(output)
      .map(({ id = '' }) => id)
      .toSorted(),
    ['1', '2'],
  );
});

test('a signal that was given already lets nothing begin', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const input = Readable.from([Buffer.from(`id,url\n1,${server.url}\n`)]);
  const { summary } = await runToText({ input, signal: AbortSignal.abort() });
  t.like(summary, { outcome: 'stopped', rows: 0 });
  t.is(server.requests.length, 0);
});

test('a run leaves nothing listening to its signal', async (t) => {
  const { signal } = new AbortController();
  await runToText({ input: Readable.from([Buffer.from(list)]), signal });
  t.deepEqual(getEventListeners(signal, 'abort'), []);
});

test('a run leaves nothing listening to its sink, whose later errors are not its own', async (t) => {
  const sink = new PassThrough().resume();
  const before = sink.listenerCount('error');
  await run({ input: Readable.from([Buffer.from(list)]), sink });
  t.is(sink.listenerCount('error'), before);
});
