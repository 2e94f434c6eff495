import { UsageError } from '../shared/errors.ts';
import type { Saving } from '../keep/keeping.ts';
import type { Options } from '../options/table.ts';
import { inTurn } from '../page/processing.ts';
import type { Processing } from '../page/processing.ts';
import type { Threads, ThreadsSurroundings } from '../process/threads/threads.ts';

/** Null where nothing is taken out of pages. @throws UsageError */
export async function openThreads(
  options: Options,
  surroundings: ThreadsSurroundings,
): Promise<Threads | null> {
  const { extract, body, module, moduleOption, select, json, regex, responseHeader } = options;
  if (module === undefined && moduleOption.length > 0) {
    throw new UsageError('--module-option: there is no --module that could be told it');
  }
  const isNone = [extract, body, module].every((said) => said === undefined);
  if (isNone && [select, json, regex, responseHeader].every((said) => said.length === 0)) return null;
  // Loaded when there is something for it to do.
  const { Threads: ThreadsClass } = await import('../process/threads/threads.ts');
  return ThreadsClass.open(options, surroundings);
}

/** Responses are saved first, whatever is made of them, and by this thread: it is the disk that they wait for. */
export function processingOf(saving: Saving | null, threads: Threads | null): Processing | null {
  if (saving === null) return threads;
  return threads === null ? saving.processing : inTurn(saving.processing, threads);
}
