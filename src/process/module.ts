import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { UsageError } from '../errors.ts';
import type { Processor } from '../records.ts';

/**
 * Loads the user's own processor: the default export of an ES module.
 *
 * @throws UsageError when it cannot be loaded or is no processor
 */
export async function loadModule(path: string): Promise<Processor> {
  let loaded: unknown;
  try {
    loaded = await import(pathToFileURL(resolve(path)).href);
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new UsageError(`--module: ${path} cannot be loaded: ${reason}`);
  }
  const processor = (loaded as { default?: unknown }).default;
  const fault = faultOf(processor);
  if (fault !== null) throw new UsageError(`--module: ${path}: ${fault}`);
  return processor as Processor;
}

function faultOf(processor: unknown): string | null {
  if (typeof processor !== 'object' || processor === null) {
    return 'the default export must be an object { columns, process }';
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
