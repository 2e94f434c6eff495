import { parseArgs } from 'node:util';

import { UsageError } from '../shared/errors.ts';
import { didYouMean } from '../shared/nearest.ts';
import type { Layer } from '../options/resolve.ts';
import { flagName, optionNames, table } from '../options/table.ts';
import type { OptionName } from '../options/table.ts';

/** The parsed command line. */
export interface Arguments {
  readonly files: readonly string[];
  readonly help: boolean;
  readonly version: boolean;
  /** Path of the config file. */
  readonly config: string | null;
  readonly layer: Layer;
}

const flags = new Map(optionNames.map((name) => [flagName(name), name]));

const config = Object.fromEntries([
  ...optionNames.map((name) => [
    flagName(name),
    {
      type: table[name].kind === 'switch' ? ('boolean' as const) : ('string' as const),
      ...(table[name].short === null ? {} : { short: table[name].short }),
      multiple: table[name].kind === 'list',
    },
  ]),
  ['help', { type: 'boolean' as const, short: 'h' }],
  ['version', { type: 'boolean' as const, short: 'V' }],
  ['config', { type: 'string' as const }],
]);

/** @throws UsageError for an unknown option, a missing value, or a value for a switch */
export function parseArguments(argv: readonly string[]): Arguments {
  const { tokens } = parseArgs({
    args: withHeaderSwitch(argv),
    options: config,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const files: string[] = [];
  const said = new Map<OptionName, unknown>();
  let help = false;
  let version = false;
  let configFile: string | null = null;
  for (const token of tokens) {
    if (token.kind === 'positional') files.push(token.value);
    if (token.kind !== 'option') continue;
    if (token.name === 'help') help = true;
    else if (token.name === 'version') version = true;
    else if (token.name === 'config') configFile = needed(token.value, token.rawName);
    else say(said, token);
  }
  return {
    files,
    help,
    version,
    config: configFile,
    layer: { said, label: (name) => `--${flagName(name)}` },
  };
}

/**
 * `--header` has two meanings, as curl and CSV tools each have one: with "Name: value" or @FILE behind it, it is a
 * header of the request; else a switch, --header-line.
 */
function withHeaderSwitch(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  return argv.map((word, index) => {
    const isSwitch = word === '--header' && !/^@|^[^\s:/]+:/.test(argv[index + 1] ?? '');
    return isSwitch && (end === -1 || index < end) ? '--header-line' : word;
  });
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function say(said: Map<OptionName, unknown>, { name, rawName, value, inlineValue }: OptionToken): void {
  const positive = flags.get(name);
  const negative = name.startsWith('no-') ? flags.get(name.slice(3)) : undefined;
  const option = positive ?? negative;
  const isSwitch = option !== undefined && table[option].kind === 'switch';
  if (option === undefined || (positive === undefined && !isSwitch)) {
    const near = didYouMean(name, Object.keys(config), (flag) => `--${flag}`);
    throw new UsageError(`${rawName}: there is no such option${near || '; urlmill --help lists them'}`);
  }
  if (isSwitch) {
    if (value !== undefined) throw new UsageError(`${rawName}: takes no value`);
    said.set(option, positive !== undefined);
    return;
  }
  // A value that looks like an option mostly means that the value was forgotten.
  if (inlineValue === false && value?.startsWith('--')) {
    const next = flags.has(value.slice(2).replace(/=.*$/s, '')) ? value.replace(/=.*$/s, '') : '--…';
    throw new UsageError(
      `${rawName}: a value is missing before ${next}; one that begins so is written ${rawName}=${next}`,
    );
  }
  const text = needed(value, rawName);
  if (table[option].kind === 'list') said.set(option, [...((said.get(option) ?? []) as string[]), text]);
  else said.set(option, text);
}

function needed(value: string | undefined, rawName: string): string {
  if (value === undefined) throw new UsageError(`${rawName}: a value is missing`);
  return value;
}
