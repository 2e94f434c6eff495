import { text, toggle } from '../options/define.ts';
import { groups } from '../options/table.ts';
import type { OptionGroup, OptionTable } from '../options/table.ts';
import { allExitCodes } from './exit-codes.ts';

/** What a command accepts. Parser, --help, docs/options.md, completions and man page are made from it. */
export interface CommandLine {
  /** The command as it is typed: `urlmill`, `urlmill completion`. */
  readonly name: string;
  /** The operands as the usage line shows them, a word each: `[FILE...]`, `OLD NEW`. */
  readonly operands: string;
  /** The words that an operand may be; null when operands are files. */
  readonly values: readonly string[] | null;
  /** What the command does, in a sentence or two. */
  readonly help: string;
  readonly groups: readonly OptionGroup[];
  /** Options of a run that the command does not take, by name: why, and what to do instead. */
  readonly refused?: Readonly<Record<string, string>>;
  readonly exitCodes: Readonly<Record<number, string>>;
}

const help = toggle({
  short: 'h',
  help: 'Show this text; "--help output" shows the options of one group.',
});

/** The options that only a command line has. */
export const lineOptions = {
  config: text({
    hint: 'FILE',
    help: 'Read options from a JSON file. The command line overrides the environment (URLMILL_NAME), which overrides this file.',
  }),
  help,
  version: toggle({ short: 'V', help: 'Show the version.' }),
};

export const mainLine: CommandLine = {
  name: 'urlmill',
  operands: '[FILE...]',
  values: null,
  help: 'Reads URLs from FILEs (CSV, TSV, JSON Lines, or a list with one URL per line), fetches them, and writes each row with the results appended. FILE "-" or no FILE means standard input. Arguments that begin with http:// or https:// are not files, but URLs to fetch.',
  groups: [...groups, { title: 'Other', options: lineOptions }],
  exitCodes: allExitCodes,
};

/** The last group of each sub-command. */
export const otherOptions: OptionGroup = { title: 'Other', options: { help } };

/** All options of a command line, by name. */
export function optionsOf(line: CommandLine): OptionTable {
  return Object.assign({}, ...line.groups.map(({ options }) => options)) as OptionTable;
}

export function usageLine({ name, operands }: CommandLine): string {
  return `Usage: ${name} [options] ${operands}`.trimEnd();
}
