import { once } from 'node:events';
import http from 'node:http';

import test from 'ava';
import type { ExecutionContext } from 'ava';

import { fetchUrls } from '../../../src/job/fetch-urls.ts';
import type { FetchUrlsOptions } from '../../../src/job/fetch-urls.ts';
import type { Result } from '../../../src/shared/records.ts';
import { everythingTo } from '../../helpers/fetch.ts';
import { nameServer } from '../../helpers/name-server.ts';
import { closedPort, httpServer } from '../../helpers/server.ts';

function hosts(count: number, name = 'h'): string[] {
  return Array.from({ length: count }, (_, i) => `http://${name}${i}.test/`);
}

/**
 * Starts a run, and records its notices and results.
 *
 * @param first URLs to write first; the others follow after the first result
 */
function run(urls: readonly string[], options: FetchUrlsOptions, first: readonly string[] = []) {
  const fetcher = fetchUrls(options);
  const notices: string[] = [];
  const results: Result[] = [];
  fetcher.on('notice', (text: string) => notices.push(text));
  fetcher.on('data', (result: Result) => results.push(result));
  const more = (): void => {
    for (const url of urls) fetcher.write(url);
    if (urls.length > 0) fetcher.end();
  };
  // The other URLs follow after the first result.
  if (first.length > 0) fetcher.once('data', more);
  else more();
  for (const url of first) fetcher.write(url);
  return { fetcher, notices, results, end: once(fetcher, 'end') };
}

for (const concurrency of [1, 100]) {
  test(`a run waits for the network and goes on, ${concurrency} at once`, async (t) => {
    const port = await closedPort();
    const limits = { concurrency, retries: 3, maxWait: 60_000 };
    const { fetcher, notices, results, end } = run(hosts(20), {
      ...limits,
      connectTo: [everythingTo({ port })],
    });
    await once(fetcher, 'notice');
    const server = http.createServer((_, response) => response.end('ok'));
    t.teardown(() => server.close().closeAllConnections());
    server.listen(port, '127.0.0.1');
    await end;
    t.is(results.length, 20);
    t.true(results.every(({ status, error, attempts }) => status === 200 && error === null && attempts <= 4));
    t.is(notices.length, 2);
    t.regex(notices[0] ?? '', /^no host can be reached/);
    t.regex(notices[1] ?? '', /^the network is back/);
  });
}

test('a run waits for name servers', async (t) => {
  const server = await httpServer(t, (_, response) => response.end('ok'));
  // Fails all questions until `works` is set.
  let works = false;
  const names = await nameServer(t, () => (works ? { a: ['127.0.0.1'] } : { code: 'servfail' }));
  const urls = hosts(8).map((url) => url.replace('.test/', `.test:${server.port}/`));
  const { fetcher, results, end } = run(urls, { retries: 3, maxWait: 60_000, dnsServer: [names.address] });
  await once(fetcher, 'notice');
  works = true;
  await end;
  t.is(results.length, 8);
  t.true(results.every(({ status }) => status === 200));
});

test('a name server that is gone is an outage as well', async (t) => {
  const { fetcher, results, end } = run(hosts(6), {
    retries: 0,
    maxWait: 1,
    connectTimeout: 300,
    dnsServer: [`127.0.0.1:${await closedPort()}`],
  });
  await once(fetcher, 'notice');
  await end;
  t.is(results.length, 6);
  t.true(results.every(({ error }) => error === 'dns-failure' || error === 'dns-timeout'));
});

test('names that do not exist are no outage', async (t) => {
  const names = await nameServer(t, {});
  const { notices, results, end } = run(hosts(30), { retries: 0, dnsServer: [names.address] });
  await end;
  t.true(results.every(({ error }) => error === 'dns-not-found'));
  t.deepEqual(notices, []);
});

test('a list of dead hosts ends after the longest wait', async (t) => {
  const connectTo = [everythingTo({ port: await closedPort() })];
  const { notices, results, end } = run(hosts(50), { retries: 1, maxWait: 1, connectTo });
  await end;
  t.is(results.length, 50);
  t.true(results.every(({ error, attempts }) => error === 'connect-refused' && attempts === 2));
  t.is(notices.length, 2);
});

/**
 * Counts the timers of about a second that are set until the test ends: for that long, nothing is started
 * while the network is doubted.
 */
function secondsWaited(t: ExecutionContext): () => number {
  const { setTimeout: real } = globalThis;
  let count = 0;
  const counting = (callback: () => void, milliseconds?: number, ...args: unknown[]): NodeJS.Timeout => {
    if ((milliseconds ?? 0) > 900 && (milliseconds ?? 0) <= 1000) count++;
    return real(callback, milliseconds, ...(args as []));
  };
  Object.assign(globalThis, { setTimeout: counting });
  t.teardown(() => Object.assign(globalThis, { setTimeout: real }));
  return () => count;
}

test.serial('dead hosts at the end of a list, or among others, do not stop the run', async (t) => {
  const waited = secondsWaited(t);
  const server = await httpServer(t, (_, response) => response.end('ok'));
  const dead = await closedPort();
  const alive = Array.from({ length: 20 }, (_, i) => `a${i}.test::127.0.0.1:${server.port}`);
  const connectTo = [...alive, everythingTo({ port: dead })];
  const list = hosts(400, 'dead');
  for (let i = 1; i < 20; i++) list.splice(i * 10, 0, `http://a${i}.test/`);
  const { notices, results, end } = run(list, { retries: 0, connectTo }, ['http://a0.test/']);
  await end;
  t.is(results.filter(({ status }) => status === 200).length, 20);
  t.is(results.filter(({ error }) => error === 'connect-refused').length, 400);
  t.deepEqual(notices, []);
  // At most one in five of these hosts may make the run wait.
  t.true(waited() < 8, `${waited()} seconds`);
});

const lost = test.macro(async (t, list: readonly string[]) => {
  const server = http.createServer((_, response) => response.end('ok'));
  t.teardown(() => server.close().closeAllConnections());
  // A port below the ephemeral range, so that nobody else gets it when the server is gone.
  const port = await closedPort();
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const limits = { retries: 3, networkWait: 1000, concurrency: 100, connectTo: [everythingTo({ port })] };
  const { fetcher, notices, results, end } = run([], limits, hosts(3, 'first'));
  const stops: string[] = [];
  fetcher.on('stop', (reason: string) => stops.push(reason));
  while (results.length < 3) await once(fetcher, 'data');
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
  for (const url of list) fetcher.write(url);
  fetcher.end();
  await end;
  t.deepEqual(stops, ['network-wait']);
  t.is(notices.length, 1);
  const rest = results.slice(3);
  t.true(rest.length < 100, `${rest.length}`);
  t.true(rest.every(({ error }) => error === 'cancelled'));
});

const notice =
  'after --network-wait the stream says so and ends early: what waits is dropped, no row fails of it';
const few = Array.from({ length: 100 }, () => hosts(3, 'first')).flat();
test(`${notice}: many hosts`, lost, hosts(200));
test(`${notice}: three`, lost, few);
