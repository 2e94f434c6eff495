import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ExecutionContext } from 'ava';

import { run } from '../../src/run.ts';
import type { RunOptions } from '../../src/run.ts';
import type { Summary } from '../../src/watch/summary.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import type { Answer, SeenRequest, TestServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Sends a page with a hash of its text as the ETag, or 304 if the client has that one. */
export function tagged(request: SeenRequest, response: Parameters<Answer>[1], text: string): void {
  const tag = `"${sha256(text).slice(0, 8)}"`;
  response.setHeader('ETag', tag).setHeader('Content-Type', 'text/html');
  if (request.headers['if-none-match'] === tag) response.writeHead(304).end();
  else response.end(text);
}

/** Sends a page without an ETag or date. */
export function untagged(_: unknown, response: Parameters<Answer>[1], text: string): void {
  response.setHeader('Content-Type', 'text/html').end(text);
}

export interface Nights {
  readonly cwd: string;
  readonly server: TestServer;
  readonly notices: string[];
  /** The text that the server sends for each path; a path without one gets 404. */
  readonly texts: Map<string, string>;
  /** Runs the list against the last output, into out.csv. */
  readonly once: (options?: RunOptions) => Promise<void>;
  /** The same. @returns its rows, in the order of the list */
  readonly night: (options?: RunOptions) => Promise<Record<string, string>[]>;
  readonly summary: () => Summary | null;
  /** Rewrites the list. An element is a path on the server, or a line as it is. */
  readonly list: (lines: readonly string[]) => Promise<void>;
  /** The If-None-Match values of the last night, in the order of requests. */
  readonly asked: () => readonly (string | undefined)[];
}

/** A server with a few pages, and runs that each compare with the one before in out.csv. */
export async function nights(
  t: ExecutionContext,
  texts: Readonly<Record<string, string>>,
  answer?: (request: SeenRequest, response: Parameters<Answer>[1], text: string) => void,
): Promise<Nights> {
  const pages = new Map(Object.entries(texts));
  const server = await httpServer(t, (request, response) => {
    const text = pages.get(request.url);
    if (text === undefined) response.writeHead(404).end('none');
    else (answer ?? tagged)(request, response, text);
  });
  const cwd = await temporaryFolder(t);
  const notices: string[] = [];
  const list = async (lines: readonly string[]): Promise<void> =>
    writeFile(
      join(cwd, 'in.txt'),
      lines.map((line) => `${line.startsWith('/') ? server.url : ''}${line}\n`).join(''),
    );
  await list([...pages.keys()]);
  let summary: Summary | null = null;
  let before = 0;
  return {
    cwd,
    server,
    notices,
    texts: pages,
    list,
    summary: () => summary,
    asked: () => server.requests.slice(before).map(({ headers }) => headers['if-none-match']),
    once,
    night: async (options = {}) => {
      await once(options);
      return csvObjects(await readFile(options.output ?? join(cwd, 'out.csv'), 'utf8'));
    },
  };
  async function once(options: RunOptions = {}): Promise<void> {
    notices.length = 0;
    before = server.requests.length;
    const input = join(cwd, 'in.txt');
    const output = options.output ?? join(cwd, 'out.csv');
    summary = await run({
      input,
      since: output,
      ordered: true,
      retries: 0,
      onNotice: (text) => notices.push(text),
      ...options,
      output,
    });
  }
}

export const changes = (rows: readonly Record<string, string>[]): (string | undefined)[] =>
  rows.map(({ fetch_change }) => fetch_change);
