import { UsageError } from '../shared/errors.ts';
import type { Saving } from '../keep/keeping.ts';
import { listed } from '../options/checks.ts';
import type { Options } from '../options/table.ts';
import type { ProcessOptions } from '../process/processors.ts';
import { textDigest } from '../since/compared.ts';
import type { LargeBodies } from '../page/large-body.ts';
import { blankProcessed, failedBy, inTurn } from '../page/processing.ts';
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
  options: ThreadsOptions & Partial<Pick<Options, 'changeBy'>>,
  surroundings: ThreadsSurroundings,
): Promise<Threads | null> {
  const asked = { ...options, extract: extractedFor(options) };
  if (!asksForValues(asked)) return null;
  // Loaded only when needed.
  const { Threads: ThreadsClass } = await import('../process/threads/threads.ts');
  return ThreadsClass.open(asked, surroundings);
}

/** What `--extract` names, and what `--change-by text` compares. */
function extractedFor({
  extract,
  changeBy,
}: Pick<Options, 'extract'> & Partial<Pick<Options, 'changeBy'>>): string | undefined {
  if (changeBy === undefined || !listed(changeBy).includes('text')) return extract;
  if (extract === undefined) return textDigest;
  return listed(extract).includes(textDigest) ? extract : `${extract},${textDigest}`;
}

/** Bodies up to this size stay in memory where nothing but a hash or a file is made of them. */
const smallBody = 256 * 1024;

/** Which bodies a job does not keep in memory; null: it keeps all, as a WARC record needs its length first. */
export function largeBodiesOf(
  saving: Saving | null,
  options: Pick<Options, 'maxText'> & ProcessOptions,
  charsets: boolean,
): LargeBodies | null {
  if (saving?.exchanges === true) return null;
  const isRead = charsets || (asksForValues(options) && !takesOnlyHash(options));
  const from = isRead ? options.maxText : Math.min(smallBody, options.maxText);
  return { from, directory: saving?.directory ?? null };
}

function takesOnlyHash({ extract, ...others }: ProcessOptions): boolean {
  return extract?.trim() === 'sha256' && !asksForValues({ ...others, extract: undefined });
}

/** Saves responses first, so that they are kept when a processor fails. The main thread does it, as it waits for the disk. */
export function processingOf(
  saving: Saving | null,
  threads: Threads | null,
  prefix: string,
): Processing | null {
  const values = threads === null ? null : exceptLarge(threads, prefix);
  if (saving === null) return values;
  return values === null ? saving.processing : inTurn(saving.processing, values);
}

/** What reads bodies gets none that is not in memory. Where it would have found something, that is a failure. */
export function exceptLarge(threads: Threads, prefix: string): Processing {
  const hashColumn = `${prefix}sha256`;
  return {
    process: (page) => {
      const { large, contentType } = page;
      if (large === null) return threads.process(page);
      const values = threads.columns.includes(hashColumn) ? { [hashColumn]: large.sha256 } : {};
      const isRead = threads.columns.some((name) => name !== hashColumn) && isText(contentType);
      return isRead ? failedBy(new RangeError('larger than --max-text')) : { ...blankProcessed, values };
    },
    close: threads.close,
  };
}

function isText(contentType: string): boolean {
  return contentType === '' || /^text\/|html|xml|json/i.test(contentType);
}
