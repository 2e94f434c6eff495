import { EventEmitter, once } from 'node:events';
import { setImmediate } from 'node:timers/promises';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { UsageError } from '../../../src/shared/errors.ts';
import { blankReply } from '../../../src/fetch/messages.ts';
import type { EngineReply, EngineRequest } from '../../../src/fetch/messages.ts';
import { mayPassSoon } from '../../../src/shared/statuses.ts';
import { Scheduler } from '../../../src/fetch/schedule/scheduler.ts';
import type { SchedulerOptions } from '../../../src/fetch/schedule/scheduler-options.ts';
import type { Result } from '../../../src/shared/records.ts';
import { row } from '../../helpers/fetch.ts';
import { drive } from './scheduling.ts';

const bodiless = { headers: [], ownHeaders: [], hostHeaders: [], body: null };

/** A scheduler whose replies come from the test. */
function scheduler(t: ExecutionContext, options: Partial<SchedulerOptions> = {}) {
  const started: EngineRequest[] = [];
  const events = new EventEmitter();
  const results: Result[] = [];
  const it = new Scheduler({
    concurrency: 100,
    perHost: 6,
    interval: 0,
    hostInterval: 0,
    timeout: 30_000,
    maxBody: 1_000_000,
    retries: 3,
    maxWait: 1,
    networkWait: 600_000,
    secretNames: [],
    statuses: mayPassSoon,
    maxRedirects: 10,
    privateAddresses: 'allow',
    onceMemory: null,
    followMeta: false,
    keepsHops: false,
    getAfterHead: false,
    secrets: { logins: null, cookies: null },
    robots: null,
    maxPages: null,
    staysAtHost: false,
    soft404: null,
    maxAsked: Infinity,
    method: 'GET',
    requestOf: () => bodiless,
    start: (request) => {
      started.push(request);
      events.emit('start');
    },
    reach: async () => Promise.resolve(false),
    onResult: (result) => results.push(result),
    onChange: () => {},
    onNetworkLost: () => {},
    notice: () => {},
    onFail: (error) => t.fail(error.message),
    ...options,
  });
  t.teardown(() => it.close());
  return {
    it,
    started,
    results,
    add: (...urls: string[]) => {
      for (const url of urls) it.add(row({ url }));
    },
    reply: (request: EngineRequest | undefined, fields: Partial<EngineReply>) => {
      if (request === undefined) t.fail('no such request');
      else it.reply({ ...blankReply, id: request.id, ...fields });
    },
    /** Waits until at least this many requests were started. */
    starts: async (count: number) => {
      while (started.length < count) await once(events, 'start');
    },
  };
}

const reset = { error: 'connect-reset', detail: 'gone' } as const;
const refused = { error: 'connect-refused', detail: 'gone' } as const;

const isEnd = ({ url }: EngineRequest): boolean => url === 'http://b.test/end';

test('a row whose host goes down keeps all of its own last attempt', async (t) => {
  const { it, started, results, add, reply } = scheduler(t, { perHost: 5, concurrency: 6, maxWait: 0 });
  add(...Array.from({ length: 7 }, (_, i) => `http://a.test/${i}`));
  t.is(started.length, 5);
  reply(started[0], { status: 302, location: 'http://b.test/end', ms: 30 });
  reply(started.find(isEnd), { status: 503, ms: 40, bytes: 5 });
  // After a short rest, the row waits for a turn at its first host, whose slots are all taken.
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.is(started.length, 7);
  for (const request of started.slice(1)) if (!isEnd(request)) reply(request, { ...refused, ms: 0 });
  const kept = results.find(({ row: { url } }) => url === 'http://a.test/0');
  t.like(kept, {
    status: 503,
    error: null,
    attempts: 1,
    url: 'http://b.test/end',
    host: 'b.test',
    ms: 70,
    bytes: 5,
  });
  t.deepEqual(
    kept?.redirects.map(({ url }) => url),
    ['http://a.test/0'],
  );
  t.is(it.held, 5);
});

test('POST is not repeated after a redirect, though nothing of the second request was sent', (t) => {
  const { started, results, add, reply } = scheduler(t, { method: 'POST' });
  add('http://a.test/');
  reply(started[0], { status: 303, location: '/end' });
  t.is(started[1]?.method, 'GET');
  reply(started[1], refused);
  t.is(started.length, 2);
  t.like(results[0], { error: 'connect-refused', attempts: 1, url: 'http://a.test/end' });
});

test('what could not be sent for want of sockets is sent again as it was', async (t) => {
  const { it, started, results, add, reply, starts } = scheduler(t, { method: 'POST', concurrency: 1 });
  add('http://a.test/');
  reply(started[0], { status: 303, location: '/end', ms: 10 });
  reply(started[1], { error: 'connect-unreachable', starved: true, ms: 5 });
  await starts(3);
  t.deepEqual(
    started.map(({ method, path }) => `${method} ${path}`),
    ['POST /', 'GET /end', 'GET /end'],
  );
  reply(started[2], { status: 200, ms: 7 });
  t.like(results[0], { status: 200, attempts: 1, ms: 17 });
  t.is(it.held, 0);
});

test('a row that rests for want of sockets has not begun when the run is stopped', async (t) => {
  const { it, started, results, add, reply } = scheduler(t, { concurrency: 1 });
  add('http://a.test/', 'http://b.test/');
  reply(started[0], { error: 'connect-unreachable', starved: true });
  t.is(started.length, 2);
  it.stop();
  t.is(it.size, 1);
  reply(started[1], { status: 200 });
  t.is(it.size, 0);
  await new Promise((resolve) => setTimeout(resolve, 150));
  t.is(started.length, 2);
  t.is(results.length, 1);
});

test('after a want of sockets a hundred answers win back one slot, and never more than --concurrency', async (t) => {
  const { it, started, add, reply } = scheduler(t, { concurrency: 4, perHost: 1, retries: 0 });
  add(...Array.from({ length: 900 }, (_, i) => `http://h${i}.test/`));
  t.is(started.length, 4);
  reply(started[0], { error: 'connect-unreachable', starved: true });
  reply(started[1], { error: 'connect-unreachable', starved: true });
  t.is(started.length, 4);
  const counts: number[] = [];
  for (let answers = 1; answers <= 800; answers++) {
    // The first two requests have ended for want of sockets.
    reply(started[answers + 1], { status: 200 });
    // Only so many requests start in one turn of the event loop.
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await setImmediate();
    counts.push(started.length - 2 - answers);
  }
  const mostUpTo = (answers: number): number => Math.max(...counts.slice(0, answers));
  t.deepEqual([99, 199, 800].map(mostUpTo), [2, 3, 4]);
  t.deepEqual([counts[99], counts[199]], [3, 4]);
  t.is(it.held, 100);
});

test('after stop a row that waits for its next attempt is cancelled, be it in the queue already', async (t) => {
  const { it, started, results, add, reply, starts } = scheduler(t, { perHost: 1 });
  add('http://a.test/1', 'http://a.test/2');
  reply(started[0], { status: 503 });
  // The second row keeps the host busy until the first one is back in its queue.
  await starts(2);
  await new Promise((resolve) => setTimeout(resolve, 20));
  it.stop();
  t.deepEqual(
    results.map(({ error, attempts, row: { url } }) => `${error} ${attempts} ${url}`),
    ['cancelled 1 http://a.test/1'],
  );
  reply(started[1], { status: 200 });
  t.is(started.length, 2);
  t.is(it.size, 0);
});

const hosts = Array.from({ length: 10 }, (_, i) => `http://h${i}.test/`);

test('in an outage what may have been seen is not sent again', (t) => {
  const { started, results, add, reply } = scheduler(t, { method: 'POST' });
  add(...hosts);
  for (const request of started.slice(0, 10)) reply(request, reset);
  t.is(started.length, 10);
  t.is(results.length, 10);
  t.true(results.every(({ error, attempts }) => error === 'connect-reset' && attempts === 1));
});

test('in an outage attempts do not count', async (t) => {
  const { it, started, results, add, reply, starts } = scheduler(t, {
    retries: 0,
    maxWait: 60_000,
  });
  add(...hosts);
  for (const request of started.slice(0, 10)) reply(request, refused);
  t.is(results.length, 4);
  // Three are started to see whether the outage is over, again and again.
  await starts(13);
  for (const request of started.slice(10, 13)) reply(request, refused);
  await starts(16);
  reply(started[13], { status: 200 });
  for (let i = 14; i < 19; i++) reply(started[i], { status: 200 });
  t.is(results.length, 10);
  t.true(results.every(({ attempts }) => attempts === 1));
  t.is(it.held, 0);
});

test('the requests that are let out in an outage keep the limit of all requests', async (t) => {
  const { started, add, reply, starts } = scheduler(t, { interval: 100, maxWait: 60_000 });
  const from = performance.now();
  const times: number[] = [];
  add(...hosts);
  for (let i = 0; i < 9; i++) {
    await starts(i + 1);
    times.push(performance.now() - from);
    reply(started[i], refused);
  }
  times.forEach((time, i) => t.true(time >= i * 100 - 10, `${i}: ${time}`));
});

test('a host is not called down because a redirect left it no time', (t) => {
  const { started, results, add, reply } = scheduler(t, { retries: 0, perHost: 1 });
  const login = 'http://login.test/';
  add(...hosts);
  for (let i = 0; i < 10; i++) reply(started[i], { status: 302, location: login, ms: 29_900 });
  for (let i = 10; i < 20; i++) {
    t.is(started[i]?.timeout, 100);
    reply(started[i], { error: 'headers-timeout', detail: 'late', ms: 100 });
  }
  t.is(results.length, 10);
  t.true(results.every(({ error, attempts }) => error === 'timeout' && attempts === 1));
});

test('a system that opens no connection at all ends the run, but not at once', async (t) => {
  let asked = 0;
  const answer = (): Partial<EngineReply> => {
    asked++;
    return { status: null, error: 'connect-unreachable', starved: true };
  };
  await t.throwsAsync(drive(['http://a.test/'], { lookAhead: 1, answer }), {
    instanceOf: UsageError,
    message: /opens no connection at all/,
  });
  t.true(asked >= 2);
});
