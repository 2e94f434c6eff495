import type { Ended } from '../urlmill.ts';
import { tokenOf } from './mutation.ts';

export interface Problem {
  /** Null if it concerns the whole run. */
  readonly row: number | null;
  readonly text: string;
}

export interface Outcome {
  readonly problems: readonly Problem[];
  /** Number of rows that ended with each failure code or status. */
  readonly ends: ReadonlyMap<string, number>;
  /** Number of rows with each text of `error_detail`. */
  readonly words: ReadonlyMap<string, number>;
}

/** What a run left, and the rows it was given. */
export interface Run extends Ended {
  readonly seed: number;
  readonly rows: readonly number[];
  /** JSON Lines with all columns; `id` is the number of the row. */
  readonly output: string;
}

interface Result {
  readonly id: string;
  readonly fetch_status: number | null;
  readonly fetch_error: string | null;
  readonly fetch_error_detail: string | null;
}

/**
 * Checks that the run ended well, that each row came back exactly once, and that none holds what was sent to
 * another.
 */
export function check(run: Run): Outcome {
  const ended = problemOf(run);
  const ends = new Map<string, number>();
  const words = new Map<string, number>();
  if (run.code !== 0) return { problems: ended, ends, words };

  const owners = new Map(run.rows.map((row) => [tokenOf(run.seed, row), row]));
  const times = new Map(run.rows.map((row) => [row, 0]));
  const problems = [...ended];
  for (const line of run.output.split('\n')) {
    if (line === '') continue;
    const {
      id,
      fetch_status: status,
      fetch_error: error,
      fetch_error_detail: detail,
    } = JSON.parse(line) as Result;
    const row = Number(id);
    addTo(times, row);
    addTo(ends, String(error || status));
    if (detail) addTo(words, detail);
    for (const owner of tokensIn(line, owners)) {
      if (owner !== row)
        problems.push({ row: owner, text: `what was sent to row ${owner} is in row ${row}` });
    }
  }
  for (const [row, count] of times)
    if (count !== 1 || !owners.has(tokenOf(run.seed, row)))
      problems.push({ row, text: `row ${row} came ${count} times` });
  return { problems, ends, words };
}

function problemOf({ code, stderr, hung }: Ended): readonly Problem[] {
  const said = stderr.slice(0, 500);
  if (hung) return [{ row: null, text: `it did not end: ${said}` }];
  if (code !== 0) return [{ row: null, text: `exit code ${code}: ${said}` }];
  const unusual = stderr.split('\n').find((line) => !usual.test(line));
  return unusual === undefined ? [] : [{ row: null, text: `on standard error: ${unusual.slice(0, 500)}` }];
}

/**
 * Matches an ordinary line of the command on standard error: one that reports no bug and no unknown error.
 */
const usual = /^(?:urlmill: (?!.*\b(?:bug|report it)\b).*)?$/;

/** The rows whose tokens are in a line. A token that a mutation damaged belongs to no row and is ignored. */
function tokensIn(line: string, owners: ReadonlyMap<string, number>): ReadonlySet<number> {
  const found = [...line.matchAll(/tk[0-9a-f]{16}/g)].map(([token]) => owners.get(token));
  return new Set(found.filter((owner) => owner !== undefined));
}

export function addTo<K>(counts: Map<K, number>, key: K, more = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + more);
}
