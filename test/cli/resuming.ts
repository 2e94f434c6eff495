import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import type { ExecutionContext } from 'ava';

import { run } from '../../src/run.ts';
import type { RunOptions } from '../../src/run.ts';
import { urlmill } from '../helpers/cli.ts';
import type { Ended } from '../helpers/cli.ts';
import { committed } from '../helpers/journals.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { httpServer } from '../helpers/server.ts';
import type { SeenRequest, TestServer } from '../helpers/server.ts';

export interface HoldingServer extends TestServer {
  /** Answers all requests, held or new, from now on. */
  readonly release: () => void;
  /** Number of requests for each path. */
  readonly counts: () => Map<string, number>;
}

/** A server that answers some requests at once, and holds the others until `release`. */
export async function holdingServer(
  t: ExecutionContext,
  holds: (request: SeenRequest) => boolean,
): Promise<HoldingServer> {
  let holding = true;
  const server = await httpServer(t, (request, response) => {
    if (!holding || !holds(request)) response.end(`<title>${request.url}</title>`);
  });
  const counts = (): Map<string, number> => {
    const seen = new Map<string, number>();
    for (const { url } of server.requests) seen.set(url, (seen.get(url) ?? 0) + 1);
    return seen;
  };
  return { ...server, release: () => void (holding = false), counts };
}

/** Whether the number at the end of the path is odd. */
export function odd({ url }: { readonly url: string }): boolean {
  return Number(/\d+$/.exec(url)?.[0]) % 2 === 1;
}

export interface Work {
  readonly cwd: string;
  readonly args: readonly string[];
  /** Name of the output. Default: out.csv. */
  readonly output?: string;
}

/** Runs the command until this many rows of its output are committed, then kills it. */
export async function killedAt(
  t: ExecutionContext,
  rows: number,
  { cwd, args, output = 'out.csv' }: Work,
): Promise<Ended> {
  const child = runningUrlmill(t, ['-o', output, ...args], { cwd });
  const ended = endOf(child);
  await committed(join(cwd, output), rows);
  child.kill('SIGKILL');
  return ended;
}

/** Runs the command with --resume to its end. */
export function resumed({ cwd, args, output = 'out.csv' }: Work): Promise<Ended> {
  return urlmill(['-o', output, '--resume', ...args], { cwd });
}

/** The output as text, unpacked. */
export async function outputOf(path: string): Promise<string> {
  const bytes = await readFile(path);
  return (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
}

/** The output of an undisturbed run. */
export async function undisturbed(cwd: string, output: string, options: RunOptions): Promise<string> {
  const path = join(cwd, `undisturbed-${output}`);
  await run({ ...options, output: path });
  return outputOf(path);
}

export function sortedLines(text: string): string[] {
  return text.split('\n').toSorted();
}

/** A list `id,url` with rows for this server, numbered from 1. */
export function list(server: { readonly url: string }, rows: number): string {
  return `id,url\n${Array.from({ length: rows }, (_, i) => `${i + 1},${server.url}/${i + 1}\n`).join('')}`;
}
