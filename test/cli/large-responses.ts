import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

import type { ExecutionContext } from 'ava';

import { httpServer } from '../helpers/server.ts';
import type { TestServer } from '../helpers/server.ts';

/**
 * Larger than the 256 KiB that stay in memory if a body is only saved or hashed; its parts differ from one
 * another.
 */
export const large = Buffer.from(Array.from({ length: 60_000 }, (_, i) => `line ${i};`).join(''));
export const hashOf = (body: Buffer): string => createHash('sha256').update(body).digest('hex');
export const sha256 = hashOf(large);
export const page = Buffer.from(`<title>One</title>${'<p>text</p>'.repeat(40_000)}`);

export async function site(t: ExecutionContext): Promise<TestServer> {
  return httpServer(t, ({ url }, response) => {
    const isPage = url.startsWith('/page');
    response.setHeader('content-type', isPage ? 'text/html' : 'application/octet-stream');
    if (url === '/packed') response.setHeader('content-encoding', 'gzip').end(gzipSync(large));
    else if (url === '/chunked') {
      for (let at = 0; at < large.length; at += 100_000) response.write(large.subarray(at, at + 100_000));
      response.end();
    } else response.end(isPage ? page : large);
  });
}

export async function filesIn(folder: string): Promise<string[]> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  return all.filter((entry) => entry.isFile()).map(({ name }) => name);
}
