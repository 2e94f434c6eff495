import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { RunError, UsageError, errorCode } from '../shared/errors.ts';
import { messageWithPlace, ownPlace } from '../shared/own-place.ts';
import { parseModuleOption } from '../options/checks.ts';
import type { MakeProcessor, Processor } from '../shared/records.ts';

/**
 * Loads the user's processor: the default export of an ES module or, when that is a function, its return value.
 *
 * @param said the options for that function, each as `NAME=VALUE`
 * @throws UsageError when the module cannot be loaded or gives no processor; a RunError that the function throws
 */
export async function loadModule(path: string, said: readonly string[]): Promise<Processor> {
  let given: unknown;
  try {
    const loaded = (await import(pathToFileURL(resolve(path)).href)) as { default?: unknown };
    given = loaded.default;
    if (typeof given === 'function') given = await (given as MakeProcessor)(optionsOf(said));
    else if (said.length > 0) {
      throw new UsageError('--module-option: the default export is no function that could be told it');
    }
  } catch (error) {
    if (error instanceof RunError) throw error;
    if (isMissing(error, path)) throw new UsageError(`--module: ${path}: there is no such file`);
    const name = error instanceof Error ? `${error.name}: ` : '';
    throw new UsageError(
      `--module: ${path} cannot be loaded: ${name}${messageWithPlace(error)}${syntaxPlace(error, path)}`,
    );
  }
  const fault = faultOf(given);
  if (fault !== null) throw new UsageError(`--module: ${path}: ${fault}`);
  return given as Processor;
}

/** Whether the module itself is missing, and not a file that it imports. */
function isMissing(error: unknown, path: string): boolean {
  return errorCode(error) === 'ERR_MODULE_NOT_FOUND' && !existsSync(path);
}

/** The place of a syntax error, in brackets: an import does not tell it, `node --check` in its own process does. */
function syntaxPlace(error: unknown, path: string): string {
  if (!(error instanceof SyntaxError) || ownPlace(error) !== null) return '';
  const { stderr } = spawnSync(process.execPath, ['--check', resolve(path)], {
    encoding: 'utf8',
    timeout: 10_000,
  });
  const [, line] = /^.*:(\d+)$/m.exec(stderr) ?? [];
  return line === undefined ? '' : ` (${path}:${line})`;
}

/** A later option of the same name replaces an earlier one. */
function optionsOf(said: readonly string[]): Readonly<Record<string, string>> {
  const options = Object.create(null) as Record<string, string>;
  for (const { name, text } of said.map(parseModuleOption)) options[name] = text;
  return options;
}

function faultOf(processor: unknown): string | null {
  if (typeof processor !== 'object' || processor === null) {
    return 'the default export must be an object { columns, process }, or a function that gives one';
  }
  const { columns, process } = processor as { columns?: unknown; process?: unknown };
  if (typeof process !== 'function') return 'process must be a function';
  if (!Array.isArray(columns) || columns.length === 0) return 'columns must be a list of names';
  const names: unknown[] = columns;
  if (names.some((name) => typeof name !== 'string' || name === '' || name === '__proto__')) {
    return 'each of columns must be a name';
  }
  return new Set(names).size === names.length ? null : 'columns names one twice';
}
