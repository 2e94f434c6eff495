import test from 'ava';

import { fetchAll, fetchOne } from '../../helpers/fetch.ts';
import { httpProxy } from '../../helpers/proxy.ts';
import { httpServer } from '../../helpers/server.ts';

test('through a proxy a private address may redirect to a private one', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/1') response.writeHead(302, { location: '/2' }).end();
    else response.end();
  });
  const proxy = await httpProxy(t);
  for (const host of ['127.0.0.1', 'localhost'])
    t.is((await fetchOne(`http://${host}:${server.port}/1`, { proxy: proxy.url })).error, null);
});

test('through a proxy a name, which may be public, does not redirect to a private address', async (t) => {
  const locations = [
    'http://127.0.0.1/',
    'http://[::1]/',
    'https://10.0.0.1/',
    'http://localhost/',
    'http://a.localhost./',
  ];
  const server = await httpServer(t, ({ url }, response) => {
    response.writeHead(302, { location: locations[Number(url.slice(1))] }).end();
  });
  const proxy = await httpProxy(t, { leadsTo: server.port });
  const urls = locations.map((_, i) => `http://a.test/${i}`);
  for (const { error, url } of await fetchAll(urls, { proxy: proxy.url })) t.is(error, 'address-denied', url);
  t.is(proxy.asked.length, urls.length);
  const options = { proxy: proxy.url, allowPrivate: true, maxRedirects: 1 };
  t.is((await fetchOne('http://a.test/0', options)).error, 'redirect-limit');
});

test('denyPrivate holds through a proxy, as far as it can be known', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const proxy = await httpProxy(t, { leadsTo: server.port });
  const urls = ['http://127.0.0.1/', 'https://[::1]/', 'http://10.1/', 'http://localhost/'];
  const options = { proxy: proxy.url, denyPrivate: true };
  for (const { error, url } of await fetchAll(urls, options)) t.is(error, 'address-denied', url);
  t.is(proxy.asked.length, 0);
  // The proxy resolves names, so their addresses cannot be checked.
  t.is((await fetchOne('http://a.test/', options)).status, 200);
  t.is((await fetchOne('http://8.8.8.8/', options)).status, 200);
});

test('a rule of connect-to holds through a proxy, for http as for https', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const proxy = await httpProxy(t);
  const options = { proxy: proxy.url, connectTo: [`a.test:81:127.0.0.1:${server.port}`], denyPrivate: true };
  t.is((await fetchOne('http://a.test:81/x', options)).status, 200);
  t.deepEqual(
    proxy.asked.map(({ method, url }) => `${method} ${url}`),
    [`CONNECT 127.0.0.1:${server.port}`],
  );
  t.is(server.requests[0]?.headers.host, 'a.test:81');
  t.is(server.requests[0]?.url, '/x');
});
