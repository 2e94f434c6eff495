import { writeFile } from 'node:fs/promises';

import test from 'ava';

import { UsageError } from '../../../src/shared/errors.ts';
import type { FailureCode } from '../../../src/shared/failures.ts';
import { certificates } from '../../helpers/certificates.ts';
import { fetchAll, fetchOne } from '../../helpers/fetch.ts';
import { httpServer, httpsServer, rawServer } from '../../helpers/server.ts';
import { socksProxy } from '../../helpers/socks.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

test('socks5h: names are the matter of the proxy, http has its own path', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('a page'));
  const { port, asked } = await socksProxy(t, { leadsTo: server.port });
  const urls = ['http://a.test/x', 'http://b.test:8080/y'];
  const results = await fetchAll(urls, { proxy: `socks5h://127.0.0.1:${port}`, ordered: true });
  t.deepEqual(
    results.map(({ status, bytes }) => [status, bytes]),
    [
      [200, 6],
      [200, 6],
    ],
  );
  t.deepEqual(asked.toSorted(), ['a.test:80', 'b.test:8080']);
  t.deepEqual(server.requests.map(({ url, headers }) => `${headers.host}${url}`).toSorted(), [
    'a.test/x',
    'b.test:8080/y',
  ]);
});

test('socks5: names are resolved here', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('a page'));
  const { port, asked } = await socksProxy(t, { leadsTo: server.port });
  const { status } = await fetchOne('http://localhost:81/x', { proxy: `socks5://127.0.0.1:${port}` });
  t.is(status, 200);
  t.deepEqual(asked, ['127.0.0.1:81']);
});

test('https goes through SOCKS, and its certificate is that of the server', async (t) => {
  const { good, ca } = await certificates();
  const server = await httpsServer(t, good, (_, response) => response.end('a page'));
  const { port } = await socksProxy(t, { leadsTo: server.port, credentials: 'me:s3cret' });
  const cacert = `${await temporaryFolder(t)}/ca.pem`;
  await writeFile(cacert, ca);
  const proxy = `socks5h://me:s3cret@127.0.0.1:${port}`;
  const results = await fetchAll(['https://localhost/', 'https://other.test/'], {
    proxy,
    cacert,
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

const refusal = test.macro({
  exec: async (t, reply: number, error: FailureCode) => {
    const { port } = await socksProxy(t, { reply });
    const result = await fetchOne('http://a.test/', { proxy: `socks5h://me:s3cret@127.0.0.1:${port}` });
    t.is(result.error, error);
    t.regex(result.detail, /^the SOCKS proxy did not connect: .* \(socks5h:\/\/127\.0\.0\.1:\d+\)$/);
    t.notRegex(result.detail, /s3cret/);
  },
  title: (name) => `what a SOCKS proxy could not do is the row's failure: ${name}`,
});

test('a general failure', refusal, 1, 'connect-unreachable');
test('not allowed', refusal, 2, 'connect-refused');
test('no network', refusal, 3, 'connect-unreachable');
test('no host', refusal, 4, 'connect-unreachable');
test('refused', refusal, 5, 'connect-refused');

test('what is no SOCKS proxy is the failure of a row', async (t) => {
  const server = await rawServer(t, (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  const { error } = await fetchOne('http://a.test/', { proxy: `socks5h://127.0.0.1:${server.port}` });
  t.is(error, 'connect-reset');
});

test('a wrong login ends the stream at once', async (t) => {
  const { port, asked } = await socksProxy(t, { credentials: 'me:right' });
  for (const login of ['', 'me:s3cret@']) {
    const urls = Array.from({ length: 40 }, (_, i) => `http://h${i}.test/`);
    const error = await t.throwsAsync(
      fetchAll(urls, { proxy: `socks5h://${login}127.0.0.1:${port}`, retries: 3 }),
      {
        instanceOf: UsageError,
      },
    );
    t.notRegex(error.message, /s3cret/);
  }
  t.deepEqual(asked, []);
});

test('an address that is not public is denied before the proxy is asked', async (t) => {
  const { port, asked } = await socksProxy(t);
  const proxy = `socks5://127.0.0.1:${port}`;
  const { error } = await fetchOne('http://localhost/', { proxy, denyPrivate: true });
  t.is(error, 'address-denied');
  t.deepEqual(asked, []);
});
