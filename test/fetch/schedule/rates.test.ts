import { Readable } from 'node:stream';

import test from 'ava';

import { fetchUrls } from '../../../src/job/fetch-urls.ts';
import type { Result } from '../../../src/shared/records.ts';
import { everythingTo, fetchAll } from '../../helpers/fetch.ts';
import { httpServer } from '../../helpers/server.ts';

/** Milliseconds by which a late start may be made up for. */
const slack = 6;

/**
 * Describes the first request that came too early, counted from before the first request. A server that
 * stalls can only make requests late.
 */
function early(times: readonly number[], rate: number): string {
  const index = times.findIndex((time, i) => time < (i * 1000) / rate - slack);
  return index === -1 ? '' : `request ${index} after ${times[index]} ms`;
}

test('no host is asked more often than --host-rate, whatever makes the requests', async (t) => {
  const times = new Map<string, number[]>();
  const tries = new Map<string, number>();
  const server = await httpServer(t, ({ url, headers: { host = '' } }, response) => {
    times.set(host, [...(times.get(host) ?? []), performance.now() - from]);
    const count = (tries.get(url) ?? 0) + 1;
    tries.set(url, count);
    if (url.startsWith('/moved')) response.writeHead(302, { location: url.replace('moved', 'end') }).end();
    else response.writeHead(count === 1 ? 500 : 200).end();
  });
  const rows = Array.from(
    { length: 60 },
    (_, i) => `http://${'abc'[i % 3]}.test/${i % 2 ? 'end' : 'moved'}/${i}`,
  );
  const from = performance.now();
  const limits = { hostRate: 200, retries: 1, maxWait: 1, connectTo: [everythingTo(server)] };
  const results = await fetchAll(rows, limits);
  t.true(results.every(({ status, attempts }) => status === 200 && attempts === 2));
  for (const name of ['a.test', 'b.test', 'c.test']) {
    const seen = times.get(name) ?? [];
    t.is(seen.length, 60, name);
    t.is(early(seen, 200), '', name);
  }
});

test('all hosts together are not asked more often than --rate', async (t) => {
  const times: number[] = [];
  const server = await httpServer(t, ({ url }, response) => {
    times.push(performance.now() - from);
    if (url.startsWith('/moved')) response.writeHead(302, { location: url.replace('moved', 'end') }).end();
    else response.end();
  });
  const rows = Array.from({ length: 60 }, (_, i) => `http://h${i}.test/moved`);
  const from = performance.now();
  await fetchAll(rows, { rate: 200, connectTo: [everythingTo(server)] });
  t.is(times.length, 120);
  t.is(early(times, 200), '');
});

test('the lower of two rates holds', async (t) => {
  for (const [rate, hostRate] of [
    [100, 1000],
    [1000, 100],
  ] as const) {
    const times: number[] = [];
    const server = await httpServer(t, (_, response) => {
      times.push(performance.now() - from);
      response.end();
    });
    const from = performance.now();
    await fetchAll(
      Array.from({ length: 30 }, () => server.url),
      { rate, hostRate },
    );
    t.is(times.length, 30);
    t.is(early(times, 100), '');
  }
});

test('a host with a rate does not hold up others', async (t) => {
  const server = await httpServer(t, (_, response) => response.end());
  // The slow host's second row would come in an hour.
  const rows = ['http://slow.test/', 'http://slow.test/', ...hosts(50)];
  const limits = { hostRate: 1 / 3600, concurrency: 2, connectTo: [everythingTo(server)] };
  const fetcher = Readable.from(rows).pipe(fetchUrls(limits));
  let done = 0;
  for await (const { status } of fetcher as AsyncIterable<Result>) {
    t.is(status, 200);
    if (++done === 51) break;
  }
  t.is(server.requests.length, 51);
});

test('requests that failed count for the rate as well', async (t) => {
  const times: number[] = [];
  const server = await httpServer(t, (_, response) => {
    times.push(performance.now() - from);
    response.destroy();
  });
  const from = performance.now();
  await fetchAll(hosts(10), { rate: 100, retries: 2, maxWait: 1, connectTo: [everythingTo(server)] });
  t.is(times.length, 30);
  t.is(early(times, 100), '');
});

function hosts(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `http://h${i}.test/`);
}
