import { once } from 'node:events';
import dgram from 'node:dgram';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { givenTime } from '../helpers/given-time.ts';
import { nameServer } from '../helpers/name-server.ts';
import { closedPort, httpServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

type Found = Record<string, string>;

/** The results of these URLs with these name servers. */
async function fetched(
  t: ExecutionContext,
  urls: readonly string[],
  servers: readonly string[],
  connectTimeout = '60s',
): Promise<Found[]> {
  const cwd = await temporaryFolder(t, { 'in.txt': `${urls.join('\n')}\n` });
  const args = servers.flatMap((server) => ['--dns-server', server]);
  const fixed = [
    '-q',
    '--ordered',
    '--retries',
    '0',
    '--max-wait',
    '1ms',
    '--connect-timeout',
    connectTimeout,
  ];
  const { stdout, stderr, code } = await urlmill(
    [...fixed, '--columns', '+dns_ms,+error_detail', ...args, 'in.txt'],
    { cwd },
  );
  t.is(code, 0);
  t.is(stderr, '');
  return csvObjects(stdout);
}

test('names are asked of the server that is said, not once a row', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const names = await nameServer(t, { 'a.test': { a: ['127.0.0.1'] }, 'b.test': { cname: 'a.test' } });
  const urls = Array.from(
    { length: 50 },
    (_, i) => `http://${i % 2 === 0 ? 'a' : 'B'}.test:${server.port}/${i}`,
  );
  const rows = await fetched(t, [...urls, `${server.url}/literal`], [names.address]);
  t.true(rows.every(({ fetch_status: status }) => status === '200'));
  // On a busy machine a question may be repeated before its answer is read, but far less often than once for
  // each of the 25 rows.
  t.true(names.asked('a.test', 'A') < 10);
  t.true(names.asked('b.test', 'A') < 10);
  // The first row waited for the answer; an IP address needs none.
  t.regex(rows[0]?.['fetch_dns_ms'] ?? '', /^\d+(\.\d+)?$/);
  t.is(rows.at(-1)?.['fetch_dns_ms'], '');
});

test('each way in which a name cannot be resolved has its code', async (t) => {
  const names = await nameServer(t, {
    'none.test': { code: 'nxdomain' },
    'empty.test': {},
    'fails.test': { code: 'servfail' },
    'refuses.test': { code: 'refused' },
    'silent.test': { silent: true },
  });
  const urls = ['none', 'empty', 'fails', 'refuses', 'silent'].map((name) => `http://${name}.test/`);
  const rows = await givenTime(
    async (time) => fetched(t, urls, [names.address], `${time}ms`),
    (all) => all.filter(({ fetch_error: error }) => error === 'dns-timeout').length === 1,
  );
  t.deepEqual(
    rows.map(({ fetch_error: error }) => error),
    ['dns-not-found', 'dns-not-found', 'dns-failure', 'dns-failure', 'dns-timeout'],
  );
  t.true(rows.every(({ fetch_error_detail: detail }) => detail !== ''));
});

test('a server that is down is dns-failure', async (t) => {
  const [row] = await fetched(t, ['http://a.test/'], [`127.0.0.1:${await closedPort()}`]);
  t.is(row?.['fetch_error'], 'dns-failure');
  t.regex(row?.['fetch_error_detail'] ?? '', /no name server can be reached/);
});

test('one of two servers may be down or silent', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const names = await nameServer(t, () => ({ a: ['127.0.0.1'] }));
  const silent = dgram.createSocket('udp4').bind(0, '127.0.0.1');
  await once(silent, 'listening');
  t.teardown(() => silent.close());
  for (const dead of [`127.0.0.1:${await closedPort()}`, `127.0.0.1:${silent.address().port}`]) {
    const urls = Array.from({ length: 10 }, (_, i) => `http://h${i}.test:${server.port}/`);
    const rows = await fetched(t, urls, [dead, names.address]);
    t.deepEqual(
      [...new Set(rows.map((row) => row['fetch_error'] || row['fetch_status']))],
      ['200'],
      JSON.stringify(rows),
    );
  }
});

test('localhost needs no server, and the hosts file counts before it', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  const names = await nameServer(t, { localhost: { a: ['192.0.2.1'] } });
  const rows = await fetched(
    t,
    [`http://localhost:${server.port}/`, `http://a.localhost:${server.port}/`],
    [names.address],
  );
  t.deepEqual(
    rows.map(({ fetch_status: status }) => status),
    ['200', '200'],
  );
  t.is(names.asked(), 0);
});
