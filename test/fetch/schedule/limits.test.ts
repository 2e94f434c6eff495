import { setImmediate as turnOfLoop } from 'node:timers/promises';

import test from 'ava';

import { everythingTo, fetchAll } from '../../helpers/fetch.ts';
import { httpServer } from '../../helpers/server.ts';
import type { Answer } from '../../helpers/server.ts';
import { drive } from './scheduling.ts';

/** Counts concurrent requests by name. */
class Gauge {
  readonly #now = new Map<string, number>();
  readonly #most = new Map<string, number>();

  enter(name: string): void {
    const now = (this.#now.get(name) ?? 0) + 1;
    this.#now.set(name, now);
    this.#most.set(name, Math.max(now, this.most(name)));
  }

  leave(name: string): void {
    this.#now.set(name, (this.#now.get(name) ?? 0) - 1);
  }

  most(name: string): number {
    return this.#most.get(name) ?? 0;
  }
}

const concurrencyIs = test.macro({
  exec: async (t, concurrency: number) => {
    const held: (() => void)[] = [];
    const server = await httpServer(t, (_, response) => {
      held.push(() => response.end());
      // Requests wait for each other: with fewer than allowed in flight, the run would never end.
      if (server.requests.length >= concurrency) for (const end of held.splice(0)) end();
    });
    const urls = Array.from({ length: 60 }, (_, i) => `http://h${i % 12}.test/`);
    const results = await fetchAll(urls, { concurrency, perHost: 60, connectTo: [everythingTo(server)] });
    t.true(results.every(({ status }) => status === 200));
    t.is(server.mostAtOnce(), concurrency);
  },
  title: (_, concurrency: number) => `a concurrency of ${concurrency} is reached and never exceeded`,
});

test(concurrencyIs, 1);
test(concurrencyIs, 2);
test(concurrencyIs, 13);

test('a concurrency of 1 is not exceeded while hosts are tried in an outage', async (t) => {
  let now = 0;
  let most = 0;
  let isAway = true;
  const { results } = await drive(
    Array.from({ length: 20 }, (_, i) => `http://h${i}.test/`),
    {
      lookAhead: 1000,
      concurrency: 1,
      maxWait: 60_000,
      reach: () => Promise.resolve(false),
      notice: () => (isAway = false),
      answer: async () => {
        most = Math.max(most, ++now);
        await turnOfLoop();
        now--;
        return isAway ? { status: null, error: 'connect-refused' } : {};
      },
    },
  );
  t.is(results.length, 20);
  t.is(most, 1);
});

test('the limit of one host is reached and never exceeded, for each host', async (t) => {
  const gauge = new Gauge();
  const held: (() => void)[] = [];
  const server = await httpServer(t, ({ headers: { host = '' } }, response) => {
    gauge.enter(host);
    response.once('close', () => gauge.leave(host));
    held.push(() => response.end());
    if (server.requests.length >= 9) for (const end of held.splice(0)) end();
  });
  const urls = Array.from({ length: 90 }, (_, i) => `http://${'abc'[i % 3]}.test/`);
  await fetchAll(urls, { concurrency: 20, perHost: 3, connectTo: [everythingTo(server)] });
  t.is(server.requests.length, 90);
  t.deepEqual(
    ['a.test', 'b.test', 'c.test'].map((host) => gauge.most(host)),
    [3, 3, 3],
  );
});

test('two ports of one host share its limit', async (t) => {
  const gauge = new Gauge();
  const answer: Answer = (_, response) => {
    gauge.enter('both');
    response.once('close', () => gauge.leave('both'));
    setImmediate(() => response.end());
  };
  const first = await httpServer(t, answer);
  const second = await httpServer(t, answer);
  const urls = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? first.url : second.url));
  const results = await fetchAll(urls, { concurrency: 10, perHost: 1 });
  t.is(results.length, 20);
  t.is(gauge.most('both'), 1);
});

test('hosts take turns, also in a list that is sorted by host', async (t) => {
  const waiting: (() => void)[] = [];
  const server = await httpServer(t, (_, response) => {
    waiting.push(() => response.end());
    // Nothing is answered before both hosts have requests in flight.
    if (server.requests.length >= 4) for (const end of waiting.splice(0)) end();
  });
  const urls = ['a', 'b'].flatMap((host) => Array.from({ length: 40 }, () => `http://${host}.test/`));
  await fetchAll(urls, { concurrency: 4, perHost: 3, connectTo: [everythingTo(server)] });
  const firstHalf = server.requests.slice(0, 40).filter(({ headers }) => headers.host === 'b.test');
  t.is(server.requests.length, 80);
  // If they take turns it is 20; one after the other, it would be none.
  t.true(firstHalf.length >= 10, `${firstHalf.length} of 40`);
});

test('a host that never answers does not hold up the others', async (t) => {
  const stuck: (() => void)[] = [];
  let answered = 0;
  const server = await httpServer(t, ({ headers: { host } }, response) => {
    if (host === 'slow.test') stuck.push(() => response.end());
    else {
      answered++;
      response.end();
    }
    // Until all rows of the other host are answered, the slow ones hold two of the three slots.
    if (answered === 100) for (const end of stuck.splice(0)) end();
  });
  const slow = Array.from({ length: 10 }, () => 'http://slow.test/');
  const fast = Array.from({ length: 100 }, () => 'http://fast.test/');
  const limits = { concurrency: 3, perHost: 2, connectTo: [everythingTo(server)] };
  const results = await fetchAll([...slow, ...fast], limits);
  t.is(results.length, 110);
  t.true(results.slice(0, 99).every(({ host }) => host === 'fast.test'));
});

test('a hop of a redirect counts for the limit of the host that it leads to', async (t) => {
  const gauge = new Gauge();
  const held: (() => void)[] = [];
  const server = await httpServer(t, ({ headers: { host = '' }, url }, response) => {
    if (host !== 'target.test') {
      response.writeHead(302, { location: `http://target.test${url}` }).end();
      return;
    }
    gauge.enter(host);
    response.once('close', () => gauge.leave(host));
    held.push(() => response.end());
    if (held.length >= 2 || gauge.most(host) >= 2) for (const end of held.splice(0)) end();
  });
  const urls = Array.from({ length: 30 }, (_, i) => `http://from${i}.test/${i}`);
  const results = await fetchAll(urls, { concurrency: 10, perHost: 2, connectTo: [everythingTo(server)] });
  t.true(results.every(({ status, host }) => status === 200 && host === 'target.test'));
  t.is(server.requests.length, 60);
  t.is(gauge.most('target.test'), 2);
});

test('a row that waits for the host of its redirect holds no slot', async (t) => {
  const stuck: (() => void)[] = [];
  let others = 0;
  const server = await httpServer(t, ({ headers: { host } }, response) => {
    if (host === 'busy.test') stuck.push(() => response.end());
    else if (host === 'moved.test') response.writeHead(302, { location: 'http://busy.test/' }).end();
    else {
      others++;
      response.end();
    }
    // Only now the request that keeps the host busy ends, and the redirect waiting for that host follows.
    if (others === 5 || stuck.length > 1) for (const end of stuck) end();
  });
  const rows = ['busy', 'moved', 'a', 'b', 'c', 'd', 'e'].map((name) => `http://${name}.test/`);
  const results = await fetchAll(rows, { concurrency: 2, perHost: 1, connectTo: [everythingTo(server)] });
  t.is(results.length, 7);
  t.true(results.every(({ status }) => status === 200));
});

test('what a redirect began goes on before the next row of that host begins', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/1') response.writeHead(302, { location: '/1/on' }).end();
    else response.end();
  });
  await fetchAll(
    ['/1', '/2', '/3'].map((path) => server.url + path),
    { concurrency: 1 },
  );
  t.deepEqual(
    server.requests.map(({ url }) => url),
    ['/1', '/1/on', '/2', '/3'],
  );
});
