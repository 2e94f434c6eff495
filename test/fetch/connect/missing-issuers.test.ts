import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import type { FetchUrlsOptions } from '../../../src/job/fetch-urls.ts';
import type { FailureCode } from '../../../src/shared/failures.ts';
import type { Result } from '../../../src/shared/records.ts';
import { chain, der, pkcs7, sends } from '../../helpers/chains.ts';
import type { Chain, Link } from '../../helpers/chains.ts';
import { fetchAll, fetchOne } from '../../helpers/fetch.ts';
import { httpProxy } from '../../helpers/proxy.ts';
import { httpServer, httpsServer } from '../../helpers/server.ts';
import type { TestServer } from '../../helpers/server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { basicConstraints, generalName, ids } from '../../../torture/fuzz/build-certificate.ts';
import type { Extension } from '../../../torture/fuzz/build-certificate.ts';
import { boolean, explicit, sequence } from '../../../torture/fuzz/der.ts';

interface Files {
  /** Serves the files in `at`, and 404 for everything else. */
  readonly server: TestServer;
  readonly at: Map<string, Buffer | string>;
}

async function files(t: ExecutionContext): Promise<Files> {
  const at = new Map<string, Buffer | string>();
  const server = await httpServer(t, ({ url }, response) => {
    const content = at.get(url);
    if (content === undefined) response.writeHead(404).end();
    else response.end(content);
  });
  return { server, at };
}

/** Restricts certificates signed below it to names in other.example. */
const onlyOtherNames: Extension = {
  id: ids.nameConstraints,
  value: sequence(explicit(0, sequence(generalName(2, 'other.example')))),
  critical: true,
};

/** A server with the first `count` certificates of a chain, whose root is trusted. */
async function serve(
  t: ExecutionContext,
  made: Chain,
  count = 1,
): Promise<{ server: TestServer; cacert: string }> {
  const server = await httpsServer(t, sends(made, count), (_, response) => response.end('ok'));
  const folder = await temporaryFolder(t, { 'root.pem': made.certs.at(-1) ?? '' });
  return { server, cacert: `${folder}/root.pem` };
}

/** The result of a row whose server sends only its own certificate, which says that its issuer is at `/i`. */
async function fetched(
  t: ExecutionContext,
  content: (made: Chain) => Buffer | string | Promise<Buffer>,
  options: FetchUrlsOptions = {},
  intermediate: Link = {},
): Promise<{ result: Result; asked: readonly string[] }> {
  const { server: from, at } = await files(t);
  const made = await chain({ issuerAt: [`${from.url}/i`] }, intermediate, {});
  at.set('/i', await content(made));
  const { server, cacert } = await serve(t, made);
  const result = await fetchOne(`https://localhost:${server.port}/`, { cacert, ...options });
  return { result, asked: from.requests.map(({ url }) => url) };
}

const forms = test.macro({
  exec: async (t, content: (made: Chain) => Buffer | string | Promise<Buffer>) => {
    const { result, asked } = await fetched(t, content);
    t.deepEqual([result.error, result.status, result.detail], [null, 200, '']);
    t.is(result.attempts, 1);
    t.deepEqual(asked, ['/i']);
  },
  title: (form) => `a missing intermediate is fetched: ${form}`,
});

test('DER', forms, ({ certs }) => der(certs[1]));
test('PEM', forms, ({ certs }) => certs[1] ?? '');
test('PEM, behind a forged one', forms, async ({ certs }) =>
  Buffer.from(`${(await chain({}, { name: 'link 1' }, {})).certs[1]}${certs[1]}`),
);
test('PKCS #7', forms, ({ certs }) => pkcs7([certs[2] ?? '', certs[1] ?? ''], 'DER'));
test('PKCS #7 in PEM', forms, ({ certs }) => pkcs7([certs[1] ?? ''], 'PEM'));

test('a missing intermediate is fetched where certificates are told too', async (t) => {
  const { result, asked } = await fetched(t, ({ certs }) => der(certs[1]), { certificates: true });
  t.deepEqual([result.error, result.status, result.detail], [null, 200, '']);
  t.deepEqual(asked, ['/i']);
  t.deepEqual([result.trace?.certificate?.subject, result.trace?.certificate?.fault], ['CN=link 0', null]);
});

const refused = test.macro({
  exec: async (
    t,
    content: (made: Chain) => Buffer | string | Promise<Buffer>,
    error: FailureCode = 'tls-unknown-issuer',
    intermediate: Link = {},
  ) => {
    const { result, asked } = await fetched(t, content, {}, intermediate);
    t.deepEqual([result.error, result.status], [error, null]);
    t.not(result.detail, '');
    t.deepEqual(asked, ['/i']);
  },
  title: (what) => `what is fetched must be the issuer: ${what}`,
});

test('nothing', refused, () => '');
test('a page', refused, () => '<p>Moved</p>');
test('half of it', refused, ({ certs }) => der(certs[1]).subarray(0, 200));
test('an endless file', refused, ({ certs }) => Buffer.concat([der(certs[1]), Buffer.alloc(100_000)]));
test('a large one, with the right one in front', refused, ({ certs }) => certs[1] + ' '.repeat(70_000));
test('the root', refused, ({ certs }) => der(certs[2]));
test('the certificate itself', refused, ({ certs }) => der(certs[0]));
test('another of the same name', refused, async () =>
  der((await chain({}, { name: 'link 1' }, {})).certs[1]),
);
test('an expired one', refused, ({ certs }) => der(certs[1]), 'tls-unknown-issuer', { expired: 2 });
test('one that may not sign', refused, ({ certs }) => der(certs[1]), 'tls-unknown-issuer', {
  extensions: [basicConstraints()],
});
test('one that may sign for other hosts only', refused, ({ certs }) => der(certs[1]), 'tls-handshake', {
  extensions: [basicConstraints(boolean(true)), onlyOtherNames],
});

test('a file that is not there leaves the row as it is', async (t) => {
  const { server: from } = await files(t);
  const { server, cacert } = await serve(t, await chain({ issuerAt: [`${from.url}/gone`] }, {}, {}));
  t.is((await fetchOne(server.url, { cacert })).error, 'tls-unknown-issuer');
  t.is(from.requests.length, 1);
});

// Runs first, because the other tests keep this process busy.
test.serial('files that do not come leave the row as it is, though its time is over', async (t) => {
  const from = await httpServer(t, () => {});
  const places = [`${from.url}/1`, `${from.url}/2`];
  const { server, cacert } = await serve(t, await chain({ issuerAt: places }, {}, {}));
  // Each file gets half of the connection's time, so both of them use it up.
  const result = await fetchOne(server.url, { cacert, connectTimeout: '8s' });
  t.is(result.error, 'tls-unknown-issuer');
  t.is(from.requests[0]?.url, '/1');
});

test('no certificate that comes over http is trusted: not a root of its own, nor what that has signed', async (t) => {
  const { server: from, at } = await files(t);
  const stranger = await chain({ issuerAt: [`${from.url}/1`] }, { issuerAt: [`${from.url}/2`] }, {});
  at.set('/1', der(stranger.certs[1]));
  at.set('/2', der(stranger.certs[2]));
  const { server } = await serve(t, stranger);
  const other = await serve(t, await chain({}, { name: 'another root' }));
  const options = { cacert: other.cacert, concurrency: 1 };
  const urls = [`https://localhost:${server.port}/`, `https://a.test:${server.port}/`];
  const results = await fetchAll(urls, { ...options, connectTo: ['a.test::127.0.0.1:'] });
  t.deepEqual(
    results.map(({ error }) => error),
    ['tls-unknown-issuer', 'tls-unknown-issuer'],
  );
  t.deepEqual(
    from.requests.map(({ url }) => url),
    ['/1', '/2'],
  );
});

test('several that are missing are fetched one after the other', async (t) => {
  const { server: from, at } = await files(t);
  const at1 = { issuerAt: [`${from.url}/1`] };
  const made = await chain(at1, { issuerAt: [`${from.url}/2`] }, { issuerAt: [`${from.url}/3`] }, {}, {});
  for (const number of [1, 2, 3]) at.set(`/${number}`, der(made.certs[number]));
  const { server, cacert } = await serve(t, made);
  t.is((await fetchOne(server.url, { cacert })).status, 200);
  t.deepEqual(
    from.requests.map(({ url }) => url),
    ['/1', '/2', '/3'],
  );
});

test('where a server sends some of its chain the rest is fetched', async (t) => {
  const { server: from, at } = await files(t);
  const made = await chain({ issuerAt: [`${from.url}/1`] }, { issuerAt: [`${from.url}/2`] }, {}, {});
  at.set('/2', der(made.certs[2]));
  const { server, cacert } = await serve(t, made, 2);
  t.is((await fetchOne(server.url, { cacert })).status, 200);
  t.deepEqual(
    from.requests.map(({ url }) => url),
    ['/2'],
  );
});

test('a chain without an end is followed for four certificates', async (t) => {
  const { server: from, at } = await files(t);
  const links = Array.from({ length: 8 }, (_, number) => ({ issuerAt: [`${from.url}/${number + 1}`] }));
  const made = await chain(...links);
  for (const [number, pem] of made.certs.entries()) at.set(`/${number}`, der(pem));
  const { server, cacert } = await serve(t, made);
  t.is((await fetchOne(server.url, { cacert })).error, 'tls-unknown-issuer');
  t.deepEqual(
    from.requests.map(({ url }) => url),
    ['/1', '/2', '/3', '/4'],
  );
});

test('two that sign each other lead nowhere', async (t) => {
  const { server: from, at } = await files(t);
  const here = { issuerAt: [`${from.url}/1`] };
  // A certificate that names itself as the place of its issuer.
  const made = await chain(here, here, {});
  at.set('/1', der(made.certs[1]));
  const { server } = await serve(t, made);
  const { cacert } = await serve(t, await chain({}, { name: 'another root' }));
  t.is((await fetchOne(server.url, { cacert })).error, 'tls-unknown-issuer');
  t.is(from.requests.length, 1);
});

test('a second place is tried when the first has nothing, and none that is not http', async (t) => {
  const { server: from, at } = await files(t);
  const places = [
    `${from.url.replace('http', 'https')}/i`,
    'ldap://127.0.0.1/i',
    `${from.url}/gone`,
    `${from.url}/i`,
  ];
  const made = await chain({ issuerAt: places }, {}, {});
  at.set('/i', der(made.certs[1]));
  const { server, cacert } = await serve(t, made);
  t.is((await fetchOne(server.url, { cacert })).status, 200);
  t.deepEqual(
    from.requests.map(({ url }) => url),
    ['/gone', '/i'],
  );
  t.is(from.connections(), 2);
});

test('over TLS 1.2 a missing intermediate is fetched as well, and the host goes on with its session', async (t) => {
  const { server: from, at } = await files(t);
  const made = await chain({ issuerAt: [`${from.url}/i`] }, {}, {});
  at.set('/i', der(made.certs[1]));
  const reused: boolean[] = [];
  const server = tls.createServer({ ...sends(made), maxVersion: 'TLSv1.2' }, (socket) => {
    reused.push(socket.isSessionReused());
    socket.on('error', () => {});
    socket.once('data', () => socket.end('HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n'));
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const folder = await temporaryFolder(t, { 'root.pem': made.certs[2] ?? '' });
  const urls = Array.from({ length: 3 }, (_, i) => `https://localhost:${port}/${i}`);
  const results = await fetchAll(urls, { cacert: `${folder}/root.pem`, concurrency: 1 });
  t.true(results.every(({ status }) => status === 204));
  // With TLS 1.2 the server may also report the handshake that was given up because of the missing
  // certificate, so only the last three count.
  t.deepEqual(reused.slice(-3), [false, true, true]);
});

test('with aia off nothing is fetched', async (t) => {
  const { result, asked } = await fetched(t, ({ certs }) => der(certs[1]), { aia: false });
  t.is(result.error, 'tls-unknown-issuer');
  t.deepEqual(asked, []);
});

test('with --insecure nothing is fetched', async (t) => {
  const { result, asked } = await fetched(t, ({ certs }) => der(certs[1]), { insecure: true });
  t.is(result.status, 200);
  t.deepEqual(asked, []);
});

const shared = test.macro(async (t, isThere: boolean, concurrency: number) => {
  const { server: from, at } = await files(t);
  const made = await chain({ issuerAt: [`${from.url}/i`] }, {}, {});
  if (isThere) at.set('/i', der(made.certs[1]));
  const { server, cacert } = await serve(t, made);
  const hosts = ['localhost', '127.0.0.1'];
  const urls = Array.from({ length: 30 }, (_, i) => `https://${hosts[i % 2]}:${server.port}/${i}`);
  const results = await fetchAll(urls, { cacert, concurrency, perHost: 30 });
  const expected = isThere ? 200 : 'tls-unknown-issuer';
  t.true(results.every(({ status, error }) => (error ?? status) === expected));
  t.is(from.requests.length, 1);
  t.is(from.connections(), 1);
});

test('a place is asked once by all rows: it has the certificate', shared, true, 1);
test('a place is asked once by all rows that run at the same time: it has the certificate', shared, true, 30);
test('a place is asked once by all rows: it has nothing', shared, false, 1);
test('a place is asked once by all rows that run at the same time: it has nothing', shared, false, 30);

test('a host that was completed once needs one handshake for each later connection', async (t) => {
  const { server: from, at } = await files(t);
  const made = await chain({ issuerAt: [`${from.url}/i`] }, {}, {});
  at.set('/i', der(made.certs[1]));
  const { certs, key } = made;
  const server = await httpsServer(t, { key, cert: certs[0] ?? '' }, (_, response) => {
    response.writeHead(200, { connection: 'close' }).end();
  });
  const folder = await temporaryFolder(t, { 'root.pem': certs[2] ?? '' });
  const urls = Array.from({ length: 5 }, (_, i) => `https://localhost:${server.port}/${i}`);
  const results = await fetchAll(urls, { cacert: `${folder}/root.pem`, concurrency: 1 });
  t.true(results.every(({ status }) => status === 200));
  t.is(server.connections(), 6);
});

test('a public server does not lead to a private address by its certificate', async (t) => {
  for (const [options, error, count] of [
    [{}, 'tls-unknown-issuer', 0],
    [{ allowPrivate: true }, null, 1],
    [{ denyPrivate: true }, 'tls-unknown-issuer', 0],
  ] as const) {
    const { server: from, at } = await files(t);
    const made = await chain({ issuerAt: [`${from.url}/i`] }, {}, {});
    at.set('/i', der(made.certs[1]));
    const { server, cacert } = await serve(t, made);
    // A target named by connect-to counts as public.
    const connectTo = [`a.test::127.0.0.1:${server.port}`];
    const result = await fetchOne('https://a.test/', { cacert, connectTo, ...options });
    t.deepEqual([result.error, from.connections()], [error, count]);
  }
});

test('a public server leads to a public address by its certificate', async (t) => {
  const { server: from, at } = await files(t);
  const made = await chain({ issuerAt: ['http://authority.test/i'] }, {}, {});
  at.set('/i', der(made.certs[1]));
  const { server, cacert } = await serve(t, made);
  const connectTo = [`a.test::127.0.0.1:${server.port}`, `authority.test::127.0.0.1:${from.port}`];
  t.is((await fetchOne('https://a.test/', { cacert, connectTo })).status, 200);
  t.deepEqual(
    from.requests.map(({ headers }) => headers.host),
    ['authority.test'],
  );
});

test('the place of a certificate is asked through the proxy', async (t) => {
  const proxy = await httpProxy(t);
  const { result, asked } = await fetched(t, ({ certs }) => der(certs[1]), { proxy: proxy.url });
  t.is(result.status, 200);
  t.deepEqual(asked, ['/i']);
  t.deepEqual(
    proxy.asked.map(({ method }) => method),
    ['CONNECT', 'GET', 'CONNECT'],
  );
});

test('a proxy over TLS whose own certificate lacks its issuer is completed, and not through itself', async (t) => {
  const { server: from, at } = await files(t);
  const made = await chain({ issuerAt: [`${from.url}/i`] }, {}, {});
  at.set('/i', der(made.certs[1]));
  const proxy = await httpProxy(t, { certificate: sends(made) });
  const { server, cacert } = await serve(t, made, 2);
  // Without that certificate the proxy is not trusted, so not even with the request for the certificate.
  const result = await fetchOne(server.url, { cacert, proxy: proxy.url });
  t.is(result.error, 'tls-unknown-issuer');
  t.is(from.requests.length, 0);
});
