import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { ExecutionContext } from 'ava';

import { fetchUrls } from '../../src/job/fetch-urls.ts';
import type { FetchUrlsOptions } from '../../src/job/fetch-urls.ts';
import type { Result, Row } from '../../src/shared/records.ts';
import { httpServer } from './server.ts';

type Items = Iterable<unknown> | AsyncIterable<unknown>;

/** No deadline of the product is to pass on a busy machine unless a test is about it. */
const unhurried = { timeout: '10m', connectTimeout: '10m', processTimeout: '10m' };

/**
 * Sends the items through `fetchUrls()` in a pipeline and collects what comes out. One attempt each, and all the time,
 * unless a test says otherwise.
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

/** What becomes of one URL or row. */
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

/** The rule that leads every name and port to this server. */
export function everythingTo({ port }: { readonly port: number }): string {
  return `::127.0.0.1:${port}`;
}

/** Time for what must not happen: twenty exchanges, one after the other, with a server of their own. */
export async function meanwhile(t: ExecutionContext): Promise<void> {
  const { url } = await httpServer(t, (_, response) => response.end());
  const urls = Array.from({ length: 20 }, () => url);
  await fetchAll(urls, { concurrency: 1 });
}
