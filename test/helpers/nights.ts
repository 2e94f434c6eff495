import type { ExecutionContext } from 'ava';

import { httpServer } from './server.ts';
import type { TestServer } from './server.ts';

/** A page of a server that changes from night to night. */
export interface NightlyPage {
  /** Its body tonight. */
  body: string;
  /** Its status; 200 unless it is broken. */
  status: number;
  /** Whether it tells of itself by a tag, by a date, or not at all. */
  readonly by: 'etag' | 'date' | 'nothing';
  /** Counts the changes; tag and date are made of it. */
  version: number;
}

export interface NightlyServer extends TestServer {
  readonly pages: ReadonlyMap<string, NightlyPage>;
  /** Bytes of bodies that were sent, and replies of 304, since this was called last. */
  readonly sent: () => { bytes: number; notModified: number };
}

const firstDate = Date.UTC(2026, 0, 1);

export const tagOf = (path: string, { version }: NightlyPage): string => `"${path}-${version}"`;
export const dateOf = ({ version }: NightlyPage): string =>
  new Date(firstDate + version * 86_400_000).toUTCString();

/** A server of pages that honours If-None-Match and If-Modified-Since for those that have a tag or a date. */
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
