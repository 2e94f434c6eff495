import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import type { FailureCode } from '../../../src/shared/failures.ts';
import { certificates } from '../../helpers/certificates.ts';
import type { Certificates } from '../../helpers/certificates.ts';
import { fetchAll, fetchOne, row } from '../../helpers/fetch.ts';
import { httpsServer, rawServer } from '../../helpers/server.ts';
import type { TestServer } from '../../helpers/server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

type Name = Exclude<keyof Certificates, 'ca'>;

test('a certificate of an authority that --cacert names is accepted', async (t) => {
  const { server, cacert } = await tlsServer(t, 'good');
  const { status, error, url } = await fetchOne(`https://localhost:${server.port}/a`, { cacert });
  t.deepEqual({ status, error }, { status: 200, error: null });
  t.is(url, `https://localhost:${server.port}/a`);
});

test('a certificate for an address is accepted for that address', async (t) => {
  const { server, cacert } = await tlsServer(t, 'good');
  t.is((await fetchOne(server.url, { cacert })).status, 200);
});

const refused = test.macro({
  exec: async (t, name: Name, error: FailureCode) => {
    const { server, cacert } = await tlsServer(t, name);
    const result = await fetchOne(`https://localhost:${server.port}/`, { cacert });
    t.is(result.error, error);
    t.is(result.status, null);
    t.not(result.detail, '');
    t.is(server.requests.length, 0);
    await server.closed();
  },
  title: (name) => `refused: ${name}`,
});

test('an expired certificate', refused, 'expired', 'tls-expired');
test('a certificate that is not yet valid', refused, 'notYetValid', 'tls-expired');
test('a certificate for another host', refused, 'wrongHost', 'tls-wrong-host');
test('a certificate that is signed by itself', refused, 'selfSigned', 'tls-self-signed');
test('a chain that ends in an unknown authority of its own', refused, 'selfSignedInChain', 'tls-self-signed');
test('a certificate of an unknown issuer', refused, 'unknownIssuer', 'tls-unknown-issuer');

const insecure = test.macro({
  exec: async (t, name: Name) => {
    const { server } = await tlsServer(t, name);
    const { status, error } = await fetchOne(`https://localhost:${server.port}/`, { insecure: true });
    t.deepEqual({ status, error }, { status: 200, error: null });
  },
  title: (name) => `--insecure accepts ${name}`,
});

test('an expired certificate', insecure, 'expired');
test('a certificate for another host', insecure, 'wrongHost');
test('a certificate that is signed by itself', insecure, 'selfSigned');
test('a certificate of an unknown issuer', insecure, 'unknownIssuer');

test('without --cacert an unknown authority is not trusted', async (t) => {
  const { server } = await tlsServer(t, 'good');
  t.is((await fetchOne(server.url)).error, 'tls-unknown-issuer');
});

test('--cacert trusts its authorities and no others', async (t) => {
  const { server } = await tlsServer(t, 'good');
  const { selfSigned } = await certificates();
  const folder = await temporaryFolder(t, { 'other.pem': selfSigned.cert });
  t.is((await fetchOne(server.url, { cacert: `${folder}/other.pem` })).error, 'tls-unknown-issuer');
});

test('--cacert trusts all certificates of its file', async (t) => {
  const { server } = await tlsServer(t, 'good');
  const { ca, selfSigned } = await certificates();
  const folder = await temporaryFolder(t, { 'both.pem': `${selfSigned.cert}\n${ca}` });
  t.is((await fetchOne(server.url, { cacert: `${folder}/both.pem` })).status, 200);
});

test('the certificate must be for the host of the URL, not for the one of connect-to', async (t) => {
  const { server, cacert } = await tlsServer(t, 'good');
  const connectTo = [`::127.0.0.1:${server.port}`];
  const results = await fetchAll(['https://a.test/', 'https://a.example/'], {
    cacert,
    connectTo,
    ordered: true,
  });
  t.deepEqual(
    results.map(({ status, error }) => [status, error]),
    [
      [200, null],
      [null, 'tls-wrong-host'],
    ],
  );
});

test('the name of the URL is what the server is asked for', async (t) => {
  const { good } = await certificates();
  const names: (string | false | null)[] = [];
  const server = tls.createServer(good, (socket) => {
    names.push(socket.servername);
    socket.once('data', () => socket.end('HTTP/1.1 204 No Content\r\n\r\n')).on('error', () => {});
  });
  const port = await listen(t, server);
  const options = { insecure: true, connectTo: [`::127.0.0.1:${port}`], concurrency: 1 };
  await fetchAll(['https://b.test/', 'https://127.0.0.2/'], options);
  // No name is sent for an IP address (RFC 6066, section 3).
  t.deepEqual(names, ['b.test', false]);
});

test('the dot that ends a name is no part of what the server is asked for, nor of its certificate', async (t) => {
  const all = await certificates();
  const { cacert } = await tlsServer(t, 'good');
  const seen: string[] = [];
  const server = tls.createServer(all.good, (socket) => {
    socket
      .on('error', () => {})
      .on('data', (request) => {
        seen.push(`${socket.servername} ${/^host: (.*)$/im.exec(request.toString())?.[1]}`);
        socket.write('HTTP/1.1 204 No Content\r\n\r\n');
      });
  });
  const connectTo = [`::127.0.0.1:${await listen(t, server)}`];
  const results = [
    await fetchOne('https://a.test./', { cacert, connectTo }),
    await fetchOne('https://a.test/', { cacert, connectTo, header: ['Host: b.test.'] }),
    await fetchOne('https://a.example./', { cacert, connectTo }),
  ];
  t.deepEqual(
    results.map(({ error }) => error),
    [null, null, 'tls-wrong-host'],
  );
  t.deepEqual(seen, ['a.test a.test.', 'b.test b.test.']);
});

test('rows of one origin with Host headers of their own each get a certificate of their own', async (t) => {
  const { server, cacert } = await tlsServer(t, 'good');
  const connectTo = [`::127.0.0.1:${server.port}`];
  const hosts = ['a.test', 'b.test', 'a.example', 'b.test', 'a.test', 'a.test', '127.0.0.1', '[::1]'];
  const rows = hosts.map((x, i) => row({ url: 'https://a.test/', x }, i + 1));
  const results = await fetchAll(rows, { cacert, connectTo, header: ['Host: {x}'], concurrency: 1 });
  t.deepEqual(
    results.map(({ error }) => error),
    hosts.map((host) => (host === 'a.example' ? 'tls-wrong-host' : null)),
  );
});

test('a Host header says whose certificate it must be', async (t) => {
  const { server, cacert } = await tlsServer(t, 'good');
  const options = { cacert, connectTo: [`::127.0.0.1:${server.port}`] };
  t.is((await fetchOne('https://a.example/', { ...options, header: ['Host: a.test'] })).status, 200);
  t.is(
    (await fetchOne('https://a.test/', { ...options, header: ['Host: a.example'] })).error,
    'tls-wrong-host',
  );
});

test('plain HTTP where TLS is asked for is tls-handshake', async (t) => {
  const server = await rawServer(t, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const { error, detail } = await fetchOne(`https://127.0.0.1:${server.port}/`);
  t.is(error, 'tls-handshake');
  t.not(detail, '');
});

test('a server without a version of TLS that we speak is tls-handshake', async (t) => {
  const { good } = await certificates();
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  const server = tls.createServer({ ...good, ...old });
  server.on('tlsClientError', () => {});
  const port = await listen(t, server);
  t.is((await fetchOne(`https://127.0.0.1:${port}/`, { insecure: true })).error, 'tls-handshake');
});

test('plain HTTP spoken to a server of TLS is its answer or a failure of the connection', async (t) => {
  const { server } = await tlsServer(t, 'good');
  const { status, error } = await fetchOne(`http://127.0.0.1:${server.port}/`);
  t.true(status === 400 || error === 'http-closed' || error === 'connect-reset', `${status} ${error}`);
});

test('connections over TLS are kept for the next request to the same origin', async (t) => {
  const { server, cacert } = await tlsServer(t, 'good');
  const urls = Array.from({ length: 10 }, (_, i) => `${server.url}/${i}`);
  const results = await fetchAll(urls, { cacert, concurrency: 1 });
  t.true(results.every(({ status }) => status === 200));
  t.is(server.connections(), 1);
});

async function tlsServer(t: ExecutionContext, name: Name): Promise<{ server: TestServer; cacert: string }> {
  const all = await certificates();
  const server = await httpsServer(t, all[name], (_, response) => response.end());
  const folder = await temporaryFolder(t, { 'ca.pem': all.ca });
  return { server, cacert: `${folder}/ca.pem` };
}

async function listen(t: ExecutionContext, server: tls.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}
