import test from 'ava';

import { fetchAll, fetchOne, meanwhile } from '../../helpers/fetch.ts';
import { closedPort, httpServer } from '../../helpers/server.ts';

const robots = true;

test('robots.txt of a private address is not asked for when a public host leads there', async (t) => {
  const inner = await httpServer(t, (_, response) => response.end());
  const outer = await httpServer(t, ({ url }, response) => {
    if (url === '/robots.txt') response.writeHead(404).end();
    else response.writeHead(302, { location: `${inner.url}/secret` }).end();
  });
  const connectTo = [`public.test::127.0.0.1:${outer.port}`];
  const { error, url } = await fetchOne('http://public.test/', { connectTo, robots });
  t.deepEqual({ error, url }, { error: 'address-denied', url: `${inner.url}/secret` });
  t.is(inner.connections(), 0);
  t.is((await fetchOne('http://public.test/', { connectTo, robots, allowPrivate: true })).status, 200);
});

test('robots.txt that redirects from a public host to a private address is not followed', async (t) => {
  const inner = await httpServer(t, (_, response) => response.end());
  const outer = await httpServer(t, (_, response) =>
    response.writeHead(302, { location: `${inner.url}/robots.txt` }).end(),
  );
  const connectTo = [`public.test::127.0.0.1:${outer.port}`];
  const { error, detail } = await fetchOne('http://public.test/', { connectTo, robots });
  t.is(error, 'address-denied');
  t.is(detail, 'http://public.test/robots.txt: 127.0.0.1 is not a public address');
  t.is(inner.connections(), 0);
});

test('rows that name the private address themselves are fetched all the same', async (t) => {
  const inner = await httpServer(t, (_, response) => response.end());
  const outer = await httpServer(t, ({ url }, response) => {
    if (url === '/robots.txt') response.writeHead(404).end();
    else response.writeHead(302, { location: `${inner.url}/secret` }).end();
  });
  const connectTo = [`public.test::127.0.0.1:${outer.port}`];
  const urls = Array.from({ length: 40 }, (_, i) =>
    i % 2 === 0 ? `http://public.test/${i}` : `${inner.url}/${i}`,
  );
  const results = await fetchAll(urls, { connectTo, robots, ordered: true, concurrency: 8 });
  t.deepEqual(
    results.map(({ error, status }) => error ?? status),
    urls.map((_, i) => (i % 2 === 0 ? 'address-denied' : 200)),
  );
  t.false(inner.requests.some(({ url }) => url === '/secret'));
});

test('a row that waits for the same robots.txt as one that may not go there is fetched', async (t) => {
  const inner = await httpServer(t, (_, response) => response.end());
  const other = await httpServer(t, (_, response) => response.end());
  const outer = await httpServer(t, ({ url }, response) => {
    if (url === '/robots.txt') response.writeHead(404).end();
    else response.writeHead(302, { location: `${inner.url}/secret` }).end();
  });
  async function* rows(): AsyncGenerator<string> {
    // These rows use up the rate of 127.0.0.1, so that the request for its other robots.txt has to wait.
    for (let i = 0; i < 3; i++) yield `${other.url}/${i}`;
    yield 'http://public.test/';
    await outer.requested(2);
    // The redirect has arrived too, once other exchanges are over.
    await meanwhile(t);
    yield inner.url;
  }
  const connectTo = [`public.test::127.0.0.1:${outer.port}`];
  const results = await fetchAll(rows(), { connectTo, robots, ordered: true, hostRate: 5 });
  t.deepEqual(
    results.map(({ error, status }) => error ?? status),
    [200, 200, 200, 'address-denied', 200],
  );
  t.deepEqual(
    inner.requests.map(({ url }) => url),
    ['/robots.txt', '/'],
  );
});

test('denyPrivate holds for robots.txt as well', async (t) => {
  const inner = await httpServer(t, (_, response) => response.end());
  t.is((await fetchOne(inner.url, { robots, denyPrivate: true })).error, 'address-denied');
  t.is(inner.connections(), 0);
});

test('the rows of a host that is down say so, though it is its robots.txt that was not asked for', async (t) => {
  const port = await closedPort();
  const urls = Array.from({ length: 20 }, (_, i) => `http://127.0.0.1:${port}/${i}`);
  const results = await fetchAll(urls, { robots, concurrency: 1, lookAhead: 1, maxWait: 1 });
  t.deepEqual([...new Set(results.map(({ error }) => error))], ['connect-refused', 'host-down']);
});
