import { once } from 'node:events';
import { Readable } from 'node:stream';

import test from 'ava';

import { fetchUrls } from '../../../src/job/fetch-urls.ts';
import type { Result } from '../../../src/shared/records.ts';
import { everythingTo, fetchAll } from '../../helpers/fetch.ts';
import { httpServer } from '../../helpers/server.ts';
import type { TestServer } from '../../helpers/server.ts';

/** A request: its host and time. */
interface Seen {
  readonly host: string;
  readonly at: number;
}

function hosts(count: number, name: string): string[] {
  return Array.from({ length: count }, (_, i) => `http://${name}.test/${i}`);
}

const waits = test.macro({
  exec: async (t, status: number, retryAfter: () => { value: string; until: number }) => {
    const seen: Seen[] = [];
    let until = 0;
    const server = await httpServer(t, ({ headers: { host = '' } }, response) => {
      seen.push({ host, at: Date.now() });
      if (host !== 'busy.test' || until > 0) {
        response.end();
        return;
      }
      const wish = retryAfter();
      ({ until } = wish);
      response.writeHead(status, { 'retry-after': wish.value }).end();
    });
    const rows = [...hosts(4, 'busy'), ...hosts(60, 'other')];
    const limits = { concurrency: 2, perHost: 1, retries: 1, maxWait: 60_000 };
    const results = await fetchAll(rows, { ...limits, connectTo: [everythingTo(server)] });
    t.is(results.length, 64);
    t.true(results.every((result) => result.status === 200 && result.error === null));
    t.is(results.filter(({ attempts }) => attempts === 2).length, 1);
    // All rows of the host wait, not only the one that was refused.
    const busy = seen.filter(({ host }) => host === 'busy.test').slice(1);
    t.is(busy.length, 4);
    t.true(busy.every(({ at }) => at >= until - 1));
  },
  title: (name, status: number) => `${status} with Retry-After in ${name}: the host waits`,
});

test('seconds', waits, 429, () => ({ value: '1', until: Date.now() + 1000 }));
test('seconds', waits, 503, () => ({ value: '1', until: Date.now() + 1000 }));
test('a date', waits, 503, () => {
  const until = Math.floor(Date.now() / 1000) * 1000 + 2000;
  return { value: new Date(until).toUTCString(), until };
});

test('while a host waits others go on', async (t) => {
  const server = await httpServer(t, ({ headers: { host } }, response) => {
    if (host === 'other.test') response.end();
    else response.writeHead(503, { 'retry-after': '3600' }).end();
  });
  const limits = { concurrency: 2, perHost: 1, maxWait: 2 * 3_600_000, connectTo: [everythingTo(server)] };
  const fetcher = fetchUrls(limits);
  t.teardown(() => fetcher.destroy());
  Readable.from([...hosts(4, 'busy'), ...hosts(60, 'other')]).pipe(fetcher);
  for (let i = 0; i < 60; i++) {
    const [result] = (await once(fetcher, 'data')) as [Result];
    t.like(result, { host: 'other.test', status: 200 });
  }
  t.is(asked(server, 'busy.test'), 1);
});

test('a host that asks for longer than --max-wait is left alone: its other rows are host-down', async (t) => {
  const server = await httpServer(t, ({ headers: { host } }, response) => {
    if (host === 'other.test') response.end();
    else response.writeHead(503, { 'retry-after': '3600' }).end();
  });
  const limits = { perHost: 1, retries: 3, maxWait: 1000, connectTo: [everythingTo(server)] };
  const results = await fetchAll([...hosts(10, 'busy'), ...hosts(5, 'other')], limits);
  const busy = results.filter(({ host }) => host === 'busy.test');
  t.is(busy.length, 10);
  t.like(
    busy.find(({ status }) => status !== null),
    { status: 503, error: null, attempts: 1 },
  );
  const left = busy.filter(({ error }) => error === 'host-down');
  t.is(left.length, 9);
  t.true(left.every(({ attempts, status, ms }) => attempts === 0 && status === null && ms === null));
  t.true(
    left.every(
      ({ detail }) =>
        detail === 'busy.test was not tried: it asked to be left alone for 3600 s, longer than --max-wait',
    ),
  );
  t.is(asked(server, 'busy.test'), 1);
  t.is(asked(server, 'other.test'), 5);
});

test('a good reply that was on its way does not make later rows wait for all that time', async (t) => {
  const held: (() => void)[] = [];
  const server = await httpServer(t, (_, response) => {
    const first = server.requests.length === 1;
    held.push(() => {
      if (first) response.writeHead(429, { 'retry-after': '3600' }).end();
      else setTimeout(() => response.end(), 50);
    });
    if (held.length === 2) for (const end of held) end();
  });
  // There are more rows than fit in the look-ahead, so some are read later.
  const limits = { perHost: 2, concurrency: 2, lookAhead: 3, maxWait: 1000, retries: 1 };
  const results = await fetchAll(hosts(30, 'busy'), { ...limits, connectTo: [everythingTo(server)] });
  t.deepEqual(results.map(({ status, error }) => `${status} ${error}`).toSorted(), [
    '200 null',
    '429 null',
    ...Array.from({ length: 28 }, () => 'null host-down'),
  ]);
  t.is(server.requests.length, 2);
});

test('POST is not sent again after Retry-After, but its host waits', async (t) => {
  const times: number[] = [];
  const server = await httpServer(t, (_, response) => {
    times.push(Date.now());
    response.writeHead(times.length === 1 ? 503 : 200, { 'retry-after': '1' }).end();
  });
  const limits = { perHost: 1, retries: 3, method: 'POST', data: 'x' };
  const results = await fetchAll([`${server.url}/1`, `${server.url}/2`], limits);
  t.deepEqual(
    results.map(({ status, attempts }) => [status, attempts]),
    [
      [503, 1],
      [200, 1],
    ],
  );
  t.true((times[1] ?? 0) - (times[0] ?? 0) >= 999);
});

test('the host of a redirect is the one that waits', async (t) => {
  const seen: Seen[] = [];
  const server = await httpServer(t, ({ headers: { host = '' }, url }, response) => {
    seen.push({ host, at: Date.now() });
    if (host === 'from.test' && url === '/0') response.writeHead(302, { location: 'http://to.test/' }).end();
    else if (asked(server, 'to.test') === 1 && host === 'to.test')
      response.writeHead(503, { 'retry-after': '1' }).end();
    else response.end();
  });
  const limits = { retries: 1, perHost: 1, connectTo: [everythingTo(server)] };
  const results = await fetchAll(hosts(5, 'from'), limits);
  t.true(results.every(({ status }) => status === 200));
  // The first host's other rows do not wait, so its first row is the last to end.
  t.is(results.at(-1)?.row.number, 1);
  const [first, second] = seen.filter(({ host }) => host === 'to.test');
  t.true((second?.at ?? 0) - (first?.at ?? 0) >= 999);
});

test('after 429 the host is asked less often', async (t) => {
  let cutAt = 0;
  const after: number[] = [];
  const server = await httpServer(t, (_, response) => {
    const now = performance.now();
    if (cutAt > 0) after.push(now - cutAt);
    if (server.requests.length === 21) cutAt = now;
    response.writeHead(server.requests.length === 21 ? 429 : 200).end();
  });
  const urls = Array.from({ length: 60 }, (_, i) => `${server.url}/${i}`);
  const results = await fetchAll(urls, { perHost: 1, retries: 1, maxWait: 1 });
  t.true(results.every(({ status }) => status === 200));
  t.is(after.length, 40);
  // The rate is measured over at least 100 ms, so 21 starts count as 210/s at most. Half of that is one in
  // 9.5 ms, and for a while little more.
  after.slice(0, 30).forEach((ms, i) => t.true(ms >= (i + 1) * 8 - 10, `${i}: ${ms}`));
});

function asked(server: TestServer, name: string): number {
  return server.requests.filter(({ headers: { host } }) => host === name).length;
}
