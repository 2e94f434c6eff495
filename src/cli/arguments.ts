import { parseArgs } from 'node:util';

import { UsageError } from '../shared/errors.ts';
import { didYouMean } from '../shared/nearest.ts';
import type { Option } from '../options/define.ts';
import type { Layer } from '../options/resolve.ts';
import { flagName } from '../options/table.ts';
import { mainLine, optionsOf } from './command-line.ts';
import type { CommandLine } from './command-line.ts';

/** The parsed command line. */
export interface Arguments {
  readonly operands: readonly string[];
  readonly help: boolean;
  readonly version: boolean;
  readonly layer: Layer;
}

/** @throws UsageError for an unknown option, a missing value, or a value for a switch */
export function parseArguments(argv: readonly string[], line: CommandLine = mainLine): Arguments {
  const flags = new Map(
    Object.entries(optionsOf(line)).map(([name, option]) => [flagName(name), { name, option }]),
  );
  const { tokens } = parseArgs({
    args: flags.has('header-line') ? withHeaderSwitch(argv) : [...argv],
    options: Object.fromEntries([...flags].map(([flag, { option }]) => [flag, settingsOf(option)])),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const operands: string[] = [];
  const said = new Map<string, unknown>();
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value);
    if (token.kind === 'option') say(said, token, flags, line);
  }
  return {
    operands,
    help: said.get('help') === true,
    version: said.get('version') === true,
    layer: { said, label: (name) => `--${flagName(name)}` },
  };
}

function settingsOf({ kind, short }: Option<unknown, unknown>) {
  return {
    type: kind === 'switch' ? ('boolean' as const) : ('string' as const),
    ...(short === null ? {} : { short }),
    multiple: kind === 'list',
  };
}

/**
 * `--header` has two meanings: a request header as in curl, if "Name: value" or @FILE follows; else, as in CSV tools, the switch
 * --header-line.
 */
function withHeaderSwitch(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return argv.map((word, index) => {
    const isSwitch = word === '--header' && !/^@|^[^\s:/]+:/.test(argv[index + 1] ?? '');
    return isSwitch && (end === -1 || index < end) ? '--header-line' : word;
  });
}

/** @throws UsageError for an option of a run that the command does not take, with what to do instead */
function refuseByName(flag: string, rawName: string, { name, refused = {} }: CommandLine): void {
  const ofRun = optionsOf(mainLine);
  const why = Object.entries(refused).find(
    ([other]) => flagName(other) === flag || ofRun[other]?.short === flag,
  )?.[1];
  if (why !== undefined) throw new UsageError(`${rawName}: ${name} does not take it; ${why}`);
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

interface Named {
  readonly name: string;
  readonly option: Option<unknown, unknown>;
}

function say(
  said: Map<string, unknown>,
  { name: flag, rawName, value, inlineValue }: OptionToken,
  flags: ReadonlyMap<string, Named>,
  line: CommandLine,
): void {
  const positive = flags.get(flag);
  const negative = flag.startsWith('no-') ? flags.get(flag.slice(3)) : undefined;
  const { name, option } = positive ?? negative ?? {};
  if (name === undefined || option === undefined || (positive === undefined && option.kind !== 'switch')) {
    refuseByName(flag, rawName, line);
    const near = didYouMean(flag, flags.keys(), (known) => `--${known}`);
    throw new UsageError(`${rawName}: there is no such option${near || `; ${line.name} --help lists them`}`);
  }
  if (option.kind === 'switch') {
    if (value !== undefined) throw new UsageError(`${rawName}: takes no value`);
    said.set(name, positive !== undefined);
    return;
  }
  // A value that looks like an option mostly means that the value was forgotten.
  if (inlineValue === false && value?.startsWith('--')) {
    const next = flags.has(value.slice(2).replace(/=.*$/s, '')) ? value.replace(/=.*$/s, '') : '--…';
    throw new UsageError(
      `${rawName}: a value is missing before ${next}; one that begins so is written ${rawName}=${next}`,
    );
  }
  if (value === undefined) throw new UsageError(`${rawName}: a value is missing`);
  if (option.kind === 'list') said.set(name, [...((said.get(name) ?? []) as string[]), value]);
  else said.set(name, value);
}
