import { flagName } from '../options/table.ts';
import type { Option } from '../options/define.ts';
import type { CommandLine } from './command-line.ts';

/** What a shell is to know of the command. */
export interface Completed {
  /** Of the command without a sub-command. */
  readonly main: CompletedLine;
  /** By the names of the sub-commands. */
  readonly commands: Readonly<Record<string, CompletedLine>>;
}

export interface CompletedLine {
  /** A line of text. */
  readonly help: string;
  readonly flags: readonly Flag[];
  /** What an operand may be; null when it is a file. */
  readonly values: readonly string[] | null;
}

/** One way to write an option; a switch has two. */
export interface Flag {
  /** Without dashes. */
  readonly long: string;
  readonly short: string | null;
  readonly help: string;
  /** Placeholder of the value; empty for a switch. */
  readonly hint: string;
  readonly repeats: boolean;
  /** What its value may be; null when nobody knows. */
  readonly value: readonly string[] | 'file' | 'folder' | null;
}

/** What completions need of a command line. */
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
  // The help of a switch that is on tells of what turns it off.
  const [yes, no] =
    fallback === '' ? [flag.help, `Not --${flag.long}.`] : [`Not --no-${flag.long}.`, flag.help];
  const negative = { ...flag, long: `no-${flag.long}`, short: null, help: no };
  return flag.long.startsWith('no-') ? [{ ...flag, short }] : [{ ...flag, short, help: yes }, negative];
}

/** Nothing turns them on but the command line. */
const ofTheLineAlone = new Set(['help', 'version']);

function valueOf({ hint, choices }: Option<unknown, unknown>): Flag['value'] {
  if (choices !== undefined) return choices;
  if (hint === 'FILE') return 'file';
  return hint === 'DIR' ? 'folder' : null;
}

/** There is one line for it. */
function firstSentence(text: string): string {
  return /^.{12,}?[.:](?= |$)/s.exec(text)?.[0].replace(/:$/, '.') ?? text;
}
