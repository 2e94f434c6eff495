import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { runUrlmill } from '../urlmill.ts';
import type { Command } from '../urlmill.ts';
import { check } from './check.ts';
import type { Outcome } from './check.ts';

export interface Round {
  readonly command: Command;
  readonly dir: string;
  readonly seed: number;
  readonly rows: readonly number[];
  readonly urlOf: (row: number) => string;
  readonly options?: readonly string[];
  /** Milliseconds after which a run is killed and counts as hung; null for no limit. */
  readonly longest: number | null;
}

// The timeouts are far above what a row needs on a busy machine: what would hang is ended by the servers.
// There is no --quiet, as it would hide the message about an unknown error.
const limits = [
  '--progress',
  'never',
  '-c',
  '256',
  '--retries',
  '0',
  '--timeout',
  '60s',
  '--connect-timeout',
  '60s',
];
const shown = ['--columns', 'all,-soft_404', '--body', 'body', '--response-header', 'token=X-Token'];

/**
 * Runs the command once over these rows, and checks that each comes back once and holds nothing sent to
 * another.
 */
export async function runRound(round: Round): Promise<Outcome> {
  const { command, dir, seed, rows, urlOf, options = [], longest } = round;
  const [input, output] = [join(dir, 'fuzz.csv'), join(dir, 'fuzz.jsonl')];
  await writeFile(input, `id,url\n${rows.map((row) => `${row},${urlOf(row)}\n`).join('')}`);
  await writeFile(output, '');
  const files = ['-u', 'url', '-o', output, input];
  const args = [...limits, '--max-wait', '1s', ...shown, '--proxy', 'none', ...options, ...files];
  const ended = await runUrlmill(command, args, longest);
  return check({ ...ended, seed, rows, output: await readFile(output, 'utf8') });
}

/** Bisects a failing round, and returns the smallest set of rows found that still fails. */
export async function smallest(round: Round): Promise<readonly number[]> {
  const half = round.rows.length >> 1;
  for (const rows of half === 0 ? [] : [round.rows.slice(0, half), round.rows.slice(half)]) {
    const part = { ...round, rows };
    if ((await runRound(part)).problems.length > 0) return smallest(part);
  }
  return round.rows;
}
