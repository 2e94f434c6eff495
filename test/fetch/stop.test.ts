import { EventEmitter, once } from 'node:events';
import { PassThrough } from 'node:stream';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { fetchUrls } from '../../src/fetch/fetch-urls.ts';
import type { FetchUrls, FetchUrlsOptions } from '../../src/fetch/fetch-urls.ts';
import type { Result } from '../../src/records.ts';
import { everythingTo, meanwhile } from '../helpers/fetch.ts';
import { httpServer } from '../helpers/server.ts';
import type { TestServer } from '../helpers/server.ts';

const longGrace = 60_000;

test('stop() drops the rows that have not begun and lets those in flight end', async (t) => {
  const { server, release } = await heldServer(t);
  const { fetcher, results } = start(t, server, paths(10), { concurrency: 2 });
  await server.requested(2);
  fetcher.stop(longGrace);
  release();
  t.deepEqual(numbersOf(await results), [1, 2]);
  t.is(server.requests.length, 2);
});

test('rows that come after stop() are dropped too', async (t) => {
  const { server, release } = await heldServer(t);
  const { fetcher, results, input } = start(t, server, ['/1'], { concurrency: 2 }, false);
  await server.requested(1);
  fetcher.stop(longGrace);
  input.write(`${server.url}/2`);
  input.end('http://[');
  release();
  t.deepEqual(numbersOf(await results), [1]);
  t.is(server.requests.length, 1);
});

test('after stop() the stream ends when its input does, not before', async (t) => {
  const { server, release } = await heldServer(t);
  const { fetcher, results, input } = start(t, server, ['/1'], {}, false);
  await server.requested(1);
  fetcher.stop(longGrace);
  release();
  await once(fetcher, 'data');
  await meanwhile(t);
  t.false(fetcher.readableEnded);
  input.end();
  t.deepEqual(numbersOf(await results), [1]);
});

test('stop() with nothing in flight does not wait for the grace', async (t) => {
  const { server } = await heldServer(t);
  const { fetcher, results } = start(t, server, []);
  fetcher.stop(0x7fffffff);
  t.deepEqual(await results, []);
});

const graceOver = test.macro({
  exec: async (t, ordered: boolean) => {
    const { server } = await heldServer(t);
    const { fetcher, results } = start(t, server, paths(10), { concurrency: 3, ordered });
    await server.requested(3);
    fetcher.stop(1);
    const ended = await results;
    t.deepEqual(numbersOf(ended), [1, 2, 3]);
    t.true(ended.every(({ error, status, ms }) => error === 'cancelled' && status === null && ms !== null));
    t.true(ended.every(({ detail }) => detail === 'the run was stopped'));
    await server.closed();
    t.is(server.requests.length, 3);
  },
  title: (name) => `what does not end within the grace is cancelled: ${name}`,
});

test('unordered', graceOver, false);
test('ordered', graceOver, true);

test('a cancelled row keeps the status that it had', async (t) => {
  const server = await httpServer(t, (_, response) => void response.writeHead(201).write('beginning'));
  const { fetcher, results } = start(t, server, ['/']);
  await server.requested(1);
  await meanwhile(t);
  fetcher.stop(1);
  const [result] = await results;
  t.is(result?.error, 'cancelled');
  t.is(result?.status, 201);
  t.is(result?.bytes, null);
});

test('stop() again changes nothing', async (t) => {
  const { server, release } = await heldServer(t);
  const { fetcher, results } = start(t, server, paths(10), { concurrency: 2 });
  await server.requested(2);
  fetcher.stop(longGrace);
  fetcher.stop(1);
  fetcher.stop(1);
  await meanwhile(t);
  release();
  const ended = await results;
  t.deepEqual(
    ended.map(({ error }) => error),
    [null, null],
  );
});

test('ordered results come in order over the rows that stop() dropped', async (t) => {
  const waiting: (() => void)[] = [];
  // The last one that came is answered first, each other one after the one behind it.
  const endLast = (): unknown => waiting.pop()?.();
  const server = await httpServer(t, (_, response) => {
    response.once('close', endLast);
    waiting.push(() => response.end());
  });
  const items = ['http://a.test/', 'http://a.test/', 'http://a.test/', 'http://b.test/', 'http://c.test/'];
  const { fetcher, results } = start(t, server, items, { concurrency: 3, perHost: 1, ordered: true });
  await server.requested(3);
  fetcher.stop(longGrace);
  endLast();
  t.deepEqual(numbersOf(await results, false), [1, 4, 5]);
});

test('after stop() a row in flight still follows its redirect', async (t) => {
  const held: (() => void)[] = [];
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/1') held.push(() => response.writeHead(302, { location: '/2' }).end());
    else response.end();
  });
  const { fetcher, results } = start(t, server, ['/1', '/3'], { concurrency: 1 });
  await server.requested(1);
  fetcher.stop(longGrace);
  for (const move of held) move();
  const ended = await results;
  t.deepEqual(
    ended.map(({ url, status }) => [url, status]),
    [[`${server.url}/2`, 200]],
  );
});

test('a row that waits for the host of its redirect when stop() comes goes on in the grace', async (t) => {
  const { server, release } = await heldServer(t, 'http://busy.test/');
  const rows = ['http://busy.test/', 'http://moved.test/', 'http://busy.test/'];
  const { fetcher, results } = start(t, server, rows, { perHost: 1 });
  await server.requested(2);
  await meanwhile(t);
  fetcher.stop(longGrace);
  release();
  t.deepEqual(numbersOf(await results), [1, 2]);
});

test('a row that waits for the host of its redirect is cancelled when the grace is over', async (t) => {
  const { server } = await heldServer(t, 'http://busy.test/');
  const rows = ['http://busy.test/', 'http://moved.test/', 'http://busy.test/'];
  const { fetcher, results } = start(t, server, rows, { perHost: 1 });
  await server.requested(2);
  await meanwhile(t);
  fetcher.stop(1);
  const ended = await results;
  const seen = ended.map(({ row: { number }, error, redirects }) => [number, error, redirects.join()]);
  t.deepEqual(
    seen.toSorted(([a], [b]) => Number(a) - Number(b)),
    [
      [1, 'cancelled', ''],
      [2, 'cancelled', 'http://moved.test/'],
    ],
  );
});

const processorPends = test.macro({
  exec: async (t, ordered: boolean) => {
    const server = await httpServer(t, (_, response) => response.end());
    const processing = new EventEmitter();
    const process = async (): Promise<Record<string, never>> => {
      processing.emit('begun');
      return new Promise<never>(() => {});
    };
    const processors = [{ columns: ['x'], process }];
    const { fetcher, results } = start(t, server, ['/1'], { ordered, processors });
    await once(processing, 'begun');
    fetcher.stop(1);
    const deadline = new Promise<null>((resolve) => setTimeout(resolve, 5000, null));
    const ended = await Promise.race([results, deadline]);
    t.deepEqual(
      ended?.map(({ error, status }) => [error, status]),
      [['cancelled', 200]],
    );
  },
  title: (name) => `a row whose processor never ends is cancelled when the grace is over: ${name}`,
});

test('unordered', processorPends, false);
test('ordered', processorPends, true);

test('results that nobody had read when stop() came are still given', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const fetcher = fetchUrls({ concurrency: 4, perHost: 4 });
  t.teardown(() => fetcher.destroy());
  for (const path of paths(200)) fetcher.write(server.url + path);
  fetcher.end();
  await server.requested(16);
  fetcher.stop(longGrace);
  const results: Result[] = [];
  for await (const result of fetcher) results.push(result as Result);
  t.is(results.length, server.requests.length);
  t.true(results.length >= 16 && results.length < 200, `${results.length} results`);
  t.true(results.every(({ status, error }) => status === 200 && error === null));
});

/** A server that answers when it is told to. With `location`, moved.test redirects there at once. */
async function heldServer(
  t: ExecutionContext,
  location = '',
): Promise<{ server: TestServer; release: () => void }> {
  const waiting: (() => void)[] = [];
  let released = false;
  const server = await httpServer(t, ({ headers: { host } }, response) => {
    if (host === 'moved.test') response.writeHead(302, { location }).end();
    else if (released) response.end();
    else waiting.push(() => response.end());
  });
  const release = (): void => {
    released = true;
    for (const end of waiting) end();
  };
  return { server, release };
}

function start(
  t: ExecutionContext,
  server: TestServer,
  items: readonly string[],
  options: FetchUrlsOptions = {},
  ends = true,
): { fetcher: FetchUrls; results: Promise<Result[]>; input: PassThrough } {
  const input = new PassThrough({ objectMode: true });
  const fetcher = fetchUrls({ connectTo: [everythingTo(server)], ...options });
  for (const item of items) input.write(item.startsWith('/') ? server.url + item : item);
  if (ends) input.end();
  const collected: Result[] = [];
  input.pipe(fetcher).on('data', (result: Result) => collected.push(result));
  t.teardown(() => fetcher.destroy());
  return { fetcher, input, results: once(fetcher, 'end').then(() => collected) };
}

function paths(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `/${i + 1}`);
}

function numbersOf(results: readonly Result[], sorted = true): number[] {
  const numbers = results.map(({ row: { number } }) => number);
  return sorted ? numbers.toSorted((a, b) => a - b) : numbers;
}
