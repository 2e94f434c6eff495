import { UsageError } from '../shared/errors.ts';
import { didYouMean } from '../shared/nearest.ts';
import type { Option } from './define.ts';
import { environmentName, optionNames, table } from './table.ts';
import type { OptionName, OptionTable, Options, SaidOf, ValuesOf } from './table.ts';

/** The options from one source, such as the command line: names as in the table, values not parsed yet. */
export interface Layer {
  readonly said: ReadonlyMap<string, unknown>;
  /** The name of an option in this source, for messages: `--max-body`, `URLMILL_MAX_BODY`, `job.json: maxBody`. */
  readonly label: (name: string) => string;
}

/** Resolves the options of a run, as {@link resolveTable} does. */
export function resolveOptions(layers: readonly Layer[]): Options {
  return resolveTable(table, layers);
}

/**
 * Resolves all options of a table: the first layer that has an option wins, else its default is used.
 *
 * @throws UsageError for a wrong value, with the option's name in its source
 */
export function resolveTable<T extends OptionTable>(options: T, layers: readonly Layer[]): ValuesOf<T> {
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries(options)) {
    const layer = layers.find(({ said }) => said.get(name) !== undefined);
    values[name] = readOption(option, layer?.said.get(name), layer?.label(name) ?? name);
  }
  return values as ValuesOf<T>;
}

/** Parses the options of one stage for the library. @throws UsageError for an unknown name or a wrong value */
export function readSaid<K extends OptionName>(
  part: { readonly [P in K]: unknown },
  said: SaidOf<Pick<typeof table, K>>,
): Pick<Options, K> {
  const names = Object.keys(part) as K[];
  const given = said as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(part, name));
  if (unknown !== undefined) throw noOption(unknown, unknown, names);
  return Object.fromEntries(names.map((name) => [name, readOption(table[name], given[name], name)])) as Pick<
    Options,
    K
  >;
}

/** The layer of options given to the library. @throws UsageError for an unknown name */
export function libraryLayer(said: object): Layer {
  return namedLayer(said, (name) => name);
}

/** @throws UsageError for an unknown name */
export function namedLayer(said: object, label: (name: string) => string): Layer {
  const entries = Object.entries(said);
  const unknown = entries.find(([name]) => !isOption(name));
  if (unknown !== undefined) throw noOption(label(unknown[0]), unknown[0], optionNames);
  return { said: new Map(entries), label };
}

const prefix = 'URLMILL_';

/** Variables that are no option of a run: the config file, and the queue of `urlmill work`, which a shell may export for both. */
const notOfRuns = new Set(['URLMILL_CONFIG', 'URLMILL_QUEUE']);

/** The layer of the environment. @throws UsageError for a variable URLMILL_… that is not an option */
export function environmentLayer(environment: Readonly<Record<string, string | undefined>>): Layer {
  const names = new Map(optionNames.map((name) => [environmentName(name), name]));
  const said = new Map<string, unknown>();
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith(prefix) || notOfRuns.has(variable)) continue;
    const name = names.get(variable);
    if (name === undefined)
      throw noOption(variable, variable.slice(prefix.length), optionNames, environmentName);
    // Lists have one value per line in the environment.
    said.set(name, table[name].kind === 'list' ? value?.split('\n') : value);
  }
  return { said, label: environmentName };
}

function noOption(
  label: string,
  wrong: string,
  known: readonly string[],
  shown: (name: string) => string = String,
): UsageError {
  return new UsageError(`${label}: there is no such option${didYouMean(wrong, known, shown)}`);
}

export function isOption(name: string): name is OptionName {
  return Object.hasOwn(table, name);
}

function readOption({ read }: Option<unknown, unknown>, said: unknown, label: string): unknown {
  try {
    return read(said);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`${label}: ${error.message}`);
    throw error;
  }
}
