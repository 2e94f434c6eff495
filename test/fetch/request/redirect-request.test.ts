import test from 'ava';

import type { FetchUrlsOptions } from '../../../src/job/fetch-urls.ts';
import { redirectMethod } from '../../../src/fetch/request/redirect.ts';
import { certificates } from '../../helpers/certificates.ts';
import { everythingTo, fetchOne, urlsOf } from '../../helpers/fetch.ts';
import { httpServer, httpsServer } from '../../helpers/server.ts';
import type { SeenRequest } from '../../helpers/server.ts';

const methodAfter = test.macro({
  exec: (t, status: number, method: string, expected: string) => {
    t.is(redirectMethod(status, method), expected);
  },
  title: (_, status: number, method: string, expected: string) => `${status} makes ${method} ${expected}`,
});

for (const status of [301, 302, 303, 307, 308]) {
  test(methodAfter, status, 'GET', 'GET');
  test(methodAfter, status, 'HEAD', 'HEAD');
}
test(methodAfter, 301, 'POST', 'GET');
test(methodAfter, 302, 'POST', 'GET');
test(methodAfter, 303, 'POST', 'GET');
test(methodAfter, 307, 'POST', 'POST');
test(methodAfter, 308, 'POST', 'POST');
test(methodAfter, 301, 'PUT', 'PUT');
test(methodAfter, 302, 'DELETE', 'DELETE');
test(methodAfter, 303, 'PUT', 'GET');
test(methodAfter, 303, 'DELETE', 'GET');

const targets = {
  'same origin': 'http://a.test/to',
  'another host': 'http://b.test/to',
  'another port': 'http://a.test:81/to',
};

/** The requests made when a.test/from redirects to the target. */
async function requestsOf(
  t: Parameters<typeof httpServer>[0],
  status: number,
  location: string,
  options: FetchUrlsOptions,
  from = 'http://a.test/from',
): Promise<readonly SeenRequest[]> {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/from') response.writeHead(status, { location }).end();
    else if (url === '/away') response.writeHead(302, { location: 'http://a.test/to' }).end();
    else response.end();
  });
  await fetchOne(from, { connectTo: [everythingTo(server)], ...options });
  return server.requests;
}

test('303 drops the body and the headers that describe it', async (t) => {
  const header = [
    'Content-Type: text/x',
    'Content-Language: de',
    'Content-Encoding: gzip',
    'Content-Location: /x',
  ];
  const [from, to] = await requestsOf(t, 303, '/to', { data: 'body', header: [...header, 'X-Other: stays'] });
  t.deepEqual([from?.method, from?.body], ['POST', 'body']);
  t.deepEqual([to?.method, to?.body], ['GET', '']);
  t.deepEqual(
    Object.keys(to?.headers ?? {}).filter((name) => name.startsWith('content-')),
    [],
  );
  t.is(to?.headers['transfer-encoding'], undefined);
  t.is(to?.headers['x-other'], 'stays');
});

test('307 sends the body again, with the headers that describe it', async (t) => {
  const header = ['Content-Type: text/x', 'Content-Encoding: gzip'];
  const requests = await requestsOf(t, 307, '/to', { data: 'body', header });
  for (const { method, body, headers } of requests) {
    t.deepEqual([method, body], ['POST', 'body']);
    t.deepEqual([headers['content-type'], headers['content-encoding']], ['text/x', 'gzip']);
  }
  t.is(requests.length, 2);
});

test('a body that goes to another origin keeps the headers that describe it', async (t) => {
  const header = ['Content-Type: text/x', 'Content-Encoding: gzip', 'Content-Language: de'];
  const [, to] = await requestsOf(t, 308, targets['another host'], { data: 'body', header });
  t.deepEqual([to?.method, to?.body], ['POST', 'body']);
  t.is(to?.headers['content-type'], 'text/x');
  t.is(to?.headers['content-language'], 'de');
  t.is(to?.headers['content-encoding'], 'gzip');
});

test('GET with a body keeps it along a redirect', async (t) => {
  const requests = await requestsOf(t, 302, '/to', { method: 'GET', data: 'body' });
  t.deepEqual(
    requests.map(({ method, body }) => [method, body]),
    [
      ['GET', 'body'],
      ['GET', 'body'],
    ],
  );
});

const secrets = [
  'Authorization: Bearer x',
  'Cookie: a=b',
  'X-Api-Key: k',
  'Proxy-Authorization: y',
  'Referer: z',
];
const harmless = [
  'Accept: text/html',
  'Accept-Language: de',
  'Accept-Encoding: gzip',
  'User-Agent: me',
  'Cache-Control: no-cache',
  'Pragma: no-cache',
  'Range: bytes=0-9',
  'DNT: 1',
  'From: me@a.test',
];
const pairs = (lines: readonly string[]): string[][] =>
  lines.map((line) => line.split(': ')).map(([name = '', value = '']) => [name.toLowerCase(), value]);

test('a redirect within the origin keeps all headers of the user', async (t) => {
  const [, to] = await requestsOf(t, 302, targets['same origin'], { header: [...secrets, ...harmless] });
  for (const [name = '', value] of pairs([...secrets, ...harmless])) t.is(to?.headers[name], value, name);
});

const crossOrigin = test.macro({
  exec: async (t, place: keyof typeof targets) => {
    const [from, to] = await requestsOf(t, 302, targets[place], { header: [...secrets, ...harmless] });
    for (const [name = '', value] of pairs(secrets)) {
      t.is(from?.headers[name], value, name);
      t.is(to?.headers[name], undefined, name);
    }
    for (const [name = '', value] of pairs(harmless)) t.is(to?.headers[name], value, name);
  },
  title: (_, place: string) =>
    `a redirect to ${place} drops the user's headers, but not those that hold no secret`,
});

test(crossOrigin, 'another host');
test(crossOrigin, 'another port');

test("a redirect to another scheme drops the user's headers", async (t) => {
  const { good } = await certificates();
  const plain = await httpServer(t, (_, response) => response.end());
  const secure = await httpsServer(t, good, (_, response) => {
    response.writeHead(302, { location: 'http://a.test/to' }).end();
  });
  const connectTo = [`:443:127.0.0.1:${secure.port}`, everythingTo(plain)];
  await fetchOne('https://a.test/from', { connectTo, insecure: true, header: ['X-Api-Key: k'] });
  t.is(secure.requests[0]?.headers['x-api-key'], 'k');
  t.is(plain.requests[0]?.url, '/to');
  t.is(plain.requests[0]?.headers['x-api-key'], undefined);
});

test('a Host header is for the origin of the row alone', async (t) => {
  const [from, to] = await requestsOf(t, 302, targets['another host'], { header: ['Host: virtual.test'] });
  t.deepEqual([from?.headers.host, to?.headers.host], ['virtual.test', 'b.test']);
});

test('a chain that left the origin of the row has its headers no more, not even when it comes back', async (t) => {
  const header = ['X-Api-Key: k', 'Authorization: a', 'Cookie: c=d', 'Accept: text/x'];
  const requests = await requestsOf(t, 302, 'http://b.test/away', { header });
  t.deepEqual(
    requests.map(({ headers }) => [
      headers.host,
      headers['x-api-key'],
      headers.authorization,
      headers.cookie,
      headers.accept,
    ]),
    [
      ['a.test', 'k', 'a', 'c=d', 'text/x'],
      ['b.test', undefined, undefined, undefined, 'text/x'],
      ['a.test', undefined, undefined, undefined, 'text/x'],
    ],
  );
});

test('another attempt begins with the headers and credentials of the row', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/from') response.writeHead(302, { location: 'http://b.test/to' }).end();
    else response.writeHead(503).end();
  });
  const connectTo = [everythingTo(server)];
  const options = { connectTo, header: ['X-Api-Key: k'], retries: 1, maxWait: 1 };
  await fetchOne('http://me:secret@a.test/from', options);
  t.deepEqual(
    server.requests.map(({ headers }) => [headers['x-api-key'], headers.authorization]),
    [
      ['k', basic('me:secret')],
      [undefined, undefined],
      ['k', basic('me:secret')],
      [undefined, undefined],
    ],
  );
});

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

test('credentials of the URL go to its own origin, also after a redirect, and to no other', async (t) => {
  const from = 'http://me:secret@a.test/from';
  const within = await requestsOf(t, 302, '/to', {}, from);
  t.deepEqual(
    within.map(({ headers }) => headers.authorization),
    [basic('me:secret'), basic('me:secret')],
  );
  const away = await requestsOf(t, 302, targets['another host'], {}, from);
  t.deepEqual(
    away.map(({ headers }) => headers.authorization),
    [basic('me:secret'), undefined],
  );
  const back = await requestsOf(t, 302, 'http://b.test/away', {}, from);
  t.deepEqual(
    back.map(({ headers }) => headers.authorization),
    [basic('me:secret'), undefined, undefined],
  );
});

test('credentials in a Location are sent where it leads, and are in no result', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/from') response.writeHead(302, { location: 'http://you:other@b.test/to' }).end();
    else response.end();
  });
  const result = await fetchOne('http://me:secret@a.test/from', { connectTo: [everythingTo(server)] });
  t.is(server.requests[1]?.headers.authorization, basic('you:other'));
  t.is(result.url, 'http://b.test/to');
  t.deepEqual(urlsOf(result.redirects), ['http://a.test/from']);
});
