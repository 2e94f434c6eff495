import { mkdir, writeFile } from 'node:fs/promises';
import { describeMachine, packageVersion, type Tool } from './machine.ts';
import { fromRoot, shownCommand } from './project.ts';
import type { Bench, Check, Findings, Scenario, Table } from './scenario.ts';

export interface Report {
  readonly scenario: Scenario;
  readonly bench: Bench;
  readonly findings: Findings;
  readonly versions: ReadonlyMap<Tool, string>;
  readonly nodeVersion: string;
}

/** The text for both the terminal and the file. */
export async function renderReport(report: Report): Promise<string> {
  const { scenario, bench, findings, versions, nodeVersion } = report;
  const tools = [...versions].map(([tool, version]) => `${tool} ${version}`).join(', ');
  const commands = findings.commands.map(
    ([name, command]) => `# ${name}\n${shownCommand(command, bench.node, bench.dir)}`,
  );
  return [
    `# ${scenario.name}, Node ${nodeVersion}`,
    scenario.about,
    [
      `- Date: ${today()}`,
      `- Machine: ${await describeMachine()}`,
      `- Versions: urlmill ${await packageVersion('package.json')}, Node ${nodeVersion}, ${tools}`,
      `- Rounds: ${bench.rounds}${bench.urls === undefined ? '' : `, a part of the list only: --urls ${bench.urls}`}`,
    ].join('\n'),
    ...findings.tables.map(renderTable),
    renderChecks(findings.checks),
    ...(findings.notes ?? []),
    `## Command lines\n\n\`\`\`sh\n${commands.join('\n')}\n\`\`\``,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

/**
 * Saves a report. If only a part of the list was run, the file name says so, so that it never replaces a full
 * report.
 */
export async function saveReport(report: Report, text: string): Promise<string> {
  const { scenario, bench, nodeVersion } = report;
  const part = bench.urls === undefined ? '' : `-${bench.urls}-urls`;
  const path = `bench/results/${today()}-${scenario.name}-node${nodeVersion.split('.')[0]}${part}.md`;
  await mkdir(fromRoot('bench/results'), { recursive: true });
  await writeFile(fromRoot(path), text);
  return path;
}

function renderChecks(checks: readonly Check[]): string {
  if (checks.length === 0) return '';
  return renderTable({
    title: 'Targets',
    head: ['target', 'measured', 'needed', ''],
    rows: checks.map(({ what, measured, needed, ok }) => [what, measured, needed, ok ? 'pass' : 'FAIL']),
  });
}

export function renderTable({ title, head, rows }: Table): string {
  const widths = head.map((name, i) => Math.max(3, name.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, i) => align(cells[i] ?? '', width, i)).join(' | ')} |`;
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [`## ${title}`, '', line(head), line(rule), ...rows.map(line)].join('\n');
}

/** Names are aligned to the left, figures to the right. */
const align = (cell: string, width: number, column: number): string =>
  column === 0 ? cell.padEnd(width) : cell.padStart(width);

const today = (): string => new Date().toISOString().slice(0, 10);
