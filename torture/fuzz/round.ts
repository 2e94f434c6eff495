import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { runUrlmill } from '../urlmill.ts';
import type { Command } from '../urlmill.ts';
import { tokenOf } from './mutation.ts';

export interface Round {
  readonly command: Command;
  readonly dir: string;
  readonly seed: number;
  readonly rows: readonly number[];
  readonly urlOf: (row: number) => string;
  readonly options?: readonly string[];
}

export interface Outcome {
  /** What is wrong, and with which row where one is known. */
  readonly problems: readonly { readonly row: number | null; readonly text: string }[];
  /** How many rows have ended with each failure code, or a status. */
  readonly ends: ReadonlyMap<string, number>;
}

interface Result {
  readonly id: string;
  readonly fetch_status: unknown;
  readonly fetch_error: unknown;
}

/** One run of the command over these rows: each comes back once, and holds nothing that was sent to another. */
export async function runRound(round: Round): Promise<Outcome> {
  const { command, dir, seed, rows, urlOf, options = [] } = round;
  const [input, output] = [join(dir, 'fuzz.csv'), join(dir, 'fuzz.jsonl')];
  await writeFile(input, `id,url\n${rows.map((row) => `${row},${urlOf(row)}\n`).join('')}`);
  await writeFile(output, '');
  const limits = ['-q', '-c', '256', '--retries', '0', '--timeout', '5s', '--max-wait', '1s'];
  const shown = ['--columns', 'all', '--body', 'body', '--response-header', 'token=X-Token'];
  const { code, stderr } = await runUrlmill(command, [
    ...limits,
    ...shown,
    '--proxy',
    'none',
    '-u',
    'url',
    ...options,
    '-o',
    output,
    input,
  ]);
  const problems: { row: number | null; text: string }[] = [];
  if (code !== 0) problems.push({ row: null, text: `exit code ${code}: ${stderr.slice(0, 500)}` });
  else if (/^ +at |\bbug\b/im.test(stderr)) problems.push({ row: null, text: stderr.slice(0, 500) });
  const ends = new Map<string, number>();
  if (code !== 0) return { problems, ends };

  const owners = new Map(rows.map((row) => [tokenOf(seed, row), row]));
  const times = new Map(rows.map((row) => [row, 0]));
  for (const line of (await readFile(output, 'utf8')).split('\n').slice(0, -1)) {
    const { id, fetch_status: status, fetch_error: error } = JSON.parse(line) as Result;
    const row = Number(id);
    times.set(row, (times.get(row) ?? 0) + 1);
    const end = String(error || status);
    ends.set(end, (ends.get(end) ?? 0) + 1);
    for (const [token] of line.matchAll(/tk[0-9a-f]{16}/g)) {
      const owner = owners.get(token) ?? row;
      if (owner !== row)
        problems.push({ row: owner, text: `what was sent to row ${owner} is in row ${row}` });
    }
  }
  for (const [row, count] of times)
    if (count !== 1) problems.push({ row, text: `row ${row} came ${count} times` });
  return { problems, ends };
}

/** The smallest part of a failing round, found by halves, that fails as well. */
export async function smallest(round: Round): Promise<readonly number[]> {
  const half = round.rows.length >> 1;
  for (const rows of half === 0 ? [] : [round.rows.slice(0, half), round.rows.slice(half)]) {
    const part = { ...round, rows };
    if ((await runRound(part)).problems.length > 0) return smallest(part);
  }
  return round.rows;
}
