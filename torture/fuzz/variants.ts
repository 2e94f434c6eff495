import type { Command } from '../urlmill.ts';
import { replyTo } from './replies.ts';
import { runRound, smallest } from './round.ts';
import { replyServer } from './servers.ts';
import type { FuzzServer } from './servers.ts';
import { certificateOf, certificateServer, pem, recordServer } from './tls.ts';

export interface FuzzVariant {
  readonly name: string;
  readonly about: string;
  /** Rows of a whole run, and of a short one. */
  readonly rows: number;
  readonly briefRows: number;
  readonly open: (seed: number) => Promise<FuzzServer>;
  /** Every round comes once with each of these. */
  readonly options: readonly (readonly string[])[];
  /** What a row was sent, as text, where it can be made again. */
  readonly show: (seed: number, row: number) => Promise<string>;
}

const secure = [[], ['--insecure']];

export const fuzzVariants: readonly FuzzVariant[] = [
  {
    name: 'fuzz-replies',
    about: 'HTTP replies',
    rows: 100_000,
    briefRows: 400,
    open: replyServer,
    options: [[]],
    show: async (seed, row) => {
      const { bytes, cuts, ending } = replyTo(seed, row);
      return JSON.stringify({ reply: bytes.toString('latin1'), cuts, ending });
    },
  },
  {
    name: 'fuzz-tls',
    about: 'TLS records',
    rows: 4000,
    briefRows: 200,
    open: recordServer,
    options: secure,
    show: async () => 'records are changed as the seed says',
  },
  {
    name: 'fuzz-certificates',
    about: 'certificates',
    rows: 5000,
    briefRows: 200,
    open: certificateServer,
    options: secure,
    show: async (seed, row) => pem((await certificateOf(seed, row)).der),
  },
];

export interface FuzzOutcome {
  readonly rows: number;
  readonly failed: number;
  readonly ends: ReadonlyMap<string, number>;
  /** Each with what makes it again. */
  readonly problems: readonly string[];
}

export interface FuzzSettings {
  readonly command: Command;
  readonly dir: string;
  readonly seed: number;
  readonly rows: number;
}

const roundSize = 1000;

/** Runs all rows of a variant, a thousand at a time; of a round that fails, the smallest part is looked for. */
export async function fuzz(variant: FuzzVariant, settings: FuzzSettings): Promise<FuzzOutcome> {
  const { command, dir, seed, rows } = settings;
  const { urlOf, close } = await variant.open(seed);
  const ends = new Map<string, number>();
  const problems: string[] = [];
  let failed = 0;
  for (let first = 1; first <= rows; first += roundSize) {
    const length = Math.min(roundSize, rows - first + 1);
    const numbers = Array.from({ length }, (_, index) => first + index);
    for (const options of variant.options) {
      const round = { command, dir, seed, rows: numbers, urlOf, options };
      const outcome = await runRound(round);
      for (const [end, count] of outcome.ends) ends.set(end, (ends.get(end) ?? 0) + count);
      if (outcome.problems.length === 0) continue;
      failed++;
      const left = await smallest(round);
      const shown = await Promise.all(left.slice(0, 3).map((row) => variant.show(seed, row)));
      const rowsText = `rows ${left.slice(0, 20).join(', ')} of seed ${seed} ${options.join(' ')}`;
      problems.push([rowsText, ...outcome.problems.slice(0, 5).map(({ text }) => text), ...shown].join('\n'));
    }
  }
  close();
  return { rows: rows * variant.options.length, failed, ends, problems };
}
