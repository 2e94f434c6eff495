import { flagName } from '../options/table.ts';
import type { Option } from '../options/define.ts';
import type { CommandLine } from './command-line.ts';

/** What the completion script of a shell is made from. */
export interface Completed {
  /** `urlmill` without a sub-command. */
  readonly main: CompletedLine;
  /** By the names of the sub-commands. */
  readonly commands: Readonly<Record<string, CompletedLine>>;
}

export interface CompletedLine {
  /** A line of text. */
  readonly help: string;
  readonly flags: readonly Flag[];
  /** The words that an operand may be; null when operands are files. */
  readonly values: readonly string[] | null;
}

/** One way to write an option; a switch has two, `--NAME` and `--no-NAME`. */
export interface Flag {
  /** Without dashes. */
  readonly long: string;
  readonly short: string | null;
  readonly help: string;
  /** Placeholder of the value; empty for a switch. */
  readonly hint: string;
  readonly repeats: boolean;
  /** What to offer for its value: words, files or folders; null when nothing can be offered. */
  readonly value: readonly string[] | 'file' | 'folder' | null;
}

/** The parts of a command line that completions need. */
export function completed({ help, groups, values }: CommandLine): CompletedLine {
  const options = groups.flatMap((group) => Object.entries(group.options));
  return { help: firstSentence(help), flags: options.flatMap(flagsOf), values };
}

function flagsOf([name, option]: [string, Option<unknown, unknown>]): Flag[] {
  const { kind, short, help, hint, fallback } = option;
  const flag = {
    long: flagName(name),
    hint,
    help: firstSentence(help),
    repeats: kind === 'list',
    value: valueOf(option),
  };
  if (kind !== 'switch' || ofTheLineAlone.has(name)) return [{ ...flag, short }];
  // The help of a switch that is on by default describes its --no-NAME.
  const [yes, no] =
    fallback === '' ? [flag.help, `Not --${flag.long}.`] : [`Not --no-${flag.long}.`, flag.help];
  const negative = { ...flag, long: `no-${flag.long}`, short: null, help: no };
  return flag.long.startsWith('no-') ? [{ ...flag, short }] : [{ ...flag, short, help: yes }, negative];
}

/** Switches without a `--no-` form: only the command line can turn them on, so there is nothing to turn off. */
const ofTheLineAlone = new Set(['help', 'version']);

function valueOf({ hint, choices }: Option<unknown, unknown>): Flag['value'] {
  if (choices !== undefined) return choices;
  if (hint === 'FILE') return 'file';
  return hint === 'DIR' ? 'folder' : null;
}

/** The first sentence: shells show one line of help. */
function firstSentence(text: string): string {
  return /^.{12,}?[.:](?= |$)/s.exec(text)?.[0].replace(/:$/, '.') ?? text;
}
