import { mkdir, writeFile } from 'node:fs/promises';

import { describeMachine, packageVersion } from '../bench/machine.ts';
import { fromRoot } from '../bench/project.ts';
import { renderTable } from '../bench/report.ts';
import type { FuzzOutcome, FuzzVariant } from './fuzz/variants.ts';
import type { KillsOutcome, KillsVariant } from './kills.ts';
import type { Kind } from './faults.ts';
import type { Tally } from './sweep.ts';
import type { Variant } from './variants.ts';

export interface RunReport {
  readonly nodeVersion: string;
  /** Null where nothing is traced. */
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

/** What came of the faults in one variant, a line for each system call. */
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

/** How the rows of a fuzz have ended, and what makes each failure again. */
export function renderFuzz({ name, about }: FuzzVariant, { rows, ends, problems }: FuzzOutcome): string {
  const table = renderTable({
    title: `${name}: ${rows} mutated ${about}, ${problems.length} failures`,
    head: ['failure code or status', 'rows'],
    rows: [...ends].toSorted(([, a], [, b]) => b - a).map(([end, count]) => [end, String(count)]),
  });
  const failures = problems.map((problem) => `\`\`\`text\n${problem}\n\`\`\``);
  return [table, ...failures].join('\n\n');
}

/** @param part what was asked for, when it was not everything */
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
