import type { Option } from './define.ts';
import { inputOptions } from './input.ts';
import { outputOptions } from './output.ts';
import { processOptions } from './process.ts';
import { requestOptions } from './request.ts';
import { watchOptions } from './watch.ts';

export { inputOptions, outputOptions, processOptions, requestOptions, watchOptions };

/** Options by name. */
export type OptionTable = Readonly<Record<string, Option<unknown, unknown>>>;

/** A section of a table, as help and docs show it. */
export interface OptionGroup {
  readonly title: string;
  readonly options: OptionTable;
}

/** The sections of the table in the order of help and docs. */
export const groups = [
  { title: 'Input', options: inputOptions },
  { title: 'Request', options: requestOptions },
  { title: 'Processing', options: processOptions },
  { title: 'Output', options: outputOptions },
  { title: 'Watching', options: watchOptions },
] as const satisfies readonly OptionGroup[];

/**
 * The table of all options. Types, defaults, parsing, --help, config file, environment and docs/options.md are made from
 * it. Names are camelCase here and in the library, kebab-case on the command line, URLMILL_UPPER_CASE in the environment.
 */
export const table = {
  ...inputOptions,
  ...requestOptions,
  ...processOptions,
  ...outputOptions,
  ...watchOptions,
};

/** The values of the options in (a part of) the table, after parsing. */
export type ValuesOf<T> = {
  readonly [K in keyof T]: T[K] extends Option<infer Out, infer _In> ? Out : never;
};

/** The inputs that the options in (a part of) the table accept. All are optional. */
export type SaidOf<T> = {
  readonly [K in keyof T]?: (T[K] extends Option<infer Out, infer In> ? Out | In : never) | undefined;
};

export type Options = ValuesOf<typeof table>;
export type OptionName = keyof typeof table;

export const optionNames: readonly OptionName[] = groups.flatMap(
  ({ options }) => Object.keys(options) as OptionName[],
);

/** Names of the options that affect the content of rows. */
export const shapingNames: readonly OptionName[] = optionNames.filter((name) => table[name].shapes !== false);

/** `maxBody` → `max-body`. */
export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** The flag as help and docs show it, with its placeholder: `--max-body SIZE`, and `--no-aia` for a switch that is on. */
export function shownFlag(name: string, { kind, fallback, hint }: Option<unknown, unknown>): string {
  const isOn = kind === 'switch' && fallback !== '';
  return `--${isOn ? 'no-' : ''}${flagName(name)} ${hint}`.trim();
}

/** The default as help and docs show it; empty when there is none, and for switches, whose flag shows it. */
export function shownDefault({ kind, fallback }: Option<unknown, unknown>): string {
  return kind === 'switch' ? '' : fallback;
}

/** `maxBody` → `URLMILL_MAX_BODY`. */
export function environmentName(name: string): string {
  return `URLMILL_${flagName(name).replaceAll('-', '_').toUpperCase()}`;
}
