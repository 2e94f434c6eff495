import type { Option } from './define.ts';
import { inputOptions } from './input.ts';
import { outputOptions } from './output.ts';
import { processOptions } from './process.ts';
import { requestOptions } from './request.ts';
import { watchOptions } from './watch.ts';

export { inputOptions, outputOptions, processOptions, requestOptions, watchOptions };

/** The groups in the order in which help and docs show them. */
export const groups = [
  { title: 'Input', options: inputOptions },
  { title: 'Request', options: requestOptions },
  { title: 'Processing', options: processOptions },
  { title: 'Output', options: outputOptions },
  { title: 'Watching', options: watchOptions },
] as const;

/**
 * The one table of options: types, defaults, parsing, --help, config file, environment and docs/options.md are
 * made from it. Names are camelCase here and in the library, kebab-case on the command line,
 * URLMILL_UPPER_CASE in the environment.
 */
export const table = {
  ...inputOptions,
  ...requestOptions,
  ...processOptions,
  ...outputOptions,
  ...watchOptions,
};

/** What the options of a (part of the) table mean. */
export type ValuesOf<T> = {
  readonly [K in keyof T]: T[K] extends Option<infer Out, infer _In> ? Out : never;
};

/** What may be said of the options of a (part of the) table; all may be left out. */
export type SaidOf<T> = {
  readonly [K in keyof T]?: (T[K] extends Option<infer Out, infer In> ? Out | In : never) | undefined;
};

export type Options = ValuesOf<typeof table>;
export type OptionName = keyof typeof table;

export const optionNames: readonly OptionName[] = groups.flatMap(
  ({ options }) => Object.keys(options) as OptionName[],
);

/** Names of the options that have a part in what is in the rows. */
export const shapingNames: readonly OptionName[] = optionNames.filter((name) => table[name].shapes !== false);

/** `maxBody` → `max-body`. */
export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `maxBody` → `URLMILL_MAX_BODY`. */
export function environmentName(name: string): string {
  return `URLMILL_${flagName(name).replaceAll('-', '_').toUpperCase()}`;
}
