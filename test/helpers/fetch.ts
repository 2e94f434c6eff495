import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { ExecutionContext } from 'ava';

import { fetchUrls } from '../../src/job/fetch-urls.ts';
import type { FetchUrlsOptions } from '../../src/job/fetch-urls.ts';
import type { Result, Row } from '../../src/shared/records.ts';
import { httpServer } from './server.ts';

type Items = Iterable<unknown> | AsyncIterable<unknown>;

/** Long enough that no timeout passes on a busy machine. Tests of a timeout set their own. */
const unhurried = { timeout: '10m', connectTimeout: '10m', processTimeout: '10m' };

/**
 * Sends the items through `fetchUrls()` in a pipeline and collects the results. By default each URL gets one
 * attempt and no timeout that matters.
 */
export async function fetchAll(items: Items, options: FetchUrlsOptions = {}): Promise<Result[]> {
  const results: Result[] = [];
  await pipeline(
    Readable.from(items),
    fetchUrls({ ...unhurried, retries: 0, ...options }),
    async (fetched: AsyncIterable<Result>) => {
      for await (const result of fetched) results.push(result);
    },
  );
  return results;
}

/** The result of one URL or row. */
export async function fetchOne(item: string | Row, options: FetchUrlsOptions = {}): Promise<Result> {
  const [result, ...more] = await fetchAll([item], options);
  if (result === undefined || more.length > 0) throw new Error('one row must give one result');
  return result;
}

export function urlsOf(redirects: Result['redirects']): string[] {
  return redirects.map(({ url }) => url);
}

/** A row whose URL is in its column `url`. */
export function row(cells: Readonly<Record<string, string>>, number = 1): Row {
  const table = { names: Object.keys(cells), header: true };
  const url = cells['url'] ?? '';
  return { number, cells: Object.values(cells), table, url, error: null, detail: '', json: null };
}

/** A `--connect-to` rule that sends every host and port to this server. */
export function everythingTo({ port }: { readonly port: number }): string {
  return `::127.0.0.1:${port}`;
}

/**
 * Gives something that must not happen time to happen: twenty exchanges, one after the other, with a separate
 * server.
 */
export async function meanwhile(t: ExecutionContext): Promise<void> {
  const { url } = await httpServer(t, (_, response) => response.end());
  const urls = Array.from({ length: 20 }, () => url);
  await fetchAll(urls, { concurrency: 1 });
}
