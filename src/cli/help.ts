import { shownDefault, shownFlag } from '../options/table.ts';
import type { Option } from '../options/define.ts';
import { usageLine } from './command-line.ts';
import type { CommandLine } from './command-line.ts';

/**
 * The text of --help.
 *
 * @param commands the sub-commands, by name
 */
export function helpText(line: CommandLine, commands: Readonly<Record<string, CommandLine>> = {}): string {
  const parts = line.groups.map(({ title, options }) => {
    const rows = Object.entries(options).map(([name, option]) =>
      row(optionUsage(name, option), described(option)),
    );
    return `${title}:\n${rows.join('')}`;
  });
  const subs = Object.entries(commands).map(([name, { operands, help }]) => row(`${name} ${operands}`, help));
  const codes = Object.entries(line.exitCodes).map(([code, help]) => row(code, help));
  return [
    `${usageLine(line)}\n`,
    `${wrapped(line.help, leftWidth + rightWidth).join('\n')}\n`,
    ...parts,
    ...(subs.length === 0 ? [] : [`Commands:\n${subs.join('')}`, commandsNote]),
    ...(line.groups.length > 1 ? [notes] : []),
    `Exit codes:\n${codes.join('')}`,
  ].join('\n');
}

const notes =
  'Durations: 500ms, 30s, 5m, 6h. Sizes: 64kB, 10MB, 1GiB. --no-NAME turns a switch --NAME off.\n' +
  'A FILE that an option reads may be "-" for standard input.\n';

const commandsNote =
  'urlmill NAME --help tells more of a command, whose name is the first word. A FILE of such a name: ./NAME.\n';

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

/** The text in lines that are at most so wide, where its words allow it. */
export function wrapped(text: string, width: number): string[] {
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
