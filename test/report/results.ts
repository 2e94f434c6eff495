import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { urlmill } from '../helpers/cli.ts';

import { join } from 'node:path';

import type { ExecutionContext } from 'ava';

/** The header of a result with all columns that a report can use. */
export const header =
  'id,site,fetch_status,fetch_error,fetch_url,fetch_bytes,fetch_ms,fetch_attempts,fetch_at,fetch_first_byte_ms,fetch_redirects,fetch_redirect_chain,fetch_first_status,fetch_error_detail,fetch_change';

/** A cell of CSV. */
export function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}

interface Said {
  readonly site?: string;
  readonly status?: number;
  readonly error?: string;
  readonly url?: string;
  readonly ms?: number;
  readonly at?: string;
  readonly chain?: string;
  readonly firstStatus?: number;
  readonly detail?: string;
  readonly change?: string;
}

/** A line of a result with that header. */
export function line(id: number, said: Said): string {
  const { site = `http://host${id % 7}.example/${id}`, status, error = '', url = site, ms = 10 } = said;
  const { at = '2026-03-01T10:00:00.000Z', chain = '', firstStatus = '', detail = '', change = '' } = said;
  const redirects = chain === '' ? 0 : chain.split(' ').length;
  return [
    id,
    site,
    status ?? '',
    error,
    url,
    100,
    ms + 5,
    1,
    at,
    ms,
    redirects,
    chain,
    firstStatus,
    detail,
    change,
  ]
    .map((cell) => quoted(String(cell)))
    .join(',');
}

/** A result with these lines. */
export function result(...lines: readonly string[]): string {
  return `${[header, ...lines].join('\n')}\n`;
}

/** Makes the report of a result with the command. @returns the report's path */
export async function reportOf(
  t: ExecutionContext,
  content: string,
  ...args: readonly string[]
): Promise<string> {
  const cwd = await temporaryFolder(t, { 'result.csv': content });
  const ended = await urlmill(['report', 'result.csv', '-o', 'report.html', ...args], { cwd });
  t.is(ended.stderr, 'urlmill: the report is in report.html\n');
  t.is(ended.stdout, '');
  t.is(ended.code, 0);
  return join(cwd, 'report.html');
}
