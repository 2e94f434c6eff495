import { EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';

import test from 'ava';

import { FetchUrls } from '../../../src/fetch/fetch-urls.ts';
import { streamOptions } from '../../../src/fetch/stream-options.ts';
import { fetchUrls } from '../../../src/job/fetch-urls.ts';
import { readSaid } from '../../../src/options/resolve.ts';
import { blankProcessed } from '../../../src/page/processing.ts';
import type { Result } from '../../../src/shared/records.ts';
import { everythingTo, meanwhile } from '../../helpers/fetch.ts';
import { httpServer } from '../../helpers/server.ts';
import { heldServer, longGrace, numbersOf, paths, start } from './stopping.ts';

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
  // Requests are answered from the last to the first, each when the one after it is done.
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

test('rows whose redirects are saved after stop() end the stream over those that it dropped', async (t) => {
  const held = new Map<string, ServerResponse>();
  const server = await httpServer(t, ({ headers: { host = '' } }, response) => {
    if (host === 'moved.test') response.writeHead(302, { location: 'http://closes.test/' }).end();
    else held.set(host, response);
  });
  const options = { ordered: true, perHost: 1, retries: 0, connectTo: [everythingTo(server)] };
  const processing = {
    process: () => blankProcessed,
    processHops: () => Promise.resolve(),
    close: () => {},
  };
  const fetcher = new FetchUrls(readSaid(streamOptions, options), processing, {
    traces: false,
    exchanges: true,
    hops: true,
    charsets: false,
    digests: false,
    soft404: null,
    largeBodies: null,
    certificates: false,
    environment: {},
  });
  t.teardown(() => fetcher.destroy());
  for (const url of ['http://a.test/1', 'http://a.test/2', 'http://moved.test/']) fetcher.write(url);
  fetcher.end();
  const results: Result[] = [];
  fetcher.on('data', (result: Result) => results.push(result));
  await server.requested(3);
  fetcher.stop(2 ** 31 - 1);
  held.get('a.test')?.end();
  await once(fetcher, 'data');
  held.get('closes.test')?.destroy();
  await once(fetcher, 'end');
  t.deepEqual(
    results.map(({ row: { number }, error }) => [number, error]),
    [
      [1, null],
      [3, 'http-closed'],
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
    t.deepEqual(
      (await results).map(({ error, status }) => [error, status]),
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
  for await (const result of fetcher) results.push(result);
  t.is(results.length, server.requests.length);
  t.true(results.length >= 16 && results.length < 200, `${results.length} results`);
  t.true(results.every(({ status, error }) => status === 200 && error === null));
});
