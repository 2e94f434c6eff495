import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import type { SecureVersion, TlsOptions } from 'node:tls';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { certificates } from '../../helpers/certificates.ts';
import { fetchAll, fetchOne } from '../../helpers/fetch.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

interface TlsServer {
  readonly port: number;
  /** For each connection in order, whether it resumed an earlier session. */
  readonly reused: boolean[];
  readonly cacert: string;
}

/** A TLS server that sends one response per connection. */
async function tlsServer(t: ExecutionContext, options: TlsOptions = {}): Promise<TlsServer> {
  const { good, ca } = await certificates();
  const reused: boolean[] = [];
  const server = tls.createServer({ ...good, ...options }, (socket) => {
    reused.push(socket.isSessionReused());
    socket.on('error', () => {});
    socket.once('data', () => socket.end('HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n'));
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const folder = await temporaryFolder(t, { 'ca.pem': ca });
  return { port: (server.address() as AddressInfo).port, reused, cacert: `${folder}/ca.pem` };
}

const comesAgain = test.macro(async (t, version: SecureVersion) => {
  const { port, reused, cacert } = await tlsServer(t, { minVersion: version, maxVersion: version });
  const urls = Array.from({ length: 4 }, (_, i) => `https://localhost:${port}/${i}`);
  const results = await fetchAll(urls, { cacert, concurrency: 1 });
  t.true(results.every(({ status }) => status === 204));
  t.deepEqual(reused, [false, true, true, true]);
});

test('a host that comes again goes on with its session: TLS 1.3', comesAgain, 'TLSv1.3');
test('a host that comes again goes on with its session: TLS 1.2', comesAgain, 'TLSv1.2');

test('an address, which is no name for SNI, goes on with its session as well', async (t) => {
  const { port, reused, cacert } = await tlsServer(t);
  await fetchAll([`https://127.0.0.1:${port}/1`, `https://127.0.0.1:${port}/2`], { cacert, concurrency: 1 });
  t.deepEqual(reused, [false, true]);
});

test('sessions are not shared between hosts, nor between streams', async (t) => {
  const { port, reused, cacert } = await tlsServer(t);
  const options = { cacert, concurrency: 1, connectTo: [`::127.0.0.1:${port}`] };
  await fetchAll(['https://a.test/', 'https://b.test/'], options);
  await fetchAll(['https://a.test/'], options);
  t.deepEqual(reused, [false, false, false]);
});

test('a session that the server does not know any more costs no row', async (t) => {
  const { port, reused, cacert } = await tlsServer(t);
  const other = await tlsServer(t, { ticketKeys: Buffer.alloc(48, 7) });
  const options = {
    cacert,
    concurrency: 1,
    connectTo: [`a.test:1:127.0.0.1:${port}`, `a.test:2:127.0.0.1:${other.port}`],
  };
  const results = await fetchAll(['https://a.test:1/', 'https://a.test:2/'], options);
  t.true(results.every(({ status }) => status === 204));
  t.deepEqual([reused, other.reused], [[false], [false]]);
});

/** Node checks no name when it resumes a session, so no session of a failed handshake may be kept. */
const notTaken = test.macro(async (t, version: SecureVersion) => {
  const { wrongHost } = await certificates();
  const { port, cacert } = await tlsServer(t, { ...wrongHost, minVersion: version, maxVersion: version });
  const urls = Array.from({ length: 3 }, () => `https://localhost:${port}/`);
  const results = await fetchAll(urls, { cacert, concurrency: 1, retries: 1, maxWait: 1 });
  t.deepEqual(
    results.map(({ error }) => error),
    ['tls-wrong-host', 'tls-wrong-host', 'tls-wrong-host'],
  );
});

test('a certificate for another host is refused each time: TLS 1.3', notTaken, 'TLSv1.3');
test('a certificate for another host is refused each time: TLS 1.2', notTaken, 'TLSv1.2');

test('a session of one host is not taken for another that a Host header names', async (t) => {
  const { port, cacert } = await tlsServer(t);
  const connectTo = [`::127.0.0.1:${port}`];
  const results = await fetchAll(['https://a.test/', 'https://a.example/', 'https://a.test/'], {
    cacert,
    connectTo,
    concurrency: 1,
    ordered: true,
  });
  t.deepEqual(
    results.map(({ status, error }) => error ?? status),
    [204, 'tls-wrong-host', 204],
  );
});

test('a server that closes within the handshake is a failure, whatever was kept of it', async (t) => {
  const { port, cacert } = await tlsServer(t, {
    minVersion: 'TLSv1',
    maxVersion: 'TLSv1',
    ciphers: 'DEFAULT@SECLEVEL=0',
  });
  t.is((await fetchOne(`https://localhost:${port}/`, { cacert })).error, 'tls-handshake');
});
