import type { ExecutionContext } from 'ava';

import { urlmill } from '../helpers/cli.ts';
import type { Ended, RunSettings } from '../helpers/cli.ts';
import { csvObjects } from '../helpers/csv.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

export type Files = Readonly<Record<string, string | Buffer>>;

interface Compared extends Ended {
  readonly cwd: string;
}

export async function compared(
  t: ExecutionContext,
  files: Files,
  args: readonly string[] = ['old.csv', 'new.csv'],
  settings: Partial<RunSettings> = {},
): Promise<Compared> {
  const cwd = await temporaryFolder(t, files);
  return { ...(await urlmill(['diff', ...args], { cwd, ...settings })), cwd };
}

export const header =
  'url,name,fetch_status,fetch_error,fetch_type,fetch_bytes,fetch_ms,fetch_attempts,fetch_at,fetch_title';

/** A line of a result. @param found status, failure code, type, bytes and title, separated by spaces */
export function line(name: string, found: string, ms = 5): string {
  const [status, error, type, bytes, title] = found.split(' ');
  const url = `https://${name}.example/`;
  return [url, name, status, error, type, bytes, ms, 1, `2026-11-27T00:00:0${ms}.000Z`, title].join(',');
}

export function result(...lines: readonly string[]): string {
  return [header, ...lines, ''].join('\n');
}

export const good = '200  text/html 10 T';
export const old = result(
  line('same', good),
  line('changed', good),
  line('failed', good),
  line('lost', good),
  line('recovered', '503  text/html 3 '),
  line('still', ' connect-timeout   '),
  line('down', '500  text/html 3 '),
  line('gone', good),
);
export const now = result(
  line('new', good, 6),
  line('down', '500  text/html 3 ', 7),
  line('still', ' dns-not-found   ', 7),
  line('recovered', good, 7),
  line('lost', ' connect-refused   ', 7),
  line('failed', '404  text/html 9 N', 7),
  line('changed', '200  text/html 10 U', 7),
  line('same', good, 7),
);
export const files = { 'old.csv': old, 'new.csv': now };

export function changes(text: string): (string | undefined)[][] {
  return csvObjects(text).map(({ change, name }) => [change, name]);
}

export const allChanges = [
  ['new', 'new'],
  ['still-failing', 'still'],
  ['recovered', 'recovered'],
  ['failed', 'lost'],
  ['failed', 'failed'],
  ['changed', 'changed'],
  ['gone', 'gone'],
];

/** The file names of both results. */
export const oldAndNew = ['old.csv', 'new.csv'];
