import { UsageError } from '../shared/errors.ts';
import type { Saving } from '../keep/keeping.ts';
import { listed } from '../options/checks.ts';
import type { Options } from '../options/table.ts';
import { textDigest } from '../since/compared.ts';
import { inTurn } from '../page/processing.ts';
import type { Processing } from '../page/processing.ts';
import type { Threads, ThreadsSurroundings } from '../process/threads/threads.ts';

/** Null when no option takes values from pages. @throws UsageError for an invalid option or module */
export async function openThreads(
  options: Options,
  surroundings: ThreadsSurroundings,
): Promise<Threads | null> {
  const { body, module, moduleOption, select, xpath, json, regex, responseHeader } = options;
  const extract = extractedFor(options);
  if (module === undefined && moduleOption.length > 0) {
    throw new UsageError('--module-option: there is no --module that could be told it');
  }
  const isNone = [extract, body, module].every((said) => said === undefined);
  if (isNone && [select, xpath, json, regex, responseHeader].every((said) => said.length === 0)) return null;
  // Loaded only when needed.
  const { Threads: ThreadsClass } = await import('../process/threads/threads.ts');
  return ThreadsClass.open({ ...options, extract }, surroundings);
}

/** What `--extract` names, and what `--change-by text` compares. */
function extractedFor({ extract, changeBy }: Options): string | undefined {
  if (changeBy === undefined || !listed(changeBy).includes('text')) return extract;
  if (extract === undefined) return textDigest;
  return listed(extract).includes(textDigest) ? extract : `${extract},${textDigest}`;
}

/** Saves responses first, so that they are kept when a processor fails. The main thread does it, as it waits for the disk. */
export function processingOf(saving: Saving | null, threads: Threads | null): Processing | null {
  if (saving === null) return threads;
  return threads === null ? saving.processing : inTurn(saving.processing, threads);
}
