import type { ExecutionContext } from 'ava';

import { httpServer } from './server.ts';
import type { SeenRequest, TestServer } from './server.ts';

/** The number in `?page=7`; 1 without one. */
export function pageIn({ url }: Pick<SeenRequest, 'url'>): number {
  return Number(/[?&]page=(\d+)/.exec(url)?.[1] ?? 1);
}

/**
 * An API whose lists have `count` pages: `/a` is `{"items":["/a 1"],"next":"/a?page=2"}`; on the last page
 * `next` is `null`.
 *
 * @param status the status for a request. Default: 200
 */
export async function pagesServer(
  t: ExecutionContext,
  count: number,
  status: (request: SeenRequest) => number = () => 200,
): Promise<TestServer> {
  return httpServer(t, (request, response) => {
    const path = request.url.replace(/\?.*/, '');
    const page = pageIn(request);
    const next = page < count ? `${path}?page=${page + 1}` : null;
    response.writeHead(status(request), {
      'content-type': 'application/json',
      'retry-after': '0',
      ...(next !== null && { link: `<${next}>; rel="last next"` }),
    });
    response.end(JSON.stringify({ items: [`${path} ${page}`], next }));
  });
}
