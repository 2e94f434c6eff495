import { once } from 'node:events';
import { PassThrough } from 'node:stream';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { fetchUrls } from '../../../src/job/fetch-urls.ts';
import type { Result } from '../../../src/shared/records.ts';
import { everythingTo, fetchAll, fetchOne, meanwhile } from '../../helpers/fetch.ts';
import { httpServer } from '../../helpers/server.ts';
import { longGrace, numbersOf, start } from './stopping.ts';

/**
 * Checks that since then no request came early at one per 100 ms, with 6 ms of tolerance: a late start is
 * made up for by 5 ms.
 */
function areApart(t: ExecutionContext, times: readonly number[], since: number): void {
  for (const [i, time] of times.entries()) t.true(time - since >= 100 * i - 6, `${i}: ${time - since} ms`);
}

test('Crawl-delay is the pace of the host', async (t) => {
  const times: number[] = [];
  const server = await httpServer(t, (_, response) => {
    times.push(performance.now());
    response.end('User-agent: *\nCrawl-delay: 0.1');
  });
  const urls = Array.from({ length: 5 }, (_, i) => `${server.url}/${i}`);
  await fetchAll(urls, { robots: true });
  const [robots = 0, ...pages] = times;
  t.is(pages.length, 5);
  areApart(t, pages, robots);
});

test('Crawl-delay is still known after a pause, and after a row that was denied', async (t) => {
  const times: number[] = [];
  const server = await httpServer(t, ({ url }, response) => {
    if (url !== '/robots.txt') times.push(performance.now());
    response.end('User-agent: *\nCrawl-delay: 0.1\nDisallow: /no');
  });
  const input = new PassThrough({ objectMode: true });
  const fetcher = input.pipe(fetchUrls({ robots: true }));
  const next = async (path: string): Promise<Result> => {
    input.write(server.url + path);
    const [result] = (await once(fetcher, 'data')) as [Result];
    return result;
  };
  t.is((await next('/no')).error, 'robots-denied');
  t.is((await next('/first')).error, null);
  // Long enough for the host to be forgotten.
  await new Promise((resolve) => setTimeout(resolve, 150));
  const more: Result[] = [];
  const since = performance.now();
  fetcher.on('data', (result: Result) => more.push(result));
  for (let i = 0; i < 4; i++) input.write(`${server.url}/${i}`);
  input.end();
  await once(fetcher, 'end');
  t.is(more.length, 4);
  areApart(t, times.slice(1), since);
  t.is(server.requests.filter(({ url }) => url === '/robots.txt').length, 1);
});

test('Crawl-delay is not waited for longer than --max-wait', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('User-agent: *\nCrawl-delay: 3600'));
  const urls = Array.from({ length: 3 }, (_, i) => `${server.url}/${i}`);
  const results = await fetchAll(urls, { robots: true, maxWait: 10 });
  t.true(results.every(({ status }) => status === 200));
});

test('the robots.txt of the origin that a redirect leads to is asked as well', async (t) => {
  const server = await httpServer(t, ({ url, headers: { host } }, response) => {
    if (url === '/robots.txt') response.end(host === 'b.test' ? 'User-agent: *\nDisallow: /no' : '');
    else if (host === 'a.test') response.writeHead(302, { location: `http://b.test${url}` }).end();
    else response.end();
  });
  const options = { robots: true, connectTo: [everythingTo(server)], ordered: true };
  const [no, yes] = await fetchAll(['http://a.test/no', 'http://a.test/yes'], options);
  t.like(no, { error: 'robots-denied', status: null, attempts: 1, url: 'http://b.test/no' });
  t.deepEqual(
    no?.redirects.map(({ url }) => url),
    ['http://a.test/no'],
  );
  t.like(yes, { error: null, status: 200, url: 'http://b.test/yes' });
  const files = server.requests
    .filter(({ url }) => url === '/robots.txt')
    .map(({ headers }) => String(headers.host));
  t.deepEqual(files.toSorted(), ['a.test', 'b.test']);
});

test('a robots.txt that is slow holds up its own host only', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const slow = await httpServer(t, ({ url }, response) => {
    // Answered only when the other host is done.
    if (url === '/robots.txt') server.requested(51).then(() => response.end(), t.fail);
    else response.end();
  });
  const connectTo = [`slow.test::127.0.0.1:${slow.port}`, everythingTo(server)];
  const others = Array.from({ length: 50 }, (_, i) => `http://a.test/${i}`);
  const rows = ['http://slow.test/1', 'http://slow.test/2', ...others];
  const results = await fetchAll(rows, { robots: true, connectTo });
  t.is(results.length, 52);
  for (const { status, error } of results) t.true(status === 200 && error === null);
  t.is(slow.requests.length, 3);
});

test('rows that wait for robots.txt when stop() comes are dropped, and the stream ends', async (t) => {
  const server = await httpServer(t, () => {});
  const { fetcher, results } = start(t, server, ['/1', '/2'], { robots: true });
  await server.requested(1);
  fetcher.stop(1);
  t.deepEqual(await results, []);
  await server.closed();
});

test('rows that wait for the robots.txt of a redirect when the grace ends are cancelled', async (t) => {
  const server = await httpServer(t, ({ url, headers: { host } }, response) => {
    if (host === 'b.test') return;
    if (url === '/robots.txt') response.end();
    else response.writeHead(302, { location: 'http://b.test/' }).end();
  });
  const { fetcher, results } = start(t, server, ['http://a.test/1'], { robots: true });
  await server.requested(3);
  fetcher.stop(1);
  const [result, ...more] = await results;
  t.like(result, { error: 'cancelled', status: null, attempts: 1 });
  t.deepEqual(more, []);
});

test('rows whose robots.txt waits for a slot when the grace ends are cancelled', async (t) => {
  const held: (() => void)[] = [];
  const server = await httpServer(t, ({ url, headers: { host } }, response) => {
    if (url === '/robots.txt') response.end();
    else if (host === 'a.test')
      held.push(() => response.writeHead(302, { location: 'http://b.test:81/' }).end());
  });
  const rows = ['http://a.test/', 'http://b.test/'];
  const { fetcher, results } = start(t, server, rows, { robots: true, perHost: 1 });
  await server.requested(4);
  fetcher.stop(300);
  // b.test stays busy, so the robots.txt of its other port has to wait.
  for (const move of held) move();
  const ended = await results;
  t.deepEqual(numbersOf(ended), [1, 2]);
  for (const { error } of ended) t.is(error, 'cancelled');
  t.is(server.requests.length, 4);
});

test('after stop() rows in flight still ask the robots.txt of where they are led', async (t) => {
  const held: (() => void)[] = [];
  const server = await httpServer(t, ({ url, headers: { host } }, response) => {
    if (url === '/robots.txt' || host === 'b.test') response.end();
    else held.push(() => response.writeHead(302, { location: 'http://b.test/' }).end());
  });
  const { fetcher, results } = start(t, server, ['http://a.test/'], { robots: true });
  await server.requested(2);
  fetcher.stop(longGrace);
  for (const move of held) move();
  const [result] = await results;
  t.like(result, { error: null, status: 200, url: 'http://b.test/' });
});

test('--deny-private is for robots.txt as well', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const result = await fetchOne(server.url, { robots: true, denyPrivate: true });
  t.is(result.error, 'address-denied');
  t.is(server.connections(), 0);
});

test('no redirect from a public address leads to the robots.txt of one that is not', async (t) => {
  const inner = await httpServer(t, (_, response) => response.end());
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/robots.txt') response.end();
    else response.writeHead(302, { location: `${inner.url}/secret` }).end();
  });
  // A target named by connect-to counts as public.
  const connectTo = [`a.test::127.0.0.1:${server.port}`];
  const result = await fetchOne('http://a.test/', { robots: true, connectTo });
  t.like(result, { error: 'address-denied', status: null, url: `${inner.url}/secret` });
  t.is(inner.connections(), 0);
});

test('a row that names that address itself is fetched all the same', async (t) => {
  const inner = await httpServer(t, (_, response) => response.end());
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/robots.txt') response.end();
    else response.writeHead(302, { location: `${inner.url}/secret` }).end();
  });
  const connectTo = [`a.test::127.0.0.1:${server.port}`];
  const rows = ['http://a.test/', `${inner.url}/mine`];
  const results = await fetchAll(rows, { robots: true, connectTo, ordered: true });
  t.deepEqual(
    results.map(({ error, status }) => [error, status]),
    [
      ['address-denied', null],
      [null, 200],
    ],
  );
  t.deepEqual(
    inner.requests.map(({ url }) => url),
    ['/robots.txt', '/mine'],
  );
});

test('what waits for a slow robots.txt when the stream is destroyed leaves nothing behind', async (t) => {
  const server = await httpServer(t, () => {});
  const { fetcher, results } = start(t, server, ['/1', '/2'], { robots: true });
  results.catch(() => {});
  await server.requested(1);
  fetcher.destroy();
  await server.closed();
  await meanwhile(t);
  t.is(server.requests.length, 1);
});

test('a robots.txt that is slow to come holds up no other host, however many rows wait for it', async (t) => {
  const held: (() => void)[] = [];
  const slow = await httpServer(t, ({ url }, response) => {
    if (url === '/robots.txt') held.push(() => response.end());
    else response.end();
  });
  const fast = await httpServer(t, (_, response) => {
    response.end();
    // The last fast row releases the slow host: if the fast rows waited for that one, the run would never
    // end.
    if (fast.requests.length === 41) for (const send of held) send();
  });
  const urls = [
    ...Array.from({ length: 300 }, (_, i) => `http://slow.test/${i}`),
    ...Array.from({ length: 40 }, (_, i) => `http://fast.test/${i}`),
  ];
  const connectTo = [`slow.test::127.0.0.1:${slow.port}`, `fast.test::127.0.0.1:${fast.port}`];
  const results = await fetchAll(urls, { robots: true, lookAhead: 20, connectTo });
  t.is(results.filter(({ status }) => status === 200).length, 340);
  t.is(new Set(results.map(({ row }) => row.number)).size, 340);
});
