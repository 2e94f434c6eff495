import { UsageError, systemReason } from '../shared/errors.ts';
import { readNamed } from './option-file.ts';
import { namedLayer } from './resolve.ts';
import type { Layer } from './resolve.ts';

/**
 * The layer of a JSON config file: an object of options, with names in camelCase or as on the command line without dashes.
 *
 * @throws UsageError when it cannot be read, is not a JSON object, or has an unknown name
 */
export function configFileLayer(path: string): Layer {
  let value: unknown;
  try {
    value = JSON.parse(readNamed(path).toString());
  } catch (error) {
    // The message of the SyntaxError quotes the file, which may hold secrets.
    if (error instanceof SyntaxError) throw new UsageError(`--config: ${path} is not JSON`);
    throw new UsageError(`--config: ${path} cannot be read: ${systemReason(error)}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(`--config: ${path}: an object of options is needed`);
  }
  const entries = Object.entries(value);
  const written = new Map(entries.map(([name]) => [camelCase(name), name]));
  const named = Object.fromEntries(entries.map(([name, said]) => [camelCase(name), said]));
  return namedLayer(named, (name) => `${path}: ${written.get(name) ?? name}`);
}

function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
