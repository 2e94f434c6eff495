import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { endOf, runningUrlmill } from '../helpers/running.ts';
import { filesIn } from '../helpers/saved-bodies.ts';
import { httpServer } from '../helpers/server.ts';
import type { Answer, TestServer } from '../helpers/server.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

export const manifest = '.urlmill-saved.jsonl';
export const naming = ['--save-bodies', 'set', '--save-as'];
export const byLabel = [...naming, '{label}/{id}{ext}'];
export const unhurried = ['--timeout', '10m', '--connect-timeout', '10m'];

/** Answers with an image whose bytes are its URL. */
export const image: Answer = ({ url }, response) => {
  response.writeHead(200, { 'content-type': 'image/jpeg' }).end(url);
};

export const cell = (text: string): string => `"${text.replaceAll('"', '""')}"`;

interface Site {
  readonly server: TestServer;
  readonly cwd: string;
  /** Runs the command on `in.csv`, and returns the rows of its output. */
  readonly run: (...args: string[]) => Promise<Record<string, string>[]>;
  /** The files of the set, without the manifest. */
  readonly files: () => Promise<string[]>;
}

export async function site(
  t: ExecutionContext,
  rows: readonly (readonly [id: string, label: string, path: string])[],
  answer: Answer = image,
): Promise<Site> {
  const server = await httpServer(t, answer);
  const lines = rows.map(([id, label, path]) => [id, label, server.url + path].map(cell).join());
  const cwd = await temporaryFolder(t, { 'in.csv': `id,label,url\n${lines.join('\n')}\n` });
  const run = async (...args: string[]): Promise<Record<string, string>[]> => {
    const { code, stdout, stderr } = await urlmill([...unhurried, '--ordered', ...args, 'in.csv'], { cwd });
    t.is(code, 0, stderr);
    return csvObjects(stdout);
  };
  const files = async (): Promise<string[]> =>
    (await filesIn(join(cwd, 'set'))).filter((name) => name !== manifest);
  return { server, cwd, run, files };
}

export const filesOf = (rows: readonly Record<string, string>[]): string[] =>
  rows.map((row) => row['fetch_file'] ?? '');

export const three = [
  ['1', 'cat', '/a'],
  ['1', 'CAT', '/b'],
  ['1', 'cat', '/c'],
  ['e\u0301', 'cat', '/d'],
  ['\u00e9', 'cat', '/e'],
] as const;

/** 600 rows in which each name occurs three times; each row's body is different. */
const many = Array.from({ length: 600 }, (_, i) => [String(i % 200), 'cat', `/${i}`] as const);
const manyBody: Answer = ({ url }, response) => {
  response.writeHead(200, { 'content-type': 'image/png' }).end(`${url} ${'x'.repeat(2000)}`);
};

export async function killed(
  t: ExecutionContext,
  after: number,
  ...more: string[]
): Promise<Site & { args: string[] }> {
  const made = await site(t, many, manyBody);
  const args = [...unhurried, '-c', '20', '--per-host', '20', ...byLabel, ...more, '-o', 'out.csv', 'in.csv'];
  const child = runningUrlmill(t, args, { cwd: made.cwd });
  const ended = endOf(child);
  await made.server.requested(after);
  child.kill('SIGKILL');
  t.is((await ended).signal, 'SIGKILL');
  return { ...made, args };
}

export async function rowsOf(cwd: string, name: string): Promise<Record<string, string>[]> {
  const text = await readFile(join(cwd, name), 'utf8').catch(() => '');
  return csvObjects(text.slice(0, text.lastIndexOf('\n') + 1));
}

/** Checks that each row has a file of its own that contains its body. */
export async function areRight(t: ExecutionContext, { cwd, files }: Site): Promise<void> {
  const rows = await rowsOf(cwd, 'out.csv');
  t.is(rows.length, 600);
  const names = filesOf(rows);
  t.is(new Set(names).size, 600);
  t.deepEqual(
    (await files()).filter((name) => !name.includes('.tmp-')),
    names.toSorted(),
  );
  for (const row of rows) {
    const content = await readFile(join(cwd, 'set', row['fetch_file'] ?? ''), 'utf8');
    t.is(content.split(' ')[0], new URL(row['url'] ?? '').pathname);
    t.regex(row['fetch_file'] ?? '', new RegExp(`^cat/${row['id'] ?? ''}(?:-[23])?\\.png$`));
  }
}
