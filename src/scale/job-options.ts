import { resolve } from 'node:path';

import { UsageError } from '../shared/errors.ts';
import { readFromStandardInput } from '../options/option-file.ts';
import { flagName, optionNames, table } from '../options/table.ts';
import type { OptionName, Options } from '../options/table.ts';

/** Options that name a file or a folder. `--header @FILE` names one, too. */
const paths = ['cookies', 'netrc', 'dataFile', 'cacert', 'cert', 'key', 'module', 'saveBodies'] as const;

/**
 * The options with absolute paths, as workers run in other folders.
 *
 * @throws UsageError for standard input, and for an empty name
 */
export function withAbsolutePaths(options: Options): Options {
  const flag = readFromStandardInput(options);
  if (flag !== null) {
    throw new UsageError(
      `${flag}: each worker reads that file, and none has your standard input; name a file`,
    );
  }
  const named = paths.flatMap((name) => {
    const path = options[name];
    // It would become the folder in which submit was called.
    if (path === '') throw new UsageError(`--${flagName(name)}: its name is empty`);
    return path === undefined ? [] : [[name, resolve(path)]];
  });
  const header = options.header.map((line) => (line.startsWith('@') ? `@${resolve(line.slice(1))}` : line));
  return { ...options, ...(Object.fromEntries(named) as Partial<Options>), header };
}

/** The options that differ from their defaults, by their names in the option table: they are written to job.json. */
export function saidOf(options: Options): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    optionNames.flatMap((name) =>
      isSame(options[name], table[name].read(undefined)) ? [] : [[name, options[name]]],
    ),
  );
}

/** The flags of options that differ; none when they are the same. */
export function otherFlags(
  before: Readonly<Record<string, unknown>>,
  now: Readonly<Record<string, unknown>>,
): string[] {
  return Object.keys({ ...before, ...now })
    .filter((name) => !isSame(before[name], now[name]))
    .map((name) => `--${flagName(name)}`);
}

/** All options of a run: those of a submit, and the defaults of all others. */
export function runOptions(said: Partial<Options>): Options {
  const values = optionNames.map((name): [OptionName, unknown] => [
    name,
    name in said ? said[name] : table[name].read(undefined),
  ]);
  return Object.fromEntries(values) as unknown as Options;
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
