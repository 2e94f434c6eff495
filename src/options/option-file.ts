import { readFileSync } from 'node:fs';

import { UsageError, systemReason } from '../shared/errors.ts';
import { flagName } from './table.ts';
import type { Options } from './table.ts';

/**
 * Reads a file that an option names.
 *
 * @param path `-` for standard input
 * @param label the option's name for the message
 * @throws UsageError when it cannot be read
 */
export function optionFile(label: string, path: string): Buffer {
  try {
    return readNamed(path);
  } catch (error) {
    throw new UsageError(`${label}: ${path} cannot be read: ${systemReason(error)}`);
  }
}

/**
 * The content of standard input. It is kept because it can be read only once, while several options may name it: a certificate and
 * its key may both be in it.
 */
let standardInput: Buffer | null = null;

/** Reads a file, or standard input for `-`. @throws the system's error */
export function readNamed(path: string): Buffer {
  return path === '-' ? (standardInput ??= readFileSync(0)) : readFileSync(path);
}

const namesOfFiles = ['cookies', 'netrc', 'dataFile', 'cacert', 'cert', 'key'] as const;

/** The flag of an option whose file is standard input; null when there is none. */
export function readFromStandardInput(options: Options): string | null {
  const name = namesOfFiles.find((option) => options[option] === '-');
  if (name !== undefined) return `--${flagName(name)}`;
  return options.header.includes('@-') ? '--header' : null;
}
