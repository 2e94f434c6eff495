import type { ExecutionContext } from 'ava';

import type { Page, Processor, Values } from '../../src/shared/records.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { httpServer } from '../helpers/server.ts';
import type { SeenRequest, TestServer } from '../helpers/server.ts';

/** A processor with the columns `a` and `b`, which runs in the thread of the stream. */
export function processor(process: (page: Page) => Promise<Values> | Values): Processor {
  return { columns: ['a', 'b'], process };
}

/** A module with the same columns; this is the body of its `process(page)`. */
export async function moduleOf(t: ExecutionContext, body: string): Promise<string> {
  const module = `export default { columns: ['a', 'b'], async process(page) { ${body} } };`;
  return `${await temporaryFolder(t, { 'm.mjs': module })}/m.mjs`;
}

export async function echo(
  t: ExecutionContext,
  status: (request: SeenRequest) => number = () => 200,
): Promise<TestServer> {
  return httpServer(t, (request, response) => {
    response.writeHead(status(request), {
      'content-type': 'application/json',
      'retry-after': '1',
      'x-is': 'there',
    });
    response.end(JSON.stringify({ url: request.url, method: request.method, body: request.body }));
  });
}

export const part =
  'const { status, json, headers } = await page.fetch("part?x=1"); return { a: status, b: json().url + headers["x-is"] };';

export const twelve = Array.from({ length: 12 }, (_, n) => n);
