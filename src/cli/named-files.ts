import { UsageError } from '../shared/errors.ts';

/** @throws UsageError when "-" stands twice among the files: the second one would be empty */
export function refuseTwice(files: readonly string[]): void {
  if (files.indexOf('-') === files.lastIndexOf('-')) return;
  throw new UsageError('"-" stands twice, and standard input can be read only once; name it once');
}
