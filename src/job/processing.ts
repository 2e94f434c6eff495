import { UsageError } from '../shared/errors.ts';
import type { Saving } from '../keep/keeping.ts';
import type { Options } from '../options/table.ts';
import { inTurn } from '../page/processing.ts';
import type { Processing } from '../page/processing.ts';
import type { Threads, ThreadsSurroundings } from '../process/threads/threads.ts';

/** Null when no option takes values from pages. @throws UsageError for an invalid option or module */
export async function openThreads(
  options: Options,
  surroundings: ThreadsSurroundings,
): Promise<Threads | null> {
  const { extract, body, module, moduleOption, select, xpath, json, regex, responseHeader } = options;
  if (module === undefined && moduleOption.length > 0) {
    throw new UsageError('--module-option: there is no --module that could be told it');
  }
  const isNone = [extract, body, module].every((said) => said === undefined);
  if (isNone && [select, xpath, json, regex, responseHeader].every((said) => said.length === 0)) return null;
  // Loaded only when needed.
  const { Threads: ThreadsClass } = await import('../process/threads/threads.ts');
  return ThreadsClass.open(options, surroundings);
}

/** Saves responses first, so that they are kept when a processor fails. The main thread does it, as it waits for the disk. */
export function processingOf(saving: Saving | null, threads: Threads | null): Processing | null {
  if (saving === null) return threads;
  return threads === null ? saving.processing : inTurn(saving.processing, threads);
}
