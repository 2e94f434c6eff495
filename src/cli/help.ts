import { groups, shownDefault, shownFlag } from '../options/table.ts';
import type { Option } from '../options/define.ts';
import { exitCodes } from './exit-codes.ts';

export const usageLine = 'Usage: urlmill [options] [FILE...]';

const usage = `${usageLine}

Reads URLs from FILEs (CSV, TSV, JSON Lines, or a list with one URL per line), fetches them, and writes each
row with the results appended. FILE "-" or no FILE means standard input.`;

const others: readonly (readonly [string, string])[] = [
  [
    '    --config FILE',
    'Read options from a JSON file. The command line comes first, then the environment (URLMILL_NAME), then this file.',
  ],
  ['-h, --help', 'Show this text.'],
  ['-V, --version', 'Show the version.'],
];

/** The text of --help, made from the option table. */
export function helpText(): string {
  const parts = groups.map(({ title, options }) => {
    const rows = Object.entries(options as Record<string, Option<unknown, unknown>>);
    return `${title}:\n${rows.map(([name, option]) => row(optionUsage(name, option), described(option))).join('')}`;
  });
  const codes = Object.values(exitCodes).map(({ code, help }) => row(String(code), help));
  return [
    `${usage}\n`,
    ...parts,
    `Other:\n${others.map(([left, right]) => row(left, right)).join('')}`,
    `Durations: 500ms, 30s, 5m, 6h. Sizes: 64kB, 10MB, 1GiB. --no-NAME turns a switch --NAME off.\nA FILE that an option reads may be "-" for standard input.\n`,
    `Exit codes:\n${codes.join('')}`,
  ].join('\n');
}

/** `-c, --concurrency N` */
export function optionUsage(name: string, option: Option<unknown, unknown>): string {
  return `${option.short === null ? '    ' : `-${option.short}, `}${shownFlag(name, option)}`;
}

function described(option: Option<unknown, unknown>): string {
  const fallback = shownDefault(option);
  return fallback === '' ? option.help : `${option.help} [${fallback}]`;
}

const leftWidth = 32;
const rightWidth = 76;

function row(left: string, right: string): string {
  const lines = wrapped(right, rightWidth);
  const first =
    left.length > leftWidth - 3 ? `  ${left}\n${' '.repeat(leftWidth)}` : `  ${left}`.padEnd(leftWidth);
  return `${first}${lines.join(`\n${' '.repeat(leftWidth)}`)}\n`;
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
