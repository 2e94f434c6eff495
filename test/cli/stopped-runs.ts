import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import type { Ended } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { httpServer } from '../helpers/server.ts';
import type { Answer, TestServer } from '../helpers/server.ts';

/** A list with ids from 1, and a path for each. */
export function list(url: string, rows: number): string {
  return `id,url\n${Array.from({ length: rows }, (_, i) => `${i + 1},${url}/${i + 1}\n`).join('')}`;
}

export interface StoppableServer extends TestServer {
  /** Answers every request at once from now on. */
  readonly heal: () => void;
}

/** A server that answers as told until it is healed. */
export async function stoppableServer(t: ExecutionContext, answer: Answer): Promise<StoppableServer> {
  let healthy = false;
  const server = await httpServer(t, (request, response) => {
    if (healthy) response.end('ok');
    else answer(request, response);
  });
  return { ...server, heal: () => void (healthy = true) };
}

/** Answers these paths at once, and lets all others hang. */
export function onlyTo(...paths: readonly string[]): Answer {
  return ({ url }, response) => {
    if (paths.includes(url)) response.end('ok');
  };
}

/** `ID VALUE` for each row of a file in the order of ids, with the value of one column. */
export async function rowsOf(cwd: string, file: string, column = 'fetch_error'): Promise<string[]> {
  const rows = csvObjects(await readFile(join(cwd, file), 'utf8'));
  return rows
    .toSorted((a, b) => Number(a['id']) - Number(b['id']))
    .map((row) => `${row['id']} ${row[column]}`.trim());
}

/** Resumes into out.csv, and checks that each row is in it once and no temporary file is left. */
export async function resumes(
  t: ExecutionContext,
  args: readonly string[],
  { cwd, rows }: { readonly cwd: string; readonly rows: number },
): Promise<Ended> {
  const ended = await urlmill(['--resume', '-o', 'out.csv', ...args, 'in.csv'], { cwd });
  t.is(ended.code, 0, ended.stderr);
  t.deepEqual(
    await rowsOf(cwd, 'out.csv', 'fetch_status'),
    Array.from({ length: rows }, (_, i) => `${i + 1} 200`),
  );
  t.deepEqual(await leftovers(cwd), []);
  return ended;
}

export async function leftovers(cwd: string): Promise<string[]> {
  return (await readdir(cwd)).filter((name) => /\.(part|journal)$/.test(name)).toSorted();
}

/** Waits until these words have come from a stream. */
export async function says(stream: Readable, words: string): Promise<void> {
  let seen = '';
  while (!seen.includes(words)) seen += String(((await once(stream, 'data')) as [Buffer])[0]);
}
