import { once } from 'node:events';
import { PassThrough } from 'node:stream';

import type { ExecutionContext } from 'ava';

import { fetchUrls } from '../../../src/job/fetch-urls.ts';
import type { FetchUrls } from '../../../src/fetch/fetch-urls.ts';
import type { FetchUrlsOptions } from '../../../src/job/fetch-urls.ts';
import type { Result } from '../../../src/shared/records.ts';
import { everythingTo } from '../../helpers/fetch.ts';
import { httpServer } from '../../helpers/server.ts';
import type { TestServer } from '../../helpers/server.ts';

/** Longer than any test. */
export const longGrace = 60_000;

/** A server that answers only after `release`. With `location`, moved.test redirects there at once. */
export async function heldServer(
  t: ExecutionContext,
  location = '',
): Promise<{ server: TestServer; release: () => void }> {
  const waiting: (() => void)[] = [];
  let released = false;
  const server = await httpServer(t, ({ headers: { host } }, response) => {
    if (host === 'moved.test') response.writeHead(302, { location }).end();
    else if (released) response.end();
    else waiting.push(() => response.end());
  });
  const release = (): void => {
    released = true;
    for (const end of waiting) end();
  };
  return { server, release };
}

/** Sends the items through `fetchUrls()`, where `/…` is a path on the server, and collects the results. */
export function start(
  t: ExecutionContext,
  server: Pick<TestServer, 'url' | 'port'>,
  items: readonly string[],
  options: FetchUrlsOptions = {},
  ends = true,
): { fetcher: FetchUrls; results: Promise<Result[]>; input: PassThrough } {
  const input = new PassThrough({ objectMode: true });
  const fetcher = fetchUrls({ connectTo: [everythingTo(server)], ...options });
  for (const item of items) input.write(item.startsWith('/') ? server.url + item : item);
  if (ends) input.end();
  const collected: Result[] = [];
  input.pipe(fetcher).on('data', (result: Result) => collected.push(result));
  t.teardown(() => fetcher.destroy());
  return { fetcher, input, results: once(fetcher, 'end').then(() => collected) };
}

export function paths(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `/${i + 1}`);
}

export function numbersOf(results: readonly Result[], sorted = true): number[] {
  const numbers = results.map(({ row: { number } }) => number);
  return sorted ? numbers.toSorted((a, b) => a - b) : numbers;
}
