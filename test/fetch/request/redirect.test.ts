import test from 'ava';

import type { FailureCode } from '../../../src/shared/failures.ts';
import type { FetchUrlsOptions } from '../../../src/job/fetch-urls.ts';
import { everythingTo, fetchOne, urlsOf } from '../../helpers/fetch.ts';
import { httpServer, rawServer } from '../../helpers/server.ts';
import type { TestServer } from '../../helpers/server.ts';

type Test = Parameters<typeof httpServer>[0];

const followed = test.macro({
  exec: async (t, status: number) => {
    const { url } = await httpServer(t, ({ url: path }, response) => {
      if (path === '/from') response.writeHead(status, { location: '/to' }).end('moved');
      else response.writeHead(200, { 'content-type': 'text/html' }).end('here');
    });
    const result = await fetchOne(`${url}/from`);
    t.deepEqual([result.status, result.error, result.bytes, result.type], [200, null, 4, 'text/html']);
    t.is(result.url, `${url}/to`);
    t.deepEqual(urlsOf(result.redirects), [`${url}/from`]);
    t.is(result.attempts, 1);
  },
  title: (_, status: number) => `${status} is followed`,
});

test(followed, 301);
test(followed, 302);
test(followed, 303);
test(followed, 307);
test(followed, 308);

/** a.test/from redirects to the location. The result's URL is compared with the expected one. */
const leadsTo = test.macro({
  exec: async (t, location: string, expected: string, from: string = 'http://a.test/dir/from?q') => {
    const server = await redirecting(t, location);
    const result = await fetchOne(from, { connectTo: [everythingTo(server)] });
    t.deepEqual([result.error, result.status], [null, 200]);
    t.is(result.url, expected);
    t.is(result.host, new URL(expected).hostname);
    const request = server.requests.at(-1);
    t.is(`http://${request?.headers.host}${request?.url}`, expected.replace(/#.*/, ''));
  },
  title: (name) => `Location: ${name}`,
});

test('an absolute URL', leadsTo, 'http://b.test/x?y', 'http://b.test/x?y');
test('an absolute path', leadsTo, '/x?y', 'http://a.test/x?y');
test('a relative path', leadsTo, 'x', 'http://a.test/dir/x');
test('a way up', leadsTo, '../x', 'http://a.test/x');
test('a query alone', leadsTo, '?x', 'http://a.test/dir/from?x');
test('a host without a scheme', leadsTo, '//b.test/x', 'http://b.test/x');
test('another port', leadsTo, 'http://a.test:81/', 'http://a.test:81/');
test('spaces around it', leadsTo, '  /x \t', 'http://a.test/x');
test('spaces within it', leadsTo, '/x y', 'http://a.test/x%20y');
test('UTF-8', leadsTo, Buffer.from('/café').toString('latin1'), 'http://a.test/caf%C3%A9');
test('Latin-1', leadsTo, '/caf\u00e9?q=\u00e9', 'http://a.test/caf%E9?q=%E9');
test('windows-1251', leadsTo, '/\u00ef\u00f0\u00e8#\u00ef', 'http://a.test/%EF%F0%E8#%EF');
test(
  'a host in UTF-8',
  leadsTo,
  Buffer.from('//bücher.test/').toString('latin1'),
  'http://xn--bcher-kva.test/',
);
test('backslashes', leadsTo, '\\x\\y', 'http://a.test/x/y');
test('a fragment', leadsTo, '/x#there', 'http://a.test/x#there');
test('a fragment of where it came from', leadsTo, '/x', 'http://a.test/x#here', 'http://a.test/from#here');
test('its own fragment first', leadsTo, '/x#there', 'http://a.test/x#there', 'http://a.test/from#here');
test('an empty fragment', leadsTo, '/x#', 'http://a.test/x#', 'http://a.test/from#here');

test('a fragment is kept along the whole chain', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/3') response.end();
    else response.writeHead(302, { location: `/${Number(url.slice(1)) + 1}` }).end();
  });
  const { url, redirects } = await fetchOne(`${server.url}/1#part`);
  t.is(url, `${server.url}/3#part`);
  t.deepEqual(urlsOf(redirects), [`${server.url}/1#part`, `${server.url}/2#part`]);
});

test('the first of several Locations counts', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/') response.writeHead(302, ['location', '/first', 'location', '/second']).end();
    else response.end();
  });
  t.is((await fetchOne(server.url)).url, `${server.url}/first`);
});

const failed = test.macro({
  exec: async (t, location: string, error: FailureCode, detail: RegExp) => {
    const server = await redirecting(t, location);
    const result = await fetchOne('http://a.test/dir/from?q', { connectTo: [everythingTo(server)] });
    t.is(result.error, error);
    t.regex(result.detail, detail);
    t.is(result.status, 302);
    t.is(result.url, 'http://a.test/dir/from?q');
    t.is(server.requests.length, 1);
  },
  title: (name) => `a redirect to ${name}`,
});

test('no URL', failed, 'http://[', 'redirect-invalid', /^Location is not a URL$/);
test('an impossible port', failed, 'http://b.test:99999/', 'redirect-invalid', /./);
test('itself', failed, 'from?q', 'redirect-loop', /^back to /);
test('ftp', failed, 'ftp://b.test/', 'redirect-denied', /^to ftp is neither http nor https$/);
test('a file', failed, 'file:///etc/passwd', 'redirect-denied', /^to file /);
test('a script', failed, 'javascript:alert(1)', 'redirect-denied', /^to javascript /);
test('data', failed, 'data:text/plain,hello', 'redirect-denied', /^to data /);

test('a chain that comes back is redirect-loop at once', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    response.writeHead(302, { location: url === '/c' ? '/b' : url === '/b' ? '/c' : '/b' }).end();
  });
  const { error, status, redirects, url } = await fetchOne(`${server.url}/a`);
  t.deepEqual({ error, status }, { error: 'redirect-loop', status: 302 });
  t.deepEqual(urlsOf(redirects), [`${server.url}/a`, `${server.url}/b`]);
  t.is(url, `${server.url}/c`);
  t.is(server.requests.length, 3);
});

test('POST that is answered by a redirect to the same URL is no loop: the next request is GET', async (t) => {
  const server = await httpServer(t, ({ method }, response) => {
    if (method === 'POST') response.writeHead(303, { location: '/' }).end();
    else response.end();
  });
  const { error, status } = await fetchOne(server.url, { method: 'POST' });
  t.deepEqual({ error, status }, { error: null, status: 200 });
});

const limit = test.macro({
  exec: async (t, hops: number, options: FetchUrlsOptions, error: FailureCode | null, status: number) => {
    const server = await httpServer(t, ({ url }, response) => {
      const hop = Number(url.slice(1));
      if (hop === hops) response.end('end');
      else response.writeHead(301, { location: `/${hop + 1}` }).end('moved');
    });
    const result = await fetchOne(`${server.url}/0`, options);
    t.deepEqual([result.error, result.status], [error, status]);
    const most = options.maxRedirects ?? 20;
    t.is(server.requests.length, Math.min(hops, Number(most)) + 1);
    t.is(result.redirects.length, Math.min(hops, Number(most)));
  },
  title: (name) => `redirects: ${name}`,
});

test('20 are followed when nothing is said', limit, 20, {}, null, 200);
test('21 are one too many', limit, 21, {}, 'redirect-limit', 301);
test('as many as the limit', limit, 3, { maxRedirects: 3 }, null, 200);
test('one more than the limit', limit, 4, { maxRedirects: 3 }, 'redirect-limit', 301);
test('with a limit of 0 the redirect is the answer', limit, 1, { maxRedirects: 0 }, null, 301);

test('with a limit of 0 the redirect has its own body and type', async (t) => {
  const { url } = await httpServer(t, (_, response) => {
    response.writeHead(302, { location: '/to', 'content-type': 'text/html' }).end('<a>');
  });
  const { bytes, type, url: final } = await fetchOne(`${url}/from`, { maxRedirects: 0 });
  t.deepEqual({ bytes, type, final }, { bytes: 3, type: 'text/html', final: `${url}/from` });
});

test('a redirect whose body never ends is followed all the same', async (t) => {
  const server = await rawServer(t, (socket, request) => {
    if (request.startsWith('GET /to ')) return socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    // After a failed write, further writes fail within the same turn of the event loop, so this would never
    // end.
    const more = (failure?: Error | null): void => {
      if (!failure && !socket.destroyed) socket.write('x'.repeat(1024), more);
    };
    socket.write('HTTP/1.1 302 Found\r\nlocation: /to\r\n\r\n', more);
    return undefined;
  });
  const { status, bytes } = await fetchOne(server.url);
  t.deepEqual({ status, bytes }, { status: 200, bytes: 2 });
  await server.closed();
});

const brokenBody = test.macro({
  exec: async (t, headers: string) => {
    const server = await rawServer(t, (socket, request) => {
      if (request.startsWith('GET /to ')) socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
      else socket.end(`HTTP/1.1 302 Found\r\nlocation: /to\r\n${headers}\r\n\r\nhalf`);
    });
    const { status, error } = await fetchOne(server.url, { maxBody: 100 });
    t.deepEqual({ status, error }, { status: 200, error: null });
  },
  title: (name) => `a redirect is followed whatever its body is: ${name}`,
});

test('cut', brokenBody, 'content-length: 10');
test('longer than --max-body', brokenBody, 'content-length: 1000');
test('longer than anything', brokenBody, 'content-length: 1000000000');
test('not what its content coding says', brokenBody, 'content-encoding: gzip\r\ncontent-length: 4');
test('of an unknown coding', brokenBody, 'content-encoding: sdch\r\ncontent-length: 4');

test('a short redirect keeps its connection', async (t) => {
  const server = await httpServer(t, ({ url }, response) => {
    if (url === '/') response.writeHead(302, { location: '/to' }).end('x'.repeat(10_000));
    else response.end();
  });
  await fetchOne(server.url);
  t.is(server.connections(), 1);
});

test('processors see the last reply only, with its URL', async (t) => {
  const { url } = await httpServer(t, ({ url: path }, response) => {
    if (path === '/from') response.writeHead(302, { location: '/to' }).end('moved');
    else response.end('here');
  });
  const seen: string[] = [];
  const process = (page: { url: string; text: () => string }): Record<string, never> => {
    seen.push(page.url, page.text());
    return {};
  };
  await fetchOne(`${url}/from`, { processors: [{ columns: ['x'], process }] });
  t.deepEqual(seen, [`${url}/to`, 'here']);
});

/** Redirects paths that end in /from, and answers all others. */
async function redirecting(t: Test, location: string): Promise<TestServer> {
  return httpServer(t, ({ url }, response) => {
    if (/\/from(\?q)?$/.test(url))
      response.socket?.end(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\n\r\n`, 'latin1');
    else response.end();
  });
}
