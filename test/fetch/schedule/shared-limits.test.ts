import { once } from 'node:events';
import { Readable } from 'node:stream';

import test from 'ava';

import { sharedLimits } from '../../../src/fetch/shared-limits.ts';
import type { SharedLimits } from '../../../src/fetch/shared-limits.ts';
import type { FetchUrls } from '../../../src/fetch/fetch-urls.ts';
import { fetchUrls } from '../../../src/job/fetch-urls.ts';
import type { FetchUrlsOptions } from '../../../src/job/fetch-urls.ts';
import { UsageError } from '../../../src/shared/errors.ts';
import type { Result } from '../../../src/shared/records.ts';
import { everythingTo, fetchAll, meanwhile } from '../../helpers/fetch.ts';
import { randomNumbers } from '../../helpers/random.ts';
import { closedPort, httpServer } from '../../helpers/server.ts';
import type { TestServer } from '../../helpers/server.ts';

/** Milliseconds by which a late start may be made up for. */
const slack = 6;

/** This many URLs of these hosts, in turn. The path begins with the pipeline's name. */
function urls(pipeline: string, count: number, hosts: readonly string[] = ['a.test']): string[] {
  return Array.from({ length: count }, (_, i) => `http://${hosts[i % hosts.length]}/${pipeline}/${i}`);
}

const pipelines = ['a', 'b', 'c', 'd', 'e'];

function to(server: TestServer, limits: SharedLimits): FetchUrlsOptions {
  return { limits, connectTo: [everythingTo(server)] };
}

const oneClient = test.macro({
  exec: async (t, threads: number) => {
    const running = new Map<string, number>();
    const most = new Map<string, number>();
    const held: (() => void)[] = [];
    const server = await httpServer(t, ({ headers: { host = '' } }, response) => {
      const now = (running.get(host) ?? 0) + 1;
      running.set(host, now);
      most.set(host, Math.max(now, most.get(host) ?? 0));
      response.once('close', () => running.set(host, (running.get(host) ?? 0) - 1));
      held.push(() => response.end());
      // Requests wait for each other: with fewer than allowed in flight, the run would never end.
      if (server.requests.length >= 7) for (const end of held.splice(0)) setImmediate(end);
    });
    const limits = sharedLimits({ perHost: 3, concurrency: 7 });
    const hosts = ['a.test', 'b.test', 'c.test'];
    const all = await Promise.all(
      pipelines.map(async (name) => fetchAll(urls(name, 120, hosts), { ...to(server, limits), threads })),
    );
    t.deepEqual(
      all.map((results) => results.filter(({ status }) => status === 200).length),
      [120, 120, 120, 120, 120],
    );
    t.is(server.requests.length, 600);
    t.is(Math.max(...most.values()), 3);
    t.is(server.mostAtOnce(), 7);
  },
  title: (_, threads: number) =>
    `five pipelines together keep to the limits of one client, and reach them (threads: ${threads})`,
});

test(oneClient, 1);
test(oneClient, 2);

test('five pipelines together ask a host no more often than its rate', async (t) => {
  const times: number[] = [];
  const server = await httpServer(t, (_, response) => {
    times.push(performance.now() - from);
    response.end();
  });
  const limits = sharedLimits({ hostRate: 200 });
  const from = performance.now();
  await Promise.all(pipelines.map(async (name) => fetchAll(urls(name, 12), to(server, limits))));
  t.is(times.length, 60);
  t.deepEqual(
    times.filter((time, i) => time < i * 5 - slack),
    [],
  );
});

test('what a host asks one pipeline for holds for all', async (t) => {
  const later: number[] = [];
  let askedAt = 0;
  const server = await httpServer(t, (_, response) => {
    if (askedAt > 0) later.push(performance.now() - askedAt);
    if (askedAt === 0) response.writeHead(503, { 'retry-after': '1' });
    askedAt ||= performance.now();
    response.end();
  });
  const limits = sharedLimits({ perHost: 1 });
  const all = await Promise.all(
    pipelines.map(async (name) => fetchAll(urls(name, 2), { ...to(server, limits), retries: 1 })),
  );
  t.true(all.flat().every(({ status }) => status === 200));
  t.is(later.length, 10);
  t.true((later[0] ?? 0) >= 1000 - slack, `${later[0]}`);
});

test('a host that one pipeline gives up is given up by all', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.writeHead(503, { 'retry-after': '3600' }).end();
  });
  const limits = sharedLimits({ perHost: 1 });
  const options = { ...to(server, limits), retries: 9 };
  const all = await Promise.all(pipelines.map(async (name) => fetchAll(urls(name, 3), options)));
  const ends = all.flat().map(({ status, error }) => error ?? `${status}`);
  t.deepEqual(
    ends.toSorted((a, b) => (a < b ? -1 : 1)),
    ['503', ...Array.from({ length: 14 }, () => 'host-down')],
  );
  t.is(server.requests.length, 1);
  // The host's state is remembered when no pipeline has rows for it any more.
  t.is((await fetchAll(urls('f', 1), options))[0]?.error, 'host-down');
});

const numbered = (url: string): string[] => Array.from({ length: 40 }, (_, i) => `${url}/${i}`);

test('what one pipeline finds closed ends no rows of others at another port of the host', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const shared = { limits: sharedLimits({ perHost: 1, concurrency: 5 }), retries: 0, maxWait: 1 };
  const open = Readable.from(numbered(server.url)).pipe(fetchUrls(shared));
  // Nobody reads the stream, so it stops when its buffer is full, with rows waiting.
  await server.requested(21);
  const closed = await fetchAll(numbered(`http://127.0.0.1:${await closedPort()}`), shared);
  t.true(closed.some(({ error }) => error === 'host-down'));
  t.true(server.requests.length < 30);
  const results: Result[] = [];
  for await (const result of open) results.push(result);
  t.is(results.length, 40);
  t.true(results.every(({ status }) => status === 200));
});

/** Number of requests of pipeline `a` before the last one of the named pipeline. */
function before(server: TestServer, name: string): number {
  const names = server.requests.map(({ url }) => url.charAt(1));
  return names.slice(0, names.lastIndexOf(name)).filter((each) => each === 'a').length;
}

const fair = test.macro({
  exec: async (t, limits: SharedLimits, hosts: (name: string) => readonly string[], most: number) => {
    const server = await httpServer(t, (_, response) => setImmediate(() => response.end()));
    const options = to(server, limits);
    const first = fetchAll(urls('a', 300, hosts('a')), options);
    await server.requested(10);
    const others = ['b', 'c'].map(async (name) => fetchAll(urls(name, 30, hosts(name)), options));
    await Promise.all([first, ...others]);
    t.is(server.requests.length, 360);
    // Pipeline `a` had ten before the others came, and some not yet seen by the server; from then on, it gets
    // one turn in three, or in two.
    for (const name of ['b', 'c']) t.true(before(server, name) <= most, `${before(server, name)}`);
  },
  title: (what = '') => `pipelines take turns ${what}, however many rows one has`,
});

test('at the slots of a host', fair, sharedLimits({ perHost: 1 }), () => ['h.test'], 70);
test('at several slots of a host', fair, sharedLimits({ perHost: 4 }), () => ['h.test'], 70);
test('at the rate of a host', fair, sharedLimits({ hostRate: 300 }), () => ['h.test'], 70);
test('at all slots', fair, sharedLimits({ concurrency: 2 }), (name) => [`${name}.test`], 70);
// While the shared host takes turns, the pipeline with another host goes on there.
test(
  'at both',
  fair,
  sharedLimits({ concurrency: 2, perHost: 1 }),
  (name) => ['h.test', `${name}.test`],
  130,
);

test('a pipeline whose results nobody takes holds up no other one', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const limits = sharedLimits({ perHost: 1, concurrency: 2 });
  const slow = Readable.from(urls('a', 500)).pipe(fetchUrls(to(server, limits)));
  await once(slow, 'readable');
  const others = await Promise.all(
    ['b', 'c'].map(async (name) => fetchAll(urls(name, 100), to(server, limits))),
  );
  t.true(others.flat().every(({ status }) => status === 200));
  const taken = server.requests.filter(({ url }) => url.startsWith('/a/')).length;
  t.true(taken < 100, `${taken}`);
  let count = 0;
  for await (const { status } of slow as AsyncIterable<Result>) if (status === 200) count++;
  t.is(count, 500);
});

const givesBack = test.macro({
  exec: async (t, threads: number, end: (stream: FetchUrls, controller: AbortController) => void) => {
    const server = await httpServer(t, ({ url }, response) => {
      if (!url.startsWith('/a/')) response.end();
    });
    const limits = sharedLimits({ perHost: 2, concurrency: 2 });
    const controller = new AbortController();
    const { signal } = controller;
    const stream = fetchUrls({ ...to(server, limits), threads, signal, grace: 1 });
    stream.on('error', () => {}).resume();
    for (const url of urls('a', 9)) stream.write(url);
    await server.requested(2);
    const other = fetchAll(urls('b', 9), to(server, limits));
    await meanwhile(t);
    t.is(server.requests.length, 2);
    end(stream, controller);
    t.is((await other).filter(({ status }) => status === 200).length, 9);
    stream.destroy();
    t.is(server.requests.filter(({ url }) => url.startsWith('/a/')).length, 2);
  },
  title: (what = '', threads: number) =>
    `a pipeline that is ${what} gives back its slots (threads: ${threads})`,
});

for (const threads of [1, 2]) {
  test('destroyed', givesBack, threads, (stream) => stream.destroy());
  test('destroyed by an error', givesBack, threads, (stream) => stream.destroy(new Error('of the caller')));
  test('aborted', givesBack, threads, (_, controller) => controller.abort());
  test('stopped', givesBack, threads, (stream) => stream.stop(0));
}

test('limits beside an option that they have are refused', (t) => {
  const limits = sharedLimits({ perHost: 2, hostRate: '5/s', concurrency: 9 });
  t.deepEqual([limits.perHost, limits.hostRate, limits.concurrency], [2, 5, 9]);
  for (const option of [{ perHost: 2 }, { hostRate: 5 }, { concurrency: 9 }]) {
    const [name = ''] = Object.keys(option);
    t.throws(() => fetchUrls({ limits, ...option }), {
      instanceOf: UsageError,
      message: `${name}: limits have it already: give it to sharedLimits() instead`,
    });
  }
  t.throws(() => fetchUrls({ limits: { perHost: 2 } as unknown as SharedLimits }), {
    instanceOf: UsageError,
    message: 'limits: not made by sharedLimits()',
  });
  t.throws(() => sharedLimits({ perHost: 0 }), { instanceOf: UsageError });
  t.throws(() => sharedLimits({ rate: 5 } as object), { instanceOf: UsageError, message: /no such option/ });
  t.notThrows(() => fetchUrls({ limits, rate: 5 }).destroy());
});

test('pipelines that come, end, fail and stand still: all others end, and nothing is left', async (t) => {
  const below = randomNumbers(7);
  const random = (): number => below(1000) / 1000;
  const hosts = ['a.test', 'b.test', 'c.test', 'd.test'];
  const server = await httpServer(t, ({ url }, response) => {
    const lot = below(20);
    if (lot === 0) response.destroy();
    else if (lot === 1) response.writeHead(302, { location: `http://b.test${url}x` }).end();
    else setImmediate(() => response.end());
  });
  const limits = sharedLimits({ perHost: 2, concurrency: 5 });
  const one = async (number: number): Promise<number> => {
    const rows = Math.ceil(random() * 60);
    const most = random() < 0.4 ? Math.floor(random() * rows) : Infinity;
    const options = {
      ...to(server, limits),
      retries: 5,
      maxWait: 20,
      rate: random() < 0.2 ? 500 : undefined,
      grace: 1,
    };
    const names = hosts.filter((_, i) => i === 0 || random() < 0.5);
    const stream = Readable.from(urls(`${number}`, rows, names)).pipe(fetchUrls(options));
    let taken = 0;
    for await (const { status, error } of stream as AsyncIterable<Result>) {
      t.truthy(status ?? error);
      // Leaving the loop destroys the stream.
      if (++taken >= most) break;
      if (taken % 7 === 0) await fetchAll(urls('x', 1, ['e.test']), to(server, limits));
    }
    return Math.min(rows, Math.max(most, 1)) - taken;
  };
  const missing: number[] = [];
  for (let wave = 0; wave < 4; wave++) {
    const ends = Array.from({ length: 12 }, async (_, i) => one(12 * wave + i));
    missing.push(...(await Promise.all(ends)));
  }
  t.deepEqual(new Set(missing), new Set([0]));
  t.is(limits.turns.active, 0);
  t.true(server.mostAtOnce() <= 5);
});
