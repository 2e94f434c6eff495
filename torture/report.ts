import { mkdir, writeFile } from 'node:fs/promises';

import { describeMachine, packageVersion } from '../bench/machine.ts';
import { fromRoot } from '../bench/project.ts';
import { renderTable } from '../bench/report.ts';
import { printable } from '../src/watch/escape.ts';
import { addTo } from './fuzz/check.ts';
import type { FuzzOutcome, FuzzVariant } from './fuzz/variants.ts';
import type { KillsOutcome, KillsVariant } from './kills.ts';
import type { Kind } from './faults.ts';
import type { Tally } from './sweep.ts';
import type { Variant } from './variants.ts';

export interface RunReport {
  readonly nodeVersion: string;
  /** Null if nothing is traced. */
  readonly strace: string | null;
  readonly rows: number;
  readonly seed: number;
  readonly short: boolean;
}

const kinds: readonly Kind[] = ['kill', 'ENOSPC', 'full', 'EIO'];

/** The head of a report. */
export async function renderHead({ nodeVersion, strace, rows, seed, short }: RunReport): Promise<string> {
  return [
    `# Torture, Node ${nodeVersion}${short ? ', short' : ''}`,
    '',
    `- Date: ${today()}`,
    `- Machine: ${await describeMachine()}`,
    `- Versions: urlmill ${await packageVersion('package.json')}, Node ${nodeVersion}${strace === null ? '' : `, ${strace}`}`,
    strace === null ? `- Seed: ${seed}` : `- Rows: ${rows}; seed: ${seed}`,
  ].join('\n');
}

/** The outcome of the faults in one variant, one line per system call. */
export function renderSweep({ name, about }: Variant, tallies: readonly Tally[]): string {
  const calls = [...new Set(tallies.map(({ call }) => call))];
  const rows = calls.map((call) => {
    const own = tallies.filter((tally) => tally.call === call);
    const cells = kinds.map((kind) => String(own.find((tally) => tally.kind === kind)?.tried ?? '–'));
    return [call, String(own[0]?.count ?? 0)].concat(cells, String(sum(own, 'failed')));
  });
  const total = kinds.map((kind) =>
    String(
      sum(
        tallies.filter((tally) => tally.kind === kind),
        'tried',
      ),
    ),
  );
  return renderTable({
    title: `${name}: ${about}`,
    head: ['call', 'calls', 'killed', 'ENOSPC', 'full', 'EIO', 'failures'],
    rows: [...rows, ['all', '', ...total, String(sum(tallies, 'failed'))]],
  });
}

export function renderKills(outcomes: readonly (readonly [KillsVariant, number, KillsOutcome])[]): string {
  return renderTable({
    title: 'Killed at random moments',
    head: [
      'variant',
      'rows',
      'kills',
      'requests',
      'bound',
      'most again after a kill',
      'most at once',
      'exactly once',
    ],
    rows: outcomes.map(([{ name }, rows, { kills, requests, bound, mostAgain, mostAtOnce, problems }]) => [
      name,
      ...[rows, kills, requests, bound, mostAgain, mostAtOnce].map(String),
      problems.length === 0 ? 'yes' : 'NO',
    ]),
  });
}

/** How the rows of a fuzz variant ended, with which texts, and how to reproduce each failure. */
export function renderFuzz({ name, about }: FuzzVariant, outcome: FuzzOutcome): string {
  const { rows, ends, words, figures, problems } = outcome;
  const rare = [...ends].filter(([end, count]) => /^\d+$/.test(end) && count < fewRows);
  const others = rare.reduce((total, [, count]) => total + count, 0);
  const common = mostFirst(ends).filter(([end]) => !rare.some(([other]) => end === other));
  const table = renderTable({
    title: `${name}: ${rows} mutated ${about}, ${problems.length} failures`,
    head: ['failure code or status', 'rows'],
    rows: [...common, ...(others > 0 ? [[`${rare.length} other statuses`, String(others)]] : [])],
  });
  const verdicts = mostFirst(mergeWords(words));
  const wordTable = renderTable({
    title: `${name}: the commonest of ${verdicts.length} kinds of \`error_detail\``,
    head: ['words', 'rows'],
    rows: verdicts.slice(0, 20),
  });
  const failures = problems.map((problem) => `\`\`\`text\n${problem}\n\`\`\``);
  return [table, ...figures, wordTable, ...failures].join('\n\n');
}

/** Statuses with fewer rows are summed up as "other statuses". */
const fewRows = 10;

function mostFirst(counts: ReadonlyMap<string, number>): string[][] {
  return [...counts].toSorted(([, a], [, b]) => b - a).map(([key, count]) => [key, String(count)]);
}

/**
 * Merges texts that differ only in names and numbers; of an OpenSSL error, the library and the reason are
 * kept.
 */
function mergeWords(words: ReadonlyMap<string, number>): Map<string, number> {
  const merged = new Map<string, number>();
  for (const [detail, count] of words) {
    const plain = detail
      .replace(/^\w*:error:\w+:([^:]*):[^:]*:([^:]*):.*$/s, '$1: $2')
      .replaceAll(/[0-9a-f]*\d[0-9a-f]*/gi, '#');
    addTo(merged, printable(plain, 90).replaceAll('|', '\\|'), count);
  }
  return merged;
}

/** @param part suffix for the file name: the selected variants; empty for all */
export async function saveReport(text: string, nodeVersion: string, part: string): Promise<string> {
  const path = `torture/results/${today()}${part}-node${nodeVersion.split('.')[0]}.md`;
  await mkdir(fromRoot('torture/results'), { recursive: true });
  await writeFile(fromRoot(path), text);
  return path;
}

function sum(tallies: readonly Tally[], key: 'tried' | 'failed'): number {
  return tallies.reduce((total, tally) => total + tally[key], 0);
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
