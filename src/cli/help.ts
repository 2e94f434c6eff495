import { UsageError } from '../shared/errors.ts';
import { didYouMean } from '../shared/nearest.ts';
import { shownDefault, shownFlag } from '../options/table.ts';
import type { Option } from '../options/define.ts';
import { usageLine } from './command-line.ts';
import type { CommandLine } from './command-line.ts';

/** Width and style of the terminal or file that a text is printed on. */
export interface Page {
  /** Columns. */
  readonly width: number;
  /** Whether headings may stand out. */
  readonly isStyled: boolean;
}

/** For a file or pipe: as wide as the narrowest usual terminal. */
export const plainPage: Page = { width: 80, isStyled: false };

/** Longer lines are hard to read. */
const widest = 110;

export type CommandLines = Readonly<Record<string, CommandLine>>;

/**
 * The text of --help.
 *
 * @param commands the sub-commands, by name
 */
export function helpText(line: CommandLine, commands: CommandLines = {}, page = plainPage): string {
  const { row, heading, width } = layoutOf(page);
  const parts = line.groups.map((group) => groupText(group, page));
  const subs = Object.entries(commands).map(([name, { operands, help }]) => row(`${name} ${operands}`, help));
  const codes = Object.entries(line.exitCodes).map(([code, help]) => row(code, help));
  const paragraph = (text: string): string => `${wrapped(text, width).join('\n')}\n`;
  return [
    `${usageLine(line)}\n`,
    paragraph(line.help),
    ...parts,
    ...(subs.length === 0 ? [] : [`${heading('Commands')}\n${subs.join('')}`, paragraph(commandsNote)]),
    ...(line.groups.length > 1 ? [notes.map(paragraph).join('')] : []),
    `${heading('Exit codes')}\n${codes.join('')}`,
  ].join('\n');
}

/**
 * The help of a sub-command, or of a group of options by its title.
 *
 * @param line the command that has the groups
 * @returns null when there is no such topic
 */
export function topicText(
  topic: string,
  line: CommandLine,
  commands: CommandLines,
  page = plainPage,
): string | null {
  const command = Object.hasOwn(commands, topic) ? commands[topic] : undefined;
  if (command !== undefined) return helpText(command, {}, page);
  const group = line.groups.find(({ title }) => title.toLowerCase() === topic.toLowerCase());
  return group === undefined ? null : groupText(group, page);
}

/** @throws UsageError that lists the topics */
export function noTopic(topic: string, line: CommandLine, commands: CommandLines): never {
  const topics = [...line.groups.map(({ title }) => title.toLowerCase()), ...Object.keys(commands)];
  throw new UsageError(
    `help: there is nothing about "${topic}"; there are ${topics.join(', ')}${didYouMean(topic, topics)}`,
  );
}

function groupText({ title, options }: CommandLine['groups'][number], page: Page): string {
  const { row, heading } = layoutOf(page);
  const rows = Object.entries(options).map(([name, option]) =>
    row(optionUsage(name, option), described(option)),
  );
  return `${heading(title)}\n${rows.join('')}`;
}

const notes = [
  'Durations: 500ms, 30s, 5m, 6h. Sizes: 64kB, 10MB, 1GiB. --no-NAME turns a switch --NAME off.',
  'A FILE that an option reads may be "-" for standard input, except those of --since and --module.',
];

const commandsNote =
  'urlmill NAME --help shows the options of a command. A command is the first word; write a FILE with such a name as ./NAME.';

/** `-c, --concurrency N` */
export function optionUsage(name: string, option: Option<unknown, unknown>): string {
  return `${option.short === null ? '    ' : `-${option.short}, `}${shownFlag(name, option)}`;
}

function described(option: Option<unknown, unknown>): string {
  const fallback = shownDefault(option);
  return fallback === '' ? option.help : `${option.help} [${fallback}]`;
}

interface Layout {
  readonly width: number;
  readonly heading: (title: string) => string;
  /** A name, with its meaning beside it, or below it if the name is long. */
  readonly row: (left: string, right: string) => string;
}

function layoutOf({ width: columns, isStyled }: Page): Layout {
  const width = Math.max(40, Math.min(widest, columns) - 1);
  const leftWidth = Math.min(32, Math.round(width * 0.35));
  const bold = (text: string): string => (isStyled ? `\u001b[1m${text}\u001b[22m` : text);
  return {
    width,
    heading: (title) => `${bold(title)}:`,
    row: (left, right) => {
      const lines = wrapped(right, width - leftWidth);
      const space = leftWidth - 2 - left.length;
      const first = `  ${bold(left)}${space < 1 ? `\n${' '.repeat(leftWidth)}` : ' '.repeat(space)}`;
      return `${first}${lines.join(`\n${' '.repeat(leftWidth)}`)}\n`;
    },
  };
}

/** Splits the text into lines of at most this width. A word that is longer has a line of its own. */
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
