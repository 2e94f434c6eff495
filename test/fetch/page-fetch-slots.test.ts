import { once } from 'node:events';

import test from 'ava';

import { fetchUrls } from '../../src/job/fetch-urls.ts';
import type { FetchUrlsOptions } from '../../src/job/fetch-urls.ts';
import type { Result } from '../../src/shared/records.ts';
import { everythingTo, fetchAll, fetchOne, meanwhile, row } from '../helpers/fetch.ts';
import { gate } from '../helpers/gate.ts';
import { httpServer } from '../helpers/server.ts';
import type { Answer } from '../helpers/server.ts';
import { echo, moduleOf, part, processor, twelve } from './asking-pages.ts';

for (const limits of [
  { concurrency: 1 },
  { perHost: 1 },
  { concurrency: 1, perHost: 1, ordered: true, lookAhead: 1 },
]) {
  test(`a page does not wait for itself with ${JSON.stringify(limits)}`, async (t) => {
    const { url, requests, mostAtOnce } = await echo(t);
    const module = await moduleOf(t, part);
    const urls = Array.from({ length: 20 }, (_, n) => `${url}/${n}`);
    const results = await fetchAll(urls, { module, ...limits });
    t.deepEqual(
      results.map(({ values, error }) => [values['a'], error]),
      urls.map(() => [200, null]),
    );
    t.is(requests.length, 40);
    t.is(mostAtOnce(), 1);
  });
}

/** Work that competes with the requests of pages for slots. */
const crowded: Record<string, Crowd> = {
  'retries of other rows': {
    list: (url) => twelve.map((n) => `${url}/row${n}`),
    options: { concurrency: 3, hostRate: 50, retries: 1 },
    answer: ({ url }, response) => {
      const isFirst = url.startsWith('/row') && !seen.has(url);
      seen.add(url);
      response.writeHead(isFirst ? 503 : 200).end();
    },
  },
  'rows of a host that fails at another port': {
    list: (url) => twelve.map((n) => (n % 2 === 0 ? `${url}/row${n}` : `http://127.0.0.1:1/${n}`)),
    options: { concurrency: 2, retries: 0, maxWait: '100ms' },
    answer: (_, response) => response.end(),
  },
  'robots.txt of another host': {
    list: (url) => [`${url}/row`],
    options: { concurrency: 1, robots: true },
    answer: (_, response) => response.end(),
  },
};

const seen = new Set<string>();

interface Crowd {
  readonly list: (url: string) => string[];
  readonly options: FetchUrlsOptions;
  readonly answer: Answer;
}

test('several requests of one page keep to the limits', async (t) => {
  const { url, requests, mostAtOnce } = await httpServer(
    t,
    (_, response) => void setTimeout(() => response.end('x'), 1),
  );
  const module = await moduleOf(
    t,
    'const all = await Promise.all([1,2,3,4,5].map((n) => page.fetch("/part" + n))); return { a: all.length };',
  );
  const urls = Array.from({ length: 30 }, (_, n) => `${url}/${n}`);
  const results = await fetchAll(urls, { module, perHost: 2, concurrency: 8, threads: 4 });
  t.deepEqual(new Set(results.map(({ values }) => values['a'])), new Set([5]));
  t.is(requests.length, 180);
  t.true(mostAtOnce() <= 2, String(mostAtOnce()));
});

test('no more pages wait for their requests than twice the slots', async (t) => {
  const slots = 4;
  let holds = true;
  const held: (() => void)[] = [];
  const server = await httpServer(t, (request, response) => {
    const answer = (): void => void response.end('x');
    if (holds && request.headers.host === 'api.test') held.push(answer);
    else answer();
  });
  const module = await moduleOf(t, 'await page.fetch("http://api.test/"); return { a: 1 };');
  const urls = Array.from({ length: 100 }, (_, n) => `http://rows.test/${n}`);
  const options = { module, concurrency: slots, perHost: slots, connectTo: [everythingTo(server)] };
  const running = fetchAll(urls, options);
  await server.requested(slots + 1);
  await meanwhile(t);
  const rows = server.requests.filter(({ headers }) => headers.host === 'rows.test').length;
  holds = false;
  for (const answer of held) answer();
  const results = await running;
  t.deepEqual(new Set(results.map(({ values }) => values['a'])), new Set([1]));
  t.is(results.length, 100);
  t.true(rows <= 2 * slots, String(rows));
});

for (const [kind, { list, options, answer }] of Object.entries(crowded)) {
  test(`pages get what they ask for, though all slots are lent to them: ${kind}`, async (t) => {
    const { url, requests } = await httpServer(t, answer);
    const base = kind === 'robots.txt of another host' ? url.replace('127.0.0.1', 'localhost') : '';
    const asks = processor(async (page) => {
      const all = await Promise.all([1, 2, 3].map(async (n) => page.fetch(`${base}/part${n}`)));
      return { a: all.length };
    });
    const results = await fetchAll(list(url), { ...options, processors: [asks], perHost: 4, ordered: true });
    const whole = results.filter(({ error }) => error !== 'connect-refused');
    t.deepEqual(new Set(whole.map(({ values }) => values['a'])), new Set([3]));
    t.is(requests.filter((request) => request.url.startsWith('/part')).length, 3 * whole.length);
  });
}

test('the time for processing ends a page between its requests, and slots come back', async (t) => {
  const { url } = await echo(t);
  const hangs =
    'await page.fetch("/part"); if (page.url.endsWith("/0")) await new Promise(() => {}); return { a: 1 };';
  const loops = 'await page.fetch("/part"); while (page.url.endsWith("/0")); return { a: 1 };';
  const urls = Array.from({ length: 4 }, (_, n) => `${url}/${n}`);
  for (const body of [hangs, loops]) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const module = await moduleOf(t, body);
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const results = await fetchAll(urls, { module, concurrency: 1, processTimeout: '1s', ordered: true });
    t.deepEqual(
      results.map(({ error, values }) => error ?? values['a']),
      ['process-timeout', 1, 1, 1],
    );
  }
});

test('a thread that ends while its pages wait is replaced, and they ask again', async (t) => {
  const { url } = await echo(t);
  const body =
    'const { status } = await page.fetch("/part"); if (page.url.endsWith("/0")) process.exit(); return { a: status };';
  const urls = Array.from({ length: 5 }, (_, n) => `${url}/${n}`);
  const results = await fetchAll(urls, { module: await moduleOf(t, body), ordered: true });
  t.deepEqual(
    results.map(({ error, values }) => error ?? values['a']),
    ['process-failed', 200, 200, 200, 200],
  );
});

test('a page that waits to be processed holds no slot that one before it waits for', async (t) => {
  const [asked, askedAgain] = [gate(), gate()];
  let parts = 0;
  // The second page ends the thread of both once the first has requested its part. It must then wait to be
  // alone in another thread, while the first page runs again and requests its part, whose earlier request is
  // still in flight.
  const { url } = await httpServer(t, (request, response) => {
    if (request.url === '/part') (++parts === 1 ? asked : askedAgain).open();
    const before = { '/p': null, '/s': asked, '/part': askedAgain }[request.url];
    void Promise.resolve(before?.opened).then(() => response.end());
  });
  const body =
    'if (page.url.endsWith("/s")) process.exit(); return { a: (await page.fetch("/part")).status };';
  const options = { module: await moduleOf(t, body), perHost: 2, ordered: true };
  const results = await fetchAll([`${url}/p`, `${url}/s`], options);
  t.deepEqual(
    results.map(({ error, values }) => error ?? values['a']),
    [200, 'process-failed'],
  );
});

test('a run that is stopped cancels rows whose pages wait, and fails none by its own doing', async (t) => {
  const controller = new AbortController();
  const { url } = await httpServer(t, (request, response) => {
    if (request.url === '/part') response.writeHead(429, { 'retry-after': '60' });
    response.end();
    if (request.url === '/part') response.once('close', () => setImmediate(() => controller.abort()));
  });
  const module = await moduleOf(t, 'await page.fetch("/part"); return { a: 1 };');
  const options = { module, retries: 3, signal: controller.signal, grace: '10m' };
  const { error } = await fetchOne(url, options);
  t.is(error, 'cancelled');
});

test('a page that asks on in its thread, though its row was cancelled, is told so', async (t) => {
  const { opened, open } = gate();
  const server = await httpServer(t, (request, response) => {
    if (request.url === '/gate') void opened.then(() => response.end());
    else response.end();
  });
  const { url } = server;
  // Node's own fetch, as the stream is to know nothing of it.
  const module = await moduleOf(
    t,
    `await fetch("${url}/gate");
     const { code } = await page.fetch("/late").catch((error) => error);
     await fetch("${url}/told/" + code);
     return {};`,
  );
  const fetcher = fetchUrls({ module });
  fetcher.end(`${url}/`);
  await server.requested(2);
  // Nobody takes the result yet, so that the thread lives on.
  fetcher.stop(0);
  await once(fetcher, 'readable');
  open();
  await server.requested(3);
  const [result] = await fetcher.toArray();
  t.is((result as Result).error, 'cancelled');
  t.deepEqual(
    server.requests.map((request) => request.url),
    ['/', '/gate', '/told/cancelled'],
  );
});

for (const limits of [{ concurrency: 1 }, { concurrency: 2, perHost: 1 }]) {
  test(`a page does not wait for the robots.txt of another host with ${JSON.stringify(limits)}`, async (t) => {
    const server = await echo(t);
    const module = await moduleOf(
      t,
      'const { status } = await page.fetch(page.row.api); return { a: status };',
    );
    const rows = Array.from({ length: 10 }, (_, n) =>
      row({ url: `http://rows.test/${n}`, api: `http://api${n}.test/` }, n + 1),
    );
    const options = { module, robots: true, connectTo: [everythingTo(server)], ...limits };
    const results = await fetchAll(rows, options);
    t.deepEqual(new Set(results.map(({ values }) => values['a'])), new Set([200]));
  });
}
