import test from 'ava';
import type { ExecutionContext } from 'ava';

import type { FetchUrlsOptions } from '../../../src/job/fetch-urls.ts';
import type { Result } from '../../../src/shared/records.ts';
import { certificates } from '../../helpers/certificates.ts';
import { everythingTo, fetchAll, fetchOne, urlsOf } from '../../helpers/fetch.ts';
import { httpServer, httpsServer } from '../../helpers/server.ts';

/** The redirect target of each path, and the cookies it sets; a path that is not listed does not redirect. */
type Site = Readonly<Record<string, readonly [location: string, ...setCookies: string[]]>>;

interface Asked {
  /** The requests in order: host and path, and the cookies that were sent. */
  readonly asked: readonly (readonly [where: string, cookies: string | undefined])[];
  readonly results: readonly Result[];
}

async function fetched(
  t: ExecutionContext,
  site: Site,
  rows: readonly string[],
  options: FetchUrlsOptions = {},
): Promise<Asked> {
  const server = await httpServer(t, ({ url, headers: { host } }, response) => {
    const step = site[`${host}${url}`];
    if (step === undefined) return void response.end();
    const [location, ...cookies] = step;
    return void response.writeHead(302, { location, 'set-cookie': cookies }).end();
  });
  const results = await fetchAll(rows, { connectTo: [everythingTo(server)], concurrency: 1, ...options });
  const asked = server.requests.map(({ url, headers }) => [`${headers.host}${url}`, headers.cookie] as const);
  return { asked, results };
}

test('what a redirect sets is sent along the rest of the chain, newer ones instead of older ones', async (t) => {
  const site: Site = {
    'a.test/': ['/1', 'a=1', 'b=2; HttpOnly'],
    'a.test/1': ['/2', 'a=3'],
    'a.test/2': ['/3', 'b=; Max-Age=0'],
  };
  const { asked } = await fetched(t, site, ['http://a.test/']);
  t.deepEqual(asked, [
    ['a.test/', undefined],
    ['a.test/1', 'a=1; b=2'],
    ['a.test/2', 'a=3; b=2'],
    ['a.test/3', 'a=3'],
  ]);
});

test('another host gets none of them; the way back has them again', async (t) => {
  const site: Site = {
    'a.test/': ['http://b.test/', 'a=1'],
    'b.test/': ['http://a.test/home', 'b=2'],
  };
  const { asked } = await fetched(t, site, ['http://a.test/']);
  t.deepEqual(asked, [
    ['a.test/', undefined],
    ['b.test/', undefined],
    ['a.test/home', 'a=1'],
  ]);
});

test('Domain and Path say where they are sent', async (t) => {
  const site: Site = {
    'www.site.test/dir/': [
      'http://api.site.test/dir/x',
      'own=1; Path=/',
      'all=2; Domain=site.test; Path=/',
      'dir=3; Domain=site.test; Path=/dir',
      'other=4; Domain=other.test',
    ],
    'api.site.test/dir/x': ['http://api.site.test/'],
    'api.site.test/': ['http://other.test/'],
  };
  const { asked } = await fetched(t, site, ['http://www.site.test/dir/']);
  t.deepEqual(
    asked.map(([, cookies]) => cookies),
    [undefined, 'dir=3; all=2', 'all=2', undefined],
  );
});

test('a Secure cookie is not sent without TLS', async (t) => {
  const plain = await httpServer(t, (_, response) => response.end());
  const secure = await httpsServer(t, (await certificates()).good, (_, response) => {
    const cookies = ['s=1; Secure; Path=/', 'p=2; Path=/'];
    response.writeHead(302, { location: 'http://a.test/to', 'set-cookie': cookies }).end();
  });
  const connectTo = [`:443:127.0.0.1:${secure.port}`, everythingTo(plain)];
  await fetchOne('https://a.test/from', { connectTo, insecure: true });
  t.is(plain.requests[0]?.headers.cookie, 'p=2');
});

test('another row learns nothing of them', async (t) => {
  const site: Site = { 'a.test/': ['/to', 'a=1'] };
  const { asked } = await fetched(t, site, ['http://a.test/', 'http://a.test/', 'http://a.test/to']);
  t.deepEqual(
    asked.map(([, cookies]) => cookies),
    [undefined, 'a=1', undefined, 'a=1', undefined],
  );
});

test('another attempt begins without them', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/') response.writeHead(302, { location: '/to', 'set-cookie': 'a=1' }).end();
    else response.writeHead(503).end();
  });
  await fetchOne(server.url, { retries: 1, maxWait: 1 });
  t.deepEqual(
    server.requests.map(({ url, headers }) => [url, headers.cookie]),
    [
      ['/', undefined],
      ['/to', 'a=1'],
      ['/', undefined],
      ['/to', 'a=1'],
    ],
  );
});

test('what the last reply sets is sent to nobody', async (t) => {
  const server = await httpServer(t, (_, response) => response.writeHead(200, { 'set-cookie': 'a=1' }).end());
  await fetchAll([server.url, server.url], { concurrency: 1 });
  for (const { headers } of server.requests) t.is(headers.cookie, undefined);
});

test('they stand behind those of the user in one header, and stay within the host where those do not', async (t) => {
  const site: Site = {
    'a.test/': ['/1', 'a=1'],
    'a.test/1': ['http://b.test/', 'a=2'],
    'b.test/': ['/2', 'b=3'],
  };
  const { asked } = await fetched(t, site, ['http://a.test/'], { header: ['Cookie: mine=0'] });
  t.deepEqual(
    asked.map(([, cookies]) => cookies),
    ['mine=0', 'mine=0; a=1', undefined, 'b=3'],
  );
});

test('a redirect to the same URL that sets a cookie is no loop', async (t) => {
  const server = await httpServer(t, ({ headers: { cookie } }, response) => {
    if (cookie === undefined) response.writeHead(302, { location: '/', 'set-cookie': 'seen=1' }).end();
    else response.end('welcome');
  });
  const result = await fetchOne(`${server.url}/`);
  t.like(result, { status: 200, error: null, bytes: 7, url: `${server.url}/` });
  t.deepEqual(urlsOf(result.redirects), [`${server.url}/`]);
});

test('one that sets the same cookie again and again is a loop', async (t) => {
  const server = await httpServer(t, (_, response) => {
    response.writeHead(302, { location: '/', 'set-cookie': 'seen=1' }).end();
  });
  const { error, status } = await fetchOne(server.url);
  t.deepEqual({ error, status }, { error: 'redirect-loop', status: 302 });
  t.deepEqual(
    server.requests.map(({ headers }) => headers.cookie),
    [undefined, 'seen=1'],
  );
});

test('two pages that count in a cookie are no loop until they have done so', async (t) => {
  const server = await httpServer(t, ({ url, headers: { cookie = 'n=0' } }, response) => {
    const count = Number(cookie.slice(2));
    if (count === 6) response.end('welcome');
    else
      response.writeHead(302, { location: url === '/a' ? '/b' : '/a', 'set-cookie': `n=${count + 1}` }).end();
  });
  t.like(await fetchOne(`${server.url}/a`), { status: 200, error: null, bytes: 7 });
});

test('one that does so for ever is redirect-limit', async (t) => {
  const server = await httpServer(t, (_, response) => {
    const cookie = `n=${server.requests.length}`;
    response.writeHead(302, { location: '/', 'set-cookie': cookie }).end();
  });
  const { error, status } = await fetchOne(server.url, { maxRedirects: 4 });
  t.deepEqual({ error, status }, { error: 'redirect-limit', status: 302 });
  t.is(server.requests.length, 5);
});

test('a redirect that sets a cookie nobody may have is followed', async (t) => {
  const site: Site = { 'a.test/': ['/to', 'a=1; Domain=b.test', 'b=\u00ff', '=', 'c'.repeat(10_000)] };
  const { asked, results } = await fetched(t, site, ['http://a.test/']);
  t.is(results[0]?.status, 200);
  t.deepEqual(
    asked.map(([where]) => where),
    ['a.test/', 'a.test/to'],
  );
});

test('they are in no result', async (t) => {
  const site: Site = { 'a.test/': ['/to', 'token=verysecret'], 'a.test/to': ['http://['] };
  const { results } = await fetched(t, site, ['http://a.test/']);
  t.is(results[0]?.error, 'redirect-invalid');
  t.notRegex(JSON.stringify(results), /verysecret/);
});
