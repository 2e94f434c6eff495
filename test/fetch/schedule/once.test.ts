import test from 'ava';

import type { EngineReply, EngineRequest } from '../../../src/fetch/messages.ts';
import { fetchAll, row } from '../../helpers/fetch.ts';
import { closedPort, httpServer } from '../../helpers/server.ts';
import { drive } from './scheduling.ts';

test('a request is made once, and all rows of it have its result in order of their own', async (t) => {
  const server = await httpServer(t, ({ url }, response) => response.end(url));
  const urls = [1, 2, 1, 3, 2, 1, 1].map((n) => `${server.url}/${n}`);
  const results = await fetchAll(urls, { once: true, ordered: true });
  t.deepEqual(
    results.map(({ row: { number }, url, status, attempts, sameAs }) => [
      number,
      url,
      status,
      attempts,
      sameAs,
    ]),
    urls.map((url, i) => {
      const first = urls.indexOf(url);
      return [i + 1, url, 200, first === i ? 1 : 0, first === i ? null : first + 1];
    }),
  );
  t.deepEqual(server.requests.map(({ url }) => url).toSorted(), ['/1', '/2', '/3']);
});

test('without it each row is fetched', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const results = await fetchAll([server.url, server.url], {});
  t.deepEqual(
    results.map(({ attempts, sameAs }) => [attempts, sameAs]),
    [
      [1, null],
      [1, null],
    ],
  );
  t.is(server.requests.length, 2);
});

test('a row that comes after the answer has it too', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('a page'));
  const results = await fetchAll([server.url, server.url, server.url], {
    once: true,
    lookAhead: 1,
    concurrency: 1,
  });
  t.deepEqual(
    results.map(({ status, bytes, attempts, sameAs }) => [status, bytes, attempts, sameAs]),
    [
      [200, 6, 1, null],
      [200, 6, 0, 1],
      [200, 6, 0, 1],
    ],
  );
  t.is(server.requests.length, 1);
});

const differs = test.macro({
  exec: async (t, cells: readonly Readonly<Record<string, string>>[], options: object, requests: number) => {
    const server = await httpServer(t, (_, response) => response.end());
    const rows = cells.map(({ path = '', ...others }, i) =>
      row({ url: server.url + path, ...others }, i + 1),
    );
    const results = await fetchAll(rows, { once: true, ...options });
    t.is(results.length, cells.length);
    t.is(server.requests.length, requests);
  },
  title: (what) => `${what}`,
});
test('another path is another request', differs, [{ path: '/a' }, { path: '/b' }, { path: '/a?b' }], {}, 3);
test(
  'another fragment is the same request',
  differs,
  [{ path: '/a#1' }, { path: '/a#2' }, { path: '/a' }],
  {},
  1,
);
test(
  'another header is another request',
  differs,
  [{ k: '1' }, { k: '2' }, { k: '1' }],
  { header: ['X-Key: {k}'] },
  2,
);
test(
  'another body is another request',
  differs,
  [{ k: '1' }, { k: '2' }, { k: '1' }],
  { data: 'k={k}', method: 'PUT' },
  2,
);

test('other credentials make another request', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const at = (user: string): string => server.url.replace('//', `//${user}:x@`);
  await fetchAll([at('a'), at('b'), at('a')], { once: true });
  t.is(server.requests.length, 2);
});

test('the URL of a row keeps its own fragment, unless a redirect led away from it', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/moved') response.writeHead(302, { location: '/there' });
    response.end();
  });
  const results = await fetchAll(
    ['/here#1', '/here#2', '/moved#1', '/moved#2'].map((path) => server.url + path),
    { once: true, ordered: true },
  );
  t.deepEqual(
    results.map(({ url }) => url.slice(server.url.length)),
    ['/here#1', '/here#2', '/there#1', '/there#1'],
  );
  t.deepEqual(
    results.map(({ redirects }) => redirects.length),
    [0, 0, 1, 1],
  );
});

test('a failure is shared, with its words', async (t) => {
  const url = `http://127.0.0.1:${await closedPort()}/`;
  const results = await fetchAll([url, url], { once: true, ordered: true });
  const [first, second] = results;
  t.is(first?.error, 'connect-refused');
  t.deepEqual([second?.error, second?.detail, second?.sameAs], ['connect-refused', first?.detail, 1]);
});

test('values are shared: a processor sees the page once', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('a page'));
  let seen = 0;
  const counting = { columns: ['n'], process: () => ({ n: ++seen }) };
  const results = await fetchAll([server.url, server.url, server.url], {
    once: true,
    processors: [counting],
  });
  t.deepEqual(
    results.map(({ values }) => values),
    [{ n: 1 }, { n: 1 }, { n: 1 }],
  );
});

/** Ten URLs in turn, each a hundred times. */
const tenInTurn = Array.from({ length: 1000 }, (_, i) => `http://host${i % 10}.test/`);

test('results that do not fit into the memory are forgotten: their requests are made again', async (t) => {
  const detail = 'x'.repeat(2000);
  // Room for four or five such results.
  const options = { lookAhead: 1, concurrency: 1, onceMemory: 80_000, answer: () => ({ detail }) };
  const { results, asked } = await drive(tenInTurn, options);
  t.is(results.length, 1000);
  t.is(asked.length, 1000);
  const few = await drive(
    tenInTurn.map((_, i) => `http://host${i % 3}.test/`),
    options,
  );
  t.is(few.results.length, 1000);
  t.is(few.asked.length, 3);
});

test('a result that is used is not forgotten', async (t) => {
  const detail = 'x'.repeat(2000);
  const urls = Array.from({ length: 1000 }, (_, i) => `http://${i % 2 === 0 ? 'often' : `host${i}`}.test/`);
  const { asked } = await drive(urls, {
    lookAhead: 1,
    concurrency: 1,
    onceMemory: 80_000,
    answer: () => ({ detail }),
  });
  t.is(asked.filter((url) => url === 'http://often.test/').length, 1);
});

test('rows that wait for the answer of another one take their part of the memory, and no more', async (t) => {
  const urls = Array.from({ length: 200 }, () => 'http://a.test/');
  const { results, asked } = await drive(urls, {
    lookAhead: 200,
    concurrency: 200,
    perHost: 200,
    onceMemory: 20_000,
    answer: () => Promise.resolve({}),
  });
  t.is(results.length, 200);
  t.true(asked.length > 1 && asked.length < 200, `${asked.length} requests`);
});

test('rows on disk are not fetched again when their request was made meanwhile', async (t) => {
  // One host has more rows than there is room for, each URL twice: first all URLs, then all again.
  const distinct = Array.from({ length: 300 }, (_, i) => `http://big.test/${i}`);
  const others = Array.from({ length: 50 }, (_, i) => `http://other${i}.test/`);
  const { results, asked, mostHeld } = await drive([...distinct, ...distinct, ...others], {
    lookAhead: 40,
    onceMemory: 64_000_000,
  });
  t.is(results.length, 650);
  t.is(new Set(results.map(({ row: { number } }) => number)).size, 650);
  t.is(asked.length, 350);
  t.true(mostHeld <= 80, `${mostHeld} rows in memory`);
});

test('a row that others wait for stays in memory when its host has too many', async (t) => {
  const urls = Array.from({ length: 400 }, (_, i) => `http://big.test/${Math.floor(i / 2)}`);
  const { results, asked } = await drive(
    [...urls, ...Array.from({ length: 50 }, (_, i) => `http://other${i}.test/`)],
    {
      lookAhead: 40,
      onceMemory: 64_000_000,
    },
  );
  t.is(results.length, 450);
  t.is(asked.length, 250);
});

/** Refuses connections to down.test; all other hosts answer. */
function refused({ url }: EngineRequest): Partial<EngineReply> {
  return url.startsWith('http://down.test') ? { status: null, error: 'connect-refused' } : {};
}

test('what was not sent as its host is down is sent for the next row', async (t) => {
  // The first five fail, which opens the circuit, so that the sixth is not tried.
  const urls = Array.from({ length: 7 }, (_, i) => `http://down.test/${Math.min(i, 5)}`);
  const { results } = await drive(urls, {
    lookAhead: 1,
    concurrency: 1,
    onceMemory: 1_000_000,
    answer: refused,
  });
  t.deepEqual(results.map(({ error, attempts, sameAs }) => [error, attempts, sameAs]).slice(4), [
    ['connect-refused', 1, null],
    ['host-down', 0, null],
    ['host-down', 0, null],
  ]);
});
