import test from 'ava';

import type { FailureCode } from '../../../src/shared/failures.ts';
import { parseTarget } from '../../../src/fetch/request/target.ts';
import { everythingTo, fetchAll, fetchOne, row } from '../../helpers/fetch.ts';
import { httpServer, rawServer } from '../../helpers/server.ts';

const refused = test.macro({
  exec: async (t, url: string, error: FailureCode, detail: RegExp) => {
    const server = await httpServer(t, (_, response) => response.end());
    const result = await fetchOne(row({ url }), { connectTo: [everythingTo(server)] });
    t.is(result.error, error);
    t.regex(result.detail, detail);
    t.is(result.status, null);
    t.is(result.attempts, 0);
    t.is(server.requests.length, 0);
  },
  title: (name) => `not fetched: ${name}`,
});

test('a word', refused, 'example', 'invalid-url', /^not a URL$/);
test('a relative URL', refused, '/a/b', 'invalid-url', /^not a URL$/);
test('no host', refused, 'http://', 'invalid-url', /^not a URL$/);
test('a port out of range', refused, 'http://a.test:65536/', 'invalid-url', /^not a URL$/);
test('a space in the host', refused, 'http://a b.test/', 'invalid-url', /^not a URL$/);
test('half an IPv6 address', refused, 'http://[::1/', 'invalid-url', /^not a URL$/);
test('an IPv4 address out of range', refused, 'http://1.2.3.256/', 'invalid-url', /^not a URL$/);
test('NUL', refused, 'http://a.test/\0', 'invalid-url', /NUL/);
test('half of a surrogate pair', refused, 'http://a.test/\ud83d', 'invalid-url', /surrogate/);
test('U+FFFD', refused, 'http://a.test/caf\ufffd', 'invalid-url', /U\+FFFD/);
test(
  'more than 64 KiB',
  refused,
  `http://a.test/${'a'.repeat(65_536)}`,
  'invalid-url',
  /^longer than 64 KiB$/,
);
test('ftp', refused, 'ftp://a.test/', 'unsupported-scheme', /^ftp is neither http nor https$/);
test('mailto', refused, 'mailto:me@a.test', 'unsupported-scheme', /^mailto /);
test('a file', refused, 'file:///etc/passwd', 'unsupported-scheme', /^file /);
test('data', refused, 'data:,hello', 'unsupported-scheme', /^data /);
test('a script', refused, 'javascript:alert(1)', 'unsupported-scheme', /^javascript /);
test('a web socket', refused, 'wss://a.test/', 'unsupported-scheme', /^wss /);

test('a URL of exactly 64 KiB is fetched', async (t) => {
  const start = 'http://a.test/';
  const url = start + 'a'.repeat(65_536 - start.length);
  const received: string[] = [];
  // Node's own server accepts only 16 KiB of headers.
  const server = await rawServer(t, (socket, part) => {
    received.push(part);
    if (part.endsWith('\r\n\r\n')) socket.end('HTTP/1.1 204 No Content\r\n\r\n');
  });
  const { status, error } = await fetchOne(url, { connectTo: [everythingTo(server)] });
  t.deepEqual({ status, error }, { status: 204, error: null });
  t.true(received.join('').startsWith(`GET ${url.slice(start.length - 1)} HTTP/1.1\r\n`));
});

const asked = test.macro({
  exec: async (t, url: string, host: string, path: string, final: string) => {
    const server = await httpServer(t, (_, response) => response.end());
    const result = await fetchOne(row({ url }), { connectTo: [everythingTo(server)] });
    t.deepEqual([result.status, result.error], [200, null]);
    const [request] = server.requests;
    t.is(request?.headers.host, host);
    t.is(request?.url, path);
    t.is(result.url, final);
  },
  title: (name) => `fetched: ${name}`,
});

test('a host alone', asked, 'http://a.test', 'a.test', '/', 'http://a.test/');
test('a host in upper case', asked, 'HTTP://A.TEST/B', 'a.test', '/B', 'http://a.test/B');
test(
  'a host beyond ASCII',
  asked,
  'http://bücher.test/',
  'xn--bcher-kva.test',
  '/',
  'http://xn--bcher-kva.test/',
);
test('the default port', asked, 'http://a.test:80/', 'a.test', '/', 'http://a.test/');
test('another port', asked, 'http://a.test:8080/', 'a.test:8080', '/', 'http://a.test:8080/');
test('a fragment, which is not sent', asked, 'http://a.test/b?c#d', 'a.test', '/b?c', 'http://a.test/b?c#d');
test('a path with dots', asked, 'http://a.test/b/../c/./d', 'a.test', '/c/d', 'http://a.test/c/d');
test('a query alone', asked, 'http://a.test?q=1', 'a.test', '/?q=1', 'http://a.test/?q=1');
test('an IPv4 address as one number', asked, 'http://2130706433/', '127.0.0.1', '/', 'http://127.0.0.1/');
test('an IPv6 address', asked, 'http://[0:0::1]:81/', '[::1]:81', '/', 'http://[::1]:81/');
test('a name with an underscore', asked, 'http://a_b.test/', 'a_b.test', '/', 'http://a_b.test/');
test(
  'letters and spaces beyond what a URL may hold',
  asked,
  'http://a.test/é b?ü=ß|^"<>`{}',
  'a.test',
  '/%C3%A9%20b?%C3%BC=%C3%9F|^%22%3C%3E`{}',
  'http://a.test/%C3%A9%20b?%C3%BC=%C3%9F|^%22%3C%3E`{}',
);
test(
  'what looks like an escape and is none',
  asked,
  'http://a.test/100%/%zz',
  'a.test',
  '/100%/%zz',
  'http://a.test/100%/%zz',
);

test('bad URLs between good ones hold nothing up', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const urls = Array.from({ length: 3000 }, (_, i) => (i % 1000 === 999 ? server.url : 'http://['));
  const results = await fetchAll(urls, { concurrency: 2, lookAhead: 1 });
  t.is(results.length, 3000);
  t.is(results.filter(({ status }) => status === 200).length, 3);
});

const credentials = test.macro({
  exec: (t, url: string, userAndPassword: string) => {
    const target = parseTarget(url);
    if ('error' in target) return t.fail(target.detail);
    t.is(target.href, 'http://a.test/');
    t.is(target.origin, 'http://a.test');
    t.is(target.authorization, `Basic ${Buffer.from(userAndPassword).toString('base64')}`);
    return undefined;
  },
  title: (name) => `credentials of a URL: ${name}`,
});

test('user and password', credentials, 'http://me:secret@a.test/', 'me:secret');
test('a user alone', credentials, 'http://me@a.test/', 'me:');
test('a password alone', credentials, 'http://:secret@a.test/', ':secret');
test('escaped characters', credentials, 'http://m%40e:s%3A%C3%A9@a.test/', 'm@e:s:é');
test('characters beyond ASCII', credentials, 'http://mé:ß@a.test/', 'mé:ß');
test('what looks like an escape and is none', credentials, 'http://me:100%@a.test/', 'me:100%');
