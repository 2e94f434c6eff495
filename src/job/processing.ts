import { UsageError } from '../shared/errors.ts';
import type { Saving } from '../keep/keeping.ts';
import type { ProcessOptions } from '../process/processors.ts';
import { inTurn } from '../page/processing.ts';
import type { Processing } from '../page/processing.ts';
import type { Threads, ThreadsOptions, ThreadsSurroundings } from '../process/threads/threads.ts';

/** Whether options take values from pages. @throws UsageError when there is no module for its options */
export function asksForValues(options: ProcessOptions): boolean {
  const { extract, body, module, moduleOption, select, xpath, json, regex, responseHeader } = options;
  if (module === undefined && moduleOption.length > 0) {
    throw new UsageError('--module-option: there is no --module that could be told it');
  }
  const isAny = [extract, body, module].some((said) => said !== undefined);
  return isAny || [select, xpath, json, regex, responseHeader].some((said) => said.length > 0);
}

/** Null when no option takes values from pages. @throws UsageError for an invalid option or module */
export async function openThreads(
  options: ThreadsOptions,
  surroundings: ThreadsSurroundings,
): Promise<Threads | null> {
  if (!asksForValues(options)) return null;
  // Loaded only when needed.
  const { Threads: ThreadsClass } = await import('../process/threads/threads.ts');
  return ThreadsClass.open(options, surroundings);
}

/** Saves responses first, so that they are kept when a processor fails. The main thread does it, as it waits for the disk. */
export function processingOf(saving: Saving | null, threads: Threads | null): Processing | null {
  if (saving === null) return threads;
  return threads === null ? saving.processing : inTurn(saving.processing, threads);
}
