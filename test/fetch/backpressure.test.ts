import { once } from 'node:events';
import http from 'node:http';
import { Readable } from 'node:stream';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { fetchUrls } from '../../src/job/fetch-urls.ts';
import type { FetchUrls } from '../../src/fetch/fetch-urls.ts';
import type { FetchUrlsOptions } from '../../src/job/fetch-urls.ts';
import type { Result } from '../../src/shared/records.ts';
import { everythingTo } from '../helpers/fetch.ts';
import { httpServer } from '../helpers/server.ts';
import type { TestServer } from '../helpers/server.ts';

const concurrency = 4;
/** Most rows requested while nobody reads: the stream's buffer of 16 results, and three per slot. */
const roomFor = 16 + 3 * concurrency;

const unreadStops = test.macro({
  exec: async (t, options: FetchUrlsOptions) => {
    const server = await httpServer(t, (_, response) => response.end());
    start(t, server, options);
    await server.requested(16);
    await quiet(server);
    t.true(seen(server) <= roomFor, `${seen(server)} requests`);
  },
  title: (name) => `while nobody reads results, requests stop: ${name}`,
});

/**
 * Two hosts with one request at a time each, so that many rows wait in memory for their turn. No slot is free
 * meanwhile; otherwise an endless list would be written to disk without end.
 */
const rowsWait = { concurrency: 2, perHost: 1, lookAhead: 500 };

test('unordered', unreadStops, {});
test('ordered', unreadStops, { ordered: true });
test('with rows that wait for their host', unreadStops, rowsWait);

const goesOn = test.macro({
  exec: async (t, options: FetchUrlsOptions) => {
    const server = await httpServer(t, (_, response) => response.end());
    const fetcher = start(t, server, options);
    await server.requested(16);
    await quiet(server);
    for (let read = 0; read < 200; read++) await nextResult(fetcher);
    await quiet(server);
    t.true(seen(server) >= 200 && seen(server) <= 200 + roomFor, `${seen(server)} requests`);
  },
  title: (name) => `requests go on when results are read, and stop again: ${name}`,
});

test('unordered', goesOn, {});
test('ordered', goesOn, { ordered: true });
test('with rows that wait for their host', goesOn, rowsWait);

test('what was read late is whole: one result per row, in order', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const fetcher = start(t, server, { ordered: true });
  await server.requested(16);
  await quiet(server);
  for (let number = 1; number <= 100; number++) t.is((await nextResult(fetcher)).row.number, number);
});

test('a slow first row holds back at most --look-ahead rows when ordered', async (t) => {
  const held: (() => void)[] = [];
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/1') held.push(() => response.end());
    else response.end();
  });
  const fetcher = start(t, server, { ordered: true, lookAhead: 40 });
  await server.requested(40);
  await quiet(server);
  t.is(seen(server), 40);
  t.is(fetcher.readableLength, 0);
  for (const end of held) end();
  for (let number = 1; number <= 60; number++) t.is((await nextResult(fetcher)).row.number, number);
});

/** Starts a run on an endless list. */
function start(t: ExecutionContext, server: TestServer, options: FetchUrlsOptions): FetchUrls {
  let number = 0;
  function* rows(): Generator<string> {
    for (;;) yield `http://${++number % 2 === 0 ? 'a' : 'b'}.test/${number}`;
  }
  const connectTo = [everythingTo(server)];
  const fetcher = fetchUrls({ concurrency, perHost: concurrency, connectTo, ...options });
  const source = Readable.from(rows());
  source.pipe(fetcher);
  t.teardown(() => {
    source.destroy();
    fetcher.destroy();
  });
  return fetcher;
}

async function nextResult(fetcher: FetchUrls): Promise<Result> {
  for (;;) {
    const result = fetcher.read() as Result | null;
    if (result !== null) return result;
    await once(fetcher, 'readable');
  }
}

/** Number of rows requested. A row may be requested twice if its connection was just being closed. */
function seen({ requests }: TestServer): number {
  return new Set(requests.map(({ url }) => url).filter((url) => url !== '/probe')).size;
}

/** Waits as long as 40 requests of our own take, so that everything about to be sent has been sent. */
async function quiet(server: TestServer): Promise<void> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  for (let i = 0; i < 40; i++) {
    const [response] = (await once(http.get(`${server.url}/probe`, { agent }), 'response')) as [
      http.IncomingMessage,
    ];
    response.resume();
    await once(response, 'end');
  }
  agent.destroy();
}
