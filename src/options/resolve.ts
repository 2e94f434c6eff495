import { UsageError } from '../shared/errors.ts';
import { environmentName, optionNames, table } from './table.ts';
import type { OptionName, Options, SaidOf } from './table.ts';

/** What one source said: option names as in the table, values as they came. */
export interface Layer {
  readonly said: ReadonlyMap<string, unknown>;
  /** How the source calls an option, for error messages: `--max-body`, `URLMILL_MAX_BODY`, `job.json: maxBody`. */
  readonly label: (name: string) => string;
}

/**
 * Gives every option its value: the first layer that names it wins, else its default.
 *
 * @throws UsageError naming the option as its source calls it
 */
export function resolveOptions(layers: readonly Layer[]): Options {
  const options: Record<string, unknown> = {};
  for (const name of optionNames) {
    const layer = layers.find(({ said }) => said.get(name) !== undefined);
    options[name] = readOption(name, layer?.said.get(name), layer?.label(name) ?? name);
  }
  return options as unknown as Options;
}

/** The options of one stage, as the library is given them. @throws UsageError for a name that is none of them */
export function readSaid<K extends OptionName>(
  part: { readonly [P in K]: unknown },
  said: SaidOf<Pick<typeof table, K>>,
): Pick<Options, K> {
  const names = Object.keys(part) as K[];
  const given = said as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(part, name));
  if (unknown !== undefined) throw new UsageError(`${unknown}: there is no such option`);
  return Object.fromEntries(names.map((name) => [name, readOption(name, given[name], name)])) as Pick<
    Options,
    K
  >;
}

/** The layer that the library's caller gives. @throws UsageError for a name that is no option */
export function libraryLayer(said: object): Layer {
  return namedLayer(said, (name) => name);
}

/** @throws UsageError for a name that is no option */
export function namedLayer(said: object, label: (name: string) => string): Layer {
  const entries = Object.entries(said);
  const unknown = entries.find(([name]) => !isOption(name));
  if (unknown !== undefined) throw new UsageError(`${label(unknown[0])}: there is no such option`);
  return { said: new Map(entries), label };
}

/** @throws UsageError for a variable URLMILL_… that is no option */
export function environmentLayer(environment: Readonly<Record<string, string | undefined>>): Layer {
  const names = new Map(optionNames.map((name) => [environmentName(name), name]));
  const said = new Map<string, unknown>();
  for (const [variable, value] of Object.entries(environment)) {
    if (!variable.startsWith('URLMILL_') || variable === 'URLMILL_CONFIG') continue;
    const name = names.get(variable);
    if (name === undefined) throw new UsageError(`${variable}: there is no such option`);
    // A list has one value a line there.
    said.set(name, table[name].kind === 'list' ? value?.split('\n') : value);
  }
  return { said, label: environmentName };
}

export function isOption(name: string): name is OptionName {
  return Object.hasOwn(table, name);
}

function readOption(name: OptionName, said: unknown, label: string): unknown {
  try {
    return table[name].read(said);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`${label}: ${error.message}`);
    throw error;
  }
}
