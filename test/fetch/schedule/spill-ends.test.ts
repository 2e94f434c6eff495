import { readdir, truncate } from 'node:fs/promises';
import { PassThrough, Readable } from 'node:stream';
import { once } from 'node:events';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { OutputError } from '../../../src/shared/errors.ts';
import { fetchUrls } from '../../../src/job/fetch-urls.ts';
import type { FetchUrls } from '../../../src/fetch/fetch-urls.ts';
import type { FetchUrlsOptions } from '../../../src/job/fetch-urls.ts';
import type { Result, Row } from '../../../src/shared/records.ts';
import { everythingTo } from '../../helpers/fetch.ts';
import { gate } from '../../helpers/gate.ts';
import { httpServer } from '../../helpers/server.ts';
import type { Answer, TestServer } from '../../helpers/server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { descriptorsIn } from './spilling.ts';
import { longGrace } from './stopping.ts';

const { TMPDIR } = process.env;
const table = { names: ['url', 'text'], header: true };
/** With 200 such rows, some are really written to the file, and not only buffered for it. */
const text = 'x'.repeat(20_000);

/**
 * A run with 200 rows of a.test, which answers only after `release`, and one of z.test, which is requested
 * when the others are on disk.
 */
interface Spilled {
  readonly server: TestServer;
  readonly fetcher: FetchUrls;
  readonly folder: string;
  readonly release: () => void;
  readonly requested: (host: string) => number;
}

async function spilled(
  t: ExecutionContext,
  options: FetchUrlsOptions = {},
  answer: Answer = (_request, response) => response.end(),
): Promise<Spilled> {
  const waiting: (() => void)[] = [];
  let isOpen = false;
  const asked = gate();
  const server = await httpServer(t, (request, response) => {
    const { host } = request.headers;
    if (host === 'z.test') asked.open();
    if (host === 'z.test') response.end();
    else if (isOpen) answer(request, response);
    else waiting.push(() => answer(request, response));
  });
  const folder = await temporaryFolder(t);
  process.env['TMPDIR'] = folder;
  const fetcher = fetchUrls({
    concurrency: 10,
    perHost: 1,
    lookAhead: 20,
    retries: 0,
    connectTo: [everythingTo(server)],
    ...options,
  });
  if (TMPDIR === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = TMPDIR;
  const urls = [...Array.from({ length: 200 }, (_item, i) => `http://a.test/${i}`), 'http://z.test/'];
  const rows = urls.map((url, i): Row => ({
    number: i + 1,
    cells: [url, text],
    table,
    url,
    error: null,
    detail: '',
    json: null,
  }));
  Readable.from(rows).pipe(fetcher);
  t.teardown(() => fetcher.destroy());
  await asked.opened;
  await until(async () => (await descriptorsIn(folder)).length === 1 && fetcher.readableLength === 1);
  return {
    server,
    fetcher,
    folder,
    release: () => {
      isOpen = true;
      for (const end of waiting) end();
    },
    requested: (host) => server.requests.filter(({ headers }) => headers.host === host).length,
  };
}

/** Waits until a condition holds, for changes in the system that cause no event. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}

async function noneOpen(folder: string): Promise<void> {
  await until(async () => (await descriptorsIn(folder)).length === 0);
}

async function rest(fetcher: FetchUrls): Promise<Result[]> {
  return (await fetcher.toArray()) as Result[];
}

test.serial(
  'the file has no name while rows are on disk, and is closed when the rows are done',
  async (t) => {
    const { fetcher, folder, release } = await spilled(t);
    t.deepEqual(await readdir(folder), []);
    release();
    const results = await rest(fetcher);
    t.is(new Set(results.map(({ row: { number } }) => number)).size, 201);
    t.is(results.length, 201);
    t.true(results.every(({ status, row: { cells } }) => status === 200 && cells[1] === text));
    await noneOpen(folder);
    t.deepEqual(await readdir(folder), []);
  },
);

test.serial(
  'stop(): what has begun ends well, what is on disk never appears, the file is closed',
  async (t) => {
    const { fetcher, folder, release, server } = await spilled(t);
    const results = rest(fetcher);
    fetcher.stop(longGrace);
    release();
    const urls = (await results).map(({ url, status }) => `${status} ${url}`);
    t.deepEqual(urls.toSorted(), ['200 http://a.test/0', '200 http://z.test/']);
    t.is(server.requests.length, 2);
    await noneOpen(folder);
  },
);

test.serial('stop() without grace: what has begun is cancelled, nothing else appears', async (t) => {
  const { fetcher, folder, server } = await spilled(t);
  const results = rest(fetcher);
  fetcher.stop(0);
  const errors = (await results).map(({ url, error }) => `${error} ${url}`);
  t.deepEqual(errors.toSorted(), ['cancelled http://a.test/0', 'null http://z.test/']);
  t.is(server.requests.length, 2);
  await noneOpen(folder);
  await server.closed();
});

test.serial('destroy() closes the file and all connections', async (t) => {
  const { fetcher, folder, server } = await spilled(t);
  fetcher.destroy();
  await noneOpen(folder);
  await server.closed();
  t.is(server.requests.length, 2);
});

test.serial('destroy() while rows come back from disk', async (t) => {
  const { fetcher, folder, release, server } = await spilled(t);
  fetcher.on('data', (result: Result) => {
    if (result.row.number === 20) fetcher.destroy();
  });
  const closed = once(fetcher, 'close');
  release();
  await closed;
  t.is(fetcher.errored, null);
  await noneOpen(folder);
  await server.closed();
});

test.serial(
  'rows on disk stay there while nobody reads results, and all come when they are read',
  async (t) => {
    const { fetcher, release, requested, server } = await spilled(t, { concurrency: 2 });
    release();
    // 16 results fill the stream's own buffer; a few more rows can be requested for each slot.
    await server.requested(16);
    for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
    t.true(requested('a.test') <= 16 + 3 * 2, `${requested('a.test')} requests`);
    const results = await rest(fetcher);
    t.is(new Set(results.map(({ row: { number } }) => number)).size, 201);
    t.is(results.length, 201);
  },
);

test.serial('rows on disk of a host that is down become results only as they are read', async (t) => {
  const { fetcher, release } = await spilled(t, { concurrency: 2 }, (_request, response) =>
    response.writeHead(429, { 'retry-after': '3600' }).end(),
  );
  release();
  for (let i = 0; i < 1000; i++) await new Promise((resolve) => setImmediate(resolve));
  const now = Date.now();
  await until(() => Promise.resolve(Date.now() > now));
  const results = await rest(fetcher);
  t.is(results.length, 201);
  t.is(results.filter(({ error }) => error === 'host-down').length, 199);
  // Rows that were in memory, one batch from disk, and the stream's buffer.
  const early = results.filter(({ at }) => at <= now).length;
  t.true(early <= 60, `${early} results`);
});

test.serial('a file that was cut by somebody ends the run, saying so, instead of losing rows', async (t) => {
  const { fetcher, folder, release } = await spilled(t);
  const [descriptor = ''] = await descriptorsIn(folder);
  await truncate(descriptor, 1);
  release();
  const error = await t.throwsAsync(rest(fetcher), { instanceOf: OutputError });
  t.regex(error?.message ?? '', /temporary file/);
  t.true(error?.message.includes(folder), error?.message);
  await noneOpen(folder);
});

test.serial('ordered: nothing goes to disk, and no more rows are read than the look-ahead', async (t) => {
  const waiting: (() => void)[] = [];
  const server = await httpServer(t, (_request, response) => void waiting.push(() => response.end()));
  const folder = await temporaryFolder(t);
  process.env['TMPDIR'] = folder;
  const input = new PassThrough({ objectMode: true, highWaterMark: 1 });
  const fetcher = fetchUrls({ ordered: true, perHost: 1, lookAhead: 20, connectTo: [everythingTo(server)] });
  if (TMPDIR === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = TMPDIR;
  t.teardown(() => fetcher.destroy());
  let read = 0;
  function* rows(): Generator<Row> {
    for (;;) {
      const url = 'http://a.test/';
      yield { number: ++read, cells: [url, text], table, url, error: null, detail: '', json: null };
    }
  }
  Readable.from(rows(), { highWaterMark: 1 }).pipe(input).pipe(fetcher);
  await server.requested(1);
  // Longer than it takes to write rows to disk.
  await new Promise((resolve) => setTimeout(resolve, 300));
  t.deepEqual(await descriptorsIn(folder), []);
  // The streams' own buffers: 16 rows in the fetcher, and those in front of it.
  t.true(read <= 20 + 25, `${read} rows were read`);
});
