import { existsSync } from 'node:fs';

import { InputError, UsageError } from '../shared/errors.ts';
import { didYouMean } from '../shared/nearest.ts';
import { collectOptions } from '../options/collect.ts';
import { comparisonOptions, differenceOptions } from '../options/diff.ts';
import { statusOptions } from '../options/status.ts';
import {
  jobOptions,
  jobOutputOptions,
  jobProcessOptions,
  jobRequestOptions,
  notSubmitted,
} from '../options/submit.ts';
import { reportComparison, reportInput, reportOutput } from '../options/report.ts';
import { workLimits, workPlaces, workWatch } from '../options/work.ts';
import { resolveTable } from '../options/resolve.ts';
import { inputOptions } from '../options/table.ts';
import type { OptionGroup, OptionTable } from '../options/table.ts';
import { parseArguments } from './arguments.ts';
import type { Call, Surroundings } from './call.ts';
import { mainLine, otherOptions, usageLine } from './command-line.ts';
import type { CommandLine } from './command-line.ts';
import { exitCodes as codes, usualExitCodes } from './exit-codes.ts';

export interface SubCommand extends CommandLine {
  /**
   * @param argv the words after the name
   * @returns the exit code; null when help is asked for
   * @throws UsageError for wrong options or operands; also any error of the command itself
   */
  readonly start: (argv: readonly string[], surroundings: Surroundings) => Promise<number | null>;
}

/** A row of {@link commands}. */
interface Definition<G extends readonly OptionGroup[]> {
  /** As the usage line shows them, a word each: `OLD NEW`, `[FILE...]`. */
  readonly operands: string;
  /** What an operand may be. Default: files. */
  readonly values?: readonly string[];
  /** What the command does, in a sentence or two. */
  readonly help: string;
  /** Its options by sections, made with options/define.ts as those of options/table.ts are. */
  readonly groups: G;
  /** As `CommandLine` has them. */
  readonly refused?: Readonly<Record<string, string>>;
  /** Exit codes in addition to the usual ones, or other meanings for those. */
  readonly exitCodes?: Readonly<Record<number, string>>;
  /** Loads its code by `import()`, so that a run does not pay for it. @returns the exit code */
  readonly run: (call: Call<OptionsIn<G>>) => Promise<number>;
}

/** The options of all these groups. */
type OptionsIn<G extends readonly OptionGroup[]> = Merged<G[number]['options']>;

type Merged<U> = (U extends unknown ? (one: U) => void : never) extends (all: infer All) => void
  ? All extends OptionTable
    ? All
    : never
  : never;

/**
 * The sub-commands. `urlmill NAME` is one only as the first word of the command line.
 *
 * A new one has its options in options/NAME.ts and a row here:
 *
 *     diff: subCommand('diff', {
 *       operands: 'OLD NEW',
 *       help: 'Compares two results and writes the rows that differ.',
 *       groups: [{ title: 'Comparison', options: diffOptions }],
 *       run: async (call) => (await import('./….ts')).diff(call),
 *     }),
 *
 * where `diff({ operands, options, standardOutput, … }: Call<typeof diffOptions>)` (call.ts) of cli/diff.ts returns the exit
 * code. The work itself is done in a folder of its own (src/diff), below cli/ in the order of imports. `npm run docs` adds the
 * command to docs/options.md.
 */
export const commands: Readonly<Record<string, SubCommand>> = {
  completion: subCommand('completion', {
    operands: 'SHELL',
    values: ['bash', 'zsh', 'fish'],
    help: 'Prints a script by which a shell completes the commands and options of urlmill, option values, and files. SHELL is bash, zsh or fish; docs/recipes.md shows how each loads the script.',
    groups: [],
    run: async (call) => (await import('./completion.ts')).completion(call, mainLine, commands),
  }),
  diff: subCommand('diff', {
    operands: 'OLD NEW',
    help: 'Compares two results and writes the rows that differ: first those of NEW, then those that only OLD has. NEW may be "-", standard input. The column change says what has happened to a row: new, gone, changed, failed, recovered or still-failing (docs/comparing.md).',
    groups: [
      { title: 'Comparison', options: comparisonOptions },
      { title: 'Output', options: differenceOptions },
    ],
    exitCodes: {
      [codes.failures.code]: 'more rows differ than --fail-on allows',
      [codes.busy.code]: codes.busy.help,
    },
    run: async (call) => (await import('./diff.ts')).diff(call),
  }),
  help: subCommand('help', {
    operands: '[TOPIC]',
    help: 'Shows the help of a command, or of one group of options: input, request, processing, output, watching.',
    groups: [],
    run: async (call) => (await import('./help-command.ts')).help(call, mainLine, commands),
  }),
  report: subCommand('report', {
    operands: 'RESULT',
    help: 'Makes an HTML page of a result: how many rows failed and why, how long servers took, redirects, and the failed rows themselves, which can be filtered. The page is one file that loads nothing from anywhere, so that it can be opened, printed or sent. RESULT "-" is standard input.',
    groups: [
      { title: 'Result', options: reportInput },
      { title: 'Comparison', options: reportComparison },
      { title: 'Page', options: reportOutput },
    ],
    run: async (call) => (await import('./report.ts')).report(call),
  }),
  submit: subCommand('submit', {
    operands: '[FILE...]',
    help: 'Cuts a list into pieces in a folder, which urlmill work then fetches on many machines (docs/scale.md). It takes the options of a run, which then hold on all machines. FILE "-" or no FILE means standard input.',
    groups: [
      { title: 'Job', options: jobOptions },
      { title: 'Input', options: inputOptions },
      { title: 'Request', options: jobRequestOptions },
      { title: 'Processing', options: jobProcessOptions },
      { title: 'Output', options: jobOutputOptions },
    ],
    refused: notSubmitted,
    exitCodes: {
      [codes.done.code]: 'the job is submitted, or was before',
      [codes.busy.code]: 'another submit is writing to that folder',
    },
    run: async (call) => (await import('./submit.ts')).submit(call),
  }),
  status: subCommand('status', {
    operands: '',
    help: 'Shows the progress of a submitted job (docs/scale.md): rows done, rate and failures, as found in its folder. The figures go to standard output.',
    groups: [{ title: 'Status', options: statusOptions }],
    exitCodes: {
      [codes.limited.code]: 'with --check: the job stands still; with --queue: the queue cannot be reached',
    },
    run: async (call) => (await import('./status.ts')).status(call),
  }),
  collect: subCommand('collect', {
    operands: '',
    help: 'Joins the results of a submitted job (docs/scale.md) into one, as a run on one machine would have written it. It refuses while pieces are missing, unless --partial is given, and makes sure that each row is there once.',
    groups: [{ title: 'Result', options: collectOptions }],
    exitCodes: {
      [codes.failures.code]: codes.failures.help,
      [codes.limited.code]: 'pieces are missing',
      [codes.busy.code]: codes.busy.help,
    },
    run: async (call) => (await import('./collect.ts')).collect(call),
  }),
  work: subCommand('work', {
    operands: '',
    help: 'Fetches the rows of a job that urlmill submit has made, together with all other workers on this and other machines, until all rows are done (docs/scale.md). It needs the packages bullmq and ioredis, and a Redis or Valkey. Workers may be stopped, killed or added at any time.',
    groups: [
      { title: 'Job', options: workPlaces },
      { title: 'This machine', options: workLimits },
      { title: 'Watching', options: workWatch },
    ],
    exitCodes: {
      [codes.done.code]: 'all rows of the job are done',
      [codes.limited.code]: 'stopped by a signal or a limit; other workers continue',
    },
    run: async (call) => (await import('./work.ts')).work(call),
  }),
};

/** The sub-command of a command line; null when its first word is not the name of one. */
export function subCommandOf([first]: readonly string[]): SubCommand | null {
  return first !== undefined && Object.hasOwn(commands, first) ? (commands[first] ?? null) : null;
}

/** @throws InputError when the first word is neither a command nor a file, but resembles a command's name */
export function refuseMistyped([first = '-']: readonly string[]): void {
  const near = didYouMean(first, Object.keys(commands), (name) => `urlmill ${name}`);
  if (near !== '' && !existsSync(first)) throw new InputError(`${first}: there is no such file${near}`);
}

function subCommand<const G extends readonly OptionGroup[]>(
  name: string,
  { operands, values = [], help, groups, refused = {}, exitCodes, run }: Definition<G>,
): SubCommand {
  const line: CommandLine = {
    name: `urlmill ${name}`,
    operands,
    values: values.length === 0 ? null : values,
    help,
    groups: [...groups, otherOptions],
    refused,
    exitCodes: { ...usualExitCodes, ...exitCodes },
  };
  const table = Object.assign({}, ...groups.map(({ options }) => options)) as OptionsIn<G>;
  const start: SubCommand['start'] = async (argv, surroundings) => {
    const said = parseArguments(argv, line);
    if (said.help) return null;
    refuseOperands(said.operands, line);
    const options = resolveTable(table, [said.layer]);
    return run({ ...surroundings, operands: said.operands, options });
  };
  return { ...line, start };
}

/** @throws UsageError for more or fewer operands than the usage line shows, or one that is not of the values */
function refuseOperands(operands: readonly string[], line: CommandLine): void {
  const words = line.operands.split(' ').filter(Boolean);
  const least = words.filter((word) => !word.startsWith('[')).length;
  const most = line.operands.includes('...') ? Infinity : words.length;
  if (operands.length < least || operands.length > most) {
    throw new UsageError(`${usageLine(line)} (${line.name} --help tells more)`);
  }
  const wrong = operands.find((word) => line.values?.includes(word) === false);
  if (wrong !== undefined) {
    throw new UsageError(
      `${line.operands}: one of ${line.values?.join(', ')} is needed, got ${JSON.stringify(wrong)}`,
    );
  }
}
