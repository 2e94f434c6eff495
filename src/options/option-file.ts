import { readFileSync } from 'node:fs';

import { UsageError, systemReason } from '../shared/errors.ts';

/**
 * Reads a file that an option names.
 *
 * @param label the option's name for the message
 * @throws UsageError when it cannot be read
 */
export function optionFile(label: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`${label}: ${path} cannot be read: ${systemReason(error)}`);
  }
}
