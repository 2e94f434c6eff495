import test from 'ava';

import { fetchAll, fetchOne } from '../../helpers/fetch.ts';
import { httpProxy, says, saysAndCloses } from '../../helpers/proxy.ts';
import type { TunnelAnswer } from '../../helpers/proxy.ts';
import { UsageError } from '../../../src/shared/errors.ts';
import type { FailureCode } from '../../../src/shared/failures.ts';
import { certificates } from '../../helpers/certificates.ts';
import { closedPort, httpServer, httpsServer, rawServer } from '../../helpers/server.ts';
import type { Answer } from '../../helpers/server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const okay: Answer = (_, response) => response.end('ok');

test('http: the proxy is told the whole URL, the server the path and host', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const proxy = await httpProxy(t, { leadsTo: server.port });
  const options = { proxy: proxy.url, header: ['X-A: b'] };
  const { status, bytes, trace } = await fetchOne('http://a.test:81/p/?q=%20#f', options);
  t.deepEqual({ status, bytes }, { status: 200, bytes: 2 });
  t.is(trace.remoteIp, '127.0.0.1');
  t.is(trace.dnsMs, null);
  const [asked] = proxy.asked;
  t.is(asked?.url, 'http://a.test:81/p/?q=%20');
  t.is(asked?.headers.host, 'a.test:81');
  t.is(asked?.headers['proxy-authorization'], undefined);
  const [request] = server.requests;
  t.is(request?.url, '/p/?q=%20');
  t.is(request?.headers['x-a'], 'b');
  t.is(request?.headers.host, 'a.test:81');
});

test('http: a name is the matter of the proxy, not looked up here', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const proxy = await httpProxy(t, { leadsTo: server.port });
  const dnsServer = [`127.0.0.1:${await closedPort()}`];
  t.is((await fetchOne('http://a.test/', { proxy: proxy.url, dnsServer })).status, 200);
});

test('http: methods, bodies and statuses pass', async (t) => {
  const server = await httpServer(t, (_, response) => response.writeHead(418).end('teapot'));
  const proxy = await httpProxy(t, { leadsTo: server.port });
  const { status, bytes } = await fetchOne('http://a.test/', { proxy: proxy.url, data: 'x=1' });
  t.deepEqual({ status, bytes }, { status: 418, bytes: 6 });
  t.is(server.requests[0]?.method, 'POST');
  t.is(server.requests[0]?.body, 'x=1');
});

test('http: the connection to the proxy serves the next request to the origin', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const proxy = await httpProxy(t, { leadsTo: server.port });
  const urls = Array.from({ length: 10 }, (_, i) => `http://a.test/${i}`);
  const results = await fetchAll(urls, { proxy: proxy.url, concurrency: 1 });
  t.true(results.every(({ status }) => status === 200));
  t.is(proxy.connections(), 1);
});

test('https goes through a tunnel, which serves the next request too', async (t) => {
  const { ca, good } = await certificates();
  const server = await httpsServer(t, good, (_, response) => response.end('ok'));
  const proxy = await httpProxy(t, { leadsTo: server.port });
  const folder = await temporaryFolder(t, { 'ca.pem': ca });
  const options = { proxy: proxy.url, cacert: `${folder}/ca.pem`, concurrency: 1 };
  const results = await fetchAll(['https://a.test/1', 'https://a.test/2', 'https://a.example/'], options);
  t.deepEqual(
    results.map(({ status, error }) => error ?? status),
    [200, 200, 'tls-wrong-host'],
  );
  t.deepEqual(
    proxy.asked.map(({ method, url }) => `${method} ${url}`),
    ['CONNECT a.test:443', 'CONNECT a.example:443'],
  );
  t.is(server.requests[0]?.url, '/1');
  await server.closed();
});

test('a proxy over TLS: http, https, and a certificate that does not vouch for it', async (t) => {
  const { ca, good, wrongHost } = await certificates();
  const [plain, secure] = [await httpServer(t, okay), await httpsServer(t, good, okay)];
  const folder = await temporaryFolder(t, { 'ca.pem': ca });
  const cacert = `${folder}/ca.pem`;
  const toPlain = await httpProxy(t, { leadsTo: plain.port, certificate: good });
  t.is((await fetchOne('http://a.test/', { proxy: toPlain.url, cacert })).status, 200);
  const toSecure = await httpProxy(t, { leadsTo: secure.port, certificate: good });
  t.is((await fetchOne('https://a.test/', { proxy: toSecure.url, cacert })).status, 200);
  const wrong = await httpProxy(t, { leadsTo: plain.port, certificate: wrongHost });
  t.is((await fetchOne('http://a.test/', { proxy: wrong.url, cacert })).error, 'tls-wrong-host');
  t.deepEqual(wrong.asked, []);
  await Promise.all([plain, secure, toPlain, toSecure, wrong].map(async (one) => one.closed()));
});

test('the certificate of a proxy over TLS is never shown as that of the server', async (t) => {
  const { ca, good, expired, wrongHost } = await certificates();
  const server = await httpsServer(t, expired, okay);
  const folder = await temporaryFolder(t, { 'ca.pem': ca });
  const options = { cacert: `${folder}/ca.pem`, certificates: true };
  const refused = await httpProxy(t, { leadsTo: server.port, certificate: wrongHost });
  const first = await fetchOne('https://a.test/', { ...options, proxy: refused.url });
  t.deepEqual([first.error, first.trace.certificate], ['tls-wrong-host', null]);
  const proxy = await httpProxy(t, { leadsTo: server.port, certificate: good });
  const second = await fetchOne('https://a.test/', { ...options, proxy: proxy.url });
  t.deepEqual([second.error, second.trace.certificate?.fault], ['tls-expired', 'tls-expired']);
});

test('credentials go to the proxy, and to nobody else', async (t) => {
  const { ca, good } = await certificates();
  const seen: unknown[] = [];
  const plain = await httpServer(t, ({ headers }, response) => {
    seen.push(headers);
    response.end();
  });
  const secure = await httpsServer(t, good, ({ headers }, response) => {
    seen.push(headers);
    response.writeHead(302, { location: `${plain.url}/direct` }).end();
  });
  const folder = await temporaryFolder(t, { 'ca.pem': ca });
  const proxies = [
    await httpProxy(t, { leadsTo: plain.port, credentials: 'me:s3cret' }),
    await httpProxy(t, { leadsTo: secure.port, credentials: 'me:s3cret' }),
  ];
  const results = [];
  for (const [i, url] of ['http://a.test/', 'https://a.test/'].entries()) {
    const proxy = `http://me:s3cret@127.0.0.1:${proxies[i]?.port}`;
    results.push(await fetchOne(url, { proxy, cacert: `${folder}/ca.pem`, maxRedirects: 0 }));
  }
  t.deepEqual(
    results.map(({ status }) => status),
    [200, 302],
  );
  t.is(seen.length, 2);
  t.false(JSON.stringify([seen, results]).match(/proxy-authorization|s3cret|czNjcmV0/i) !== null);
});

test('without credentials, http has status 407, and https ends the stream', async (t) => {
  const proxy = await httpProxy(t, { credentials: 'me:s3cret' });
  t.is((await fetchOne('http://a.test/', { proxy: proxy.url })).status, 407);
  const message = `the proxy answered 407 Proxy Authentication Required (${proxy.url}): it wants a user and a password that are right`;
  await t.throwsAsync(fetchOne('https://a.test/', { proxy: proxy.url }), { instanceOf: UsageError, message });
});

const fails = test.macro(async (t, answer: TunnelAnswer, error: FailureCode, words: RegExp) => {
  const proxy = await httpProxy(t, { answer });
  const result = await fetchOne('https://a.test/', {
    proxy: `http://me:s3cret@127.0.0.1:${proxy.port}`,
    // Where no timeout is expected, allow as much time as a busy machine may need.
    connectTimeout: error === 'connect-timeout' ? 1500 : 20_000,
  });
  t.is(result.error, error);
  t.regex(result.detail, words);
  t.notRegex(result.detail, /s3cret/);
  await proxy.closed();
});

const open = 'HTTP/1.1 200 OK\r\n\r\n';
test('a proxy that forbids it', fails, says('HTTP/1.1 403 No\r\n\r\n'), 'connect-refused', /403 No \(http:/);
test(
  'a proxy that gets no further',
  fails,
  says('HTTP/1.1 502 Bad\r\n\r\n'),
  'connect-unreachable',
  /502 Bad/,
);
test('a proxy that closes', fails, saysAndCloses(''), 'connect-reset', /closed the connection/);
test('a proxy that resets', fails, (socket) => socket.resetAndDestroy(), 'connect-reset', /ECONNRESET/);
for (const head of ['HTTP/1.1 403 No\n\n', 'HTTP/1.0 403No\r\n\n', 'http/1.1  403  No\nX Y: z\n\n']) {
  test(`a careless proxy: ${JSON.stringify(head)}`, fails, says(head), 'connect-refused', /403 No \(http:/);
}
test(
  'a tunnel that a careless proxy opens',
  fails,
  says('HTTP/1.1 200 OK\nVia: x\n\nHTTP/1.1 400 Bad Request\r\n\r\n'),
  'tls-handshake',
  /./,
);
test('a proxy that is none', fails, says('SSH-2.0-x\r\n'), 'connect-reset', /not HTTP/);
test('a silent proxy', fails, () => {}, 'connect-timeout', /^no answer from the proxy within 1500 ms$/);
test('a silent tunnel', fails, says(open), 'connect-timeout', /^no end of the TLS handshake within 1500 ms$/);
test('a tunnel that ends', fails, saysAndCloses(open), 'connect-reset', /./);
test('a tunnel to no TLS', fails, says(`${open}HTTP/1.1 400 Bad Request\r\n\r\n`), 'tls-handshake', /./);

test('a proxy that is not there', async (t) => {
  const proxy = `http://me:s3cret@127.0.0.1:${await closedPort()}`;
  for (const url of ['http://a.test/', 'https://a.test/']) {
    const { error, detail } = await fetchOne(url, { proxy });
    t.is(error, 'connect-refused');
    t.notRegex(detail, /s3cret/);
  }
});

test('a proxy whose name does not exist', async (t) => {
  const proxy = `http://${'a'.repeat(64)}.invalid`;
  t.is((await fetchOne('http://a.test/', { proxy })).error, 'dns-not-found');
});

test('a proxy that takes TLS connections and says nothing', async (t) => {
  const server = await rawServer(t, () => {});
  const proxy = `https://127.0.0.1:${server.port}`;
  const { error } = await fetchOne('http://a.test/', { proxy, connectTimeout: 200 });
  t.is(error, 'connect-timeout');
  await server.closed();
});

test('the library does not look at the environment', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  process.env['http_proxy'] = `http://127.0.0.1:${await closedPort()}`;
  t.teardown(() => delete process.env['http_proxy']);
  t.is((await fetchOne(server.url)).status, 200);
});
