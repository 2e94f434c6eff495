import type { ExecutionContext } from 'ava';

import { httpServer } from './server.ts';
import type { TestServer } from './server.ts';

/** A page that a test may change between two runs ("nights"). */
export interface NightlyPage {
  /** Its current body. */
  body: string;
  /** Its status: 200, or the test's choice for a broken page. */
  status: number;
  /** The validator it is served with: an ETag, a Last-Modified date, or none. */
  readonly by: 'etag' | 'date' | 'nothing';
  /** Number of changes; the ETag and the date are derived from it. */
  version: number;
}

export interface NightlyServer extends TestServer {
  readonly pages: ReadonlyMap<string, NightlyPage>;
  /** Bytes of bodies sent and number of 304 replies since the last call. */
  readonly sent: () => { bytes: number; notModified: number };
}

const firstDate = Date.UTC(2026, 0, 1);

export const tagOf = (path: string, { version }: NightlyPage): string => `"${path}-${version}"`;
export const dateOf = ({ version }: NightlyPage): string =>
  new Date(firstDate + version * 86_400_000).toUTCString();

/** A server that honours If-None-Match and If-Modified-Since for pages that have an ETag or a date. */
export async function nightlyServer(
  t: ExecutionContext,
  pages: ReadonlyMap<string, NightlyPage>,
): Promise<NightlyServer> {
  let bytes = 0;
  let notModified = 0;
  const server = await httpServer(t, ({ url, headers }, response) => {
    const page = pages.get(url);
    if (page === undefined) return void response.writeHead(404).end('none');
    const { body, status, by } = page;
    if (status === 200 && by === 'etag') response.setHeader('ETag', tagOf(url, page));
    if (status === 200 && by === 'date') response.setHeader('Last-Modified', dateOf(page));
    const isKnown =
      by === 'etag'
        ? headers['if-none-match'] === tagOf(url, page)
        : by === 'date' && Date.parse(headers['if-modified-since'] ?? '') >= Date.parse(dateOf(page));
    if (status === 200 && isKnown) {
      notModified++;
      return void response.writeHead(304).end();
    }
    bytes += body.length;
    return void response.writeHead(status, { 'content-type': 'text/html' }).end(body);
  });
  const sent = (): { bytes: number; notModified: number } => {
    const all = { bytes, notModified };
    [bytes, notModified] = [0, 0];
    return all;
  };
  return { ...server, pages, sent };
}
