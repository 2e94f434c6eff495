import { UsageError } from '../shared/errors.ts';
import type { Saving } from '../keep/keeping.ts';
import { listed } from '../options/checks.ts';
import type { Options } from '../options/table.ts';
import type { ProcessOptions } from '../process/processors.ts';
import { textDigest } from '../since/compared.ts';
import type { FetchSurroundings } from '../fetch/stream-options.ts';
import { toldFor } from './columns.ts';
import { exceptLarge, largeBodiesOf } from './large-pages.ts';
import { inTurn } from '../page/processing.ts';
import type { Processing } from '../page/processing.ts';
import type { Threads, ThreadsOptions, ThreadsSurroundings } from '../process/threads/threads.ts';

/** Whether options take values from pages. @throws UsageError for `--module-option` without `--module` */
export function asksForValues(options: ProcessOptions): boolean {
  const { extract, body, module, next, moduleOption, select, xpath, json, regex, responseHeader } = options;
  if (module === undefined && moduleOption.length > 0) {
    throw new UsageError('--module-option: there is no --module that could be told it');
  }
  const isAny = [extract, body, module, next].some((said) => said !== undefined);
  return isAny || [select, xpath, json, regex, responseHeader].some((said) => said.length > 0);
}

/** Null when no option takes values from pages. @throws UsageError for an invalid option or module */
export async function openThreads(
  options: ThreadsOptions & AskedOptions,
  surroundings: ThreadsSurroundings,
): Promise<Threads | null> {
  const all = asked(options);
  if (!asksForValues(all)) return null;
  // Loaded only when needed.
  const { Threads: ThreadsClass } = await import('../process/threads/threads.ts');
  return ThreadsClass.open(all, surroundings);
}

export type AskedOptions = ProcessOptions & Partial<Pick<Options, 'changeBy'>>;

/** The options, with the extractor that `--change-by text` compares added to those of `--extract`. */
export function asked<T extends AskedOptions>(options: T): T {
  const { extract, changeBy } = options;
  if (changeBy === undefined || !listed(changeBy).includes('text')) return options;
  if (extract === undefined) return { ...options, extract: textDigest };
  const all = listed(extract);
  return all.includes(textDigest) ? options : { ...options, extract: [...all, textDigest] };
}

/**
 * What is done with each response. It is saved first, so that it is kept when a processor fails. The main thread
 * saves, as that is mostly waiting for the disk.
 */
export function processingOf(
  saving: Saving | null,
  threads: Threads | null,
  options: AskedOptions,
): Processing | null {
  const values = threads === null ? null : exceptLarge(threads, asked(options));
  if (saving === null) return values;
  return values === null ? saving.processing : inTurn(saving.processing, values);
}

/**
 * What the fetching finds out and keeps for the result columns, and for what is saved.
 *
 * @param results the result columns; null: any that an earlier result may have
 * @param directories for temporary files
 */
export function toldBy(
  options: Options,
  results: readonly string[] | null,
  saving: Saving | null,
  directories: readonly string[],
): Omit<FetchSurroundings, 'environment' | 'directories' | 'lease'> {
  const told = toldFor(results, options.prefix);
  const isRead = told.charsets || told.soft404 !== null;
  const largeBodies = largeBodiesOf(saving, asked(options), isRead, directories);
  const exchanges = saving?.exchanges ?? false;
  return { ...told, largeBodies, exchanges, hops: exchanges && options.warcRedirects };
}
