import { UsageError, systemReason } from '../shared/errors.ts';
import { readNamed } from './option-file.ts';
import { namedLayer } from './resolve.ts';
import type { Layer } from './resolve.ts';

/**
 * A JSON config file: an object of options, with names in camelCase or as on the command line without dashes. It is read only
 * once, when first needed: it may be a pipe.
 */
export class ConfigFile {
  readonly path: string;
  #read: Readonly<Record<string, unknown>> | Error | null = null;

  /** @param path `-` for standard input */
  constructor(path: string) {
    this.path = path;
  }

  /** @throws UsageError when it cannot be read, is not a JSON object, or has an unknown name */
  layer(): Layer {
    const entries = Object.entries(this.#content());
    const written = new Map(entries.map(([name]) => [camelCase(name), name]));
    const named = Object.fromEntries(entries.map(([name, said]) => [camelCase(name), said]));
    return namedLayer(named, (name) => `${this.path}: ${written.get(name) ?? name}`);
  }

  /** The value of one option, even if the rest of the file is wrong; undefined when it is missing or the file is unreadable. */
  value(option: string): unknown {
    try {
      return Object.entries(this.#content()).find(([name]) => camelCase(name) === option)?.[1];
    } catch {
      return undefined;
    }
  }

  #content(): Readonly<Record<string, unknown>> {
    this.#read ??= contentOf(this.path);
    if (this.#read instanceof Error) throw this.#read;
    return this.#read;
  }
}

function contentOf(path: string): Readonly<Record<string, unknown>> | UsageError {
  try {
    const value: unknown = JSON.parse(readNamed(path).toString());
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
    return new UsageError(`--config: ${path}: an object of options is needed`);
  } catch (error) {
    // The message of the SyntaxError quotes the file, which may hold secrets.
    if (error instanceof SyntaxError) return new UsageError(`--config: ${path} is not JSON`);
    return new UsageError(`--config: ${path} cannot be read: ${systemReason(error)}`);
  }
}

function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
