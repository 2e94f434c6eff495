import type { Command } from '../urlmill.ts';
import { certificateServer } from './certificates.ts';
import { addTo } from './check.ts';
import { recordServer } from './records.ts';
import { runRound, smallest } from './round.ts';
import type { Round } from './round.ts';
import { replyServer } from './servers.ts';
import type { FuzzServer } from './servers.ts';

export interface FuzzVariant {
  readonly name: string;
  readonly about: string;
  /** Rows of a full run. A short one has `briefRows`. */
  readonly rows: number;
  readonly briefRows: number;
  /** @param dir folder for files that the client needs */
  readonly open: (seed: number, dir: string) => Promise<FuzzServer>;
}

export const fuzzVariants: readonly FuzzVariant[] = [
  { name: 'fuzz-replies', about: 'HTTP replies', rows: 100_000, briefRows: 400, open: replyServer },
  { name: 'fuzz-tls', about: 'TLS records', rows: 4000, briefRows: 100, open: recordServer },
  {
    name: 'fuzz-certificates',
    about: 'certificate chains',
    rows: 5000,
    briefRows: 100,
    open: certificateServer,
  },
];

export interface FuzzOutcome {
  /** Rows in all modes together. */
  readonly rows: number;
  readonly failed: number;
  readonly ends: ReadonlyMap<string, number>;
  readonly words: ReadonlyMap<string, number>;
  readonly figures: readonly string[];
  /** Each with the rows and seed to reproduce it. */
  readonly problems: readonly string[];
}

export interface FuzzSettings {
  readonly command: Command;
  readonly dir: string;
  readonly seed: number;
  readonly rows: number;
  /** Milliseconds after which a run of the command is killed and counts as hung; null for no limit. */
  readonly longest: number | null;
}

const roundSize = 1000;

/**
 * Runs all rows of a variant, a thousand at a time, in each mode. A failing round is reduced to its smallest
 * part.
 */
export async function fuzz(variant: FuzzVariant, settings: FuzzSettings): Promise<FuzzOutcome> {
  const { command, dir, seed, rows, longest } = settings;
  const server = await variant.open(seed, dir);
  const ends = new Map<string, number>();
  const words = new Map<string, number>();
  const problems: string[] = [];
  let failed = 0;
  for (let first = 1; first <= rows; first += roundSize) {
    const length = Math.min(roundSize, rows - first + 1);
    const numbers = Array.from({ length }, (_, index) => first + index);
    for (const options of server.modes) {
      const round = { command, dir, seed, rows: numbers, urlOf: server.urlOf, options, longest };
      const outcome = await runRound(round);
      for (const [end, count] of outcome.ends) addTo(ends, end, count);
      for (const [detail, count] of outcome.words) addTo(words, detail, count);
      if (outcome.problems.length === 0) continue;
      failed++;
      const said = outcome.problems.slice(0, 5).map(({ text }) => text);
      problems.push([...said, await reproducer(round, server)].join('\n'));
    }
  }
  const figures = server.figures();
  server.close();
  return { rows: rows * server.modes.length, failed, ends, words, figures, problems };
}

/** The rows that reproduce a failure, and what was sent to the first three of them. */
async function reproducer(round: Round, { show }: FuzzServer): Promise<string> {
  const left = await smallest(round);
  const head = `rows ${left.slice(0, 20).join(', ')} of seed ${round.seed} ${round.options?.join(' ')}`;
  return [head, ...left.slice(0, 3).map((row) => `row ${row}: ${show(row)}`)].join('\n');
}
