import { FetchUrls } from '../fetch/fetch-urls.ts';
import { jobColumns } from '../job/columns.ts';
import type { JobColumns } from '../job/columns.ts';
import { openThreads, processingOf, toldBy } from '../job/processing.ts';
import { savingOf } from '../keep/keeping.ts';
import type { Saving } from '../keep/keeping.ts';
import type { Options } from '../options/table.ts';
import type { Threads } from '../process/threads/threads.ts';
import { layoutOf } from '../write/layout.ts';
import { checkExploded } from '../write/write-results.ts';

export interface StageSurroundings {
  /** Where HTTP_PROXY and the like are looked up. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folders to try for rows that wait on disk, in order. */
  readonly directories: readonly string[];
  /** The memory of the lease that requests are sent under (shared/lease.ts). Default: none. */
  readonly lease?: SharedArrayBuffer;
  readonly onNotice: (text: string) => void;
  /** Gets what a module prints. */
  readonly onPrint: (text: Uint8Array | string, stream?: string) => void;
}

/** The stages that turn rows into results, as in a run. */
export interface Stages {
  readonly fetcher: FetchUrls;
  /** Saves bodies, once the caller has opened it; null: no bodies are saved. */
  readonly saving: Saving | null;
  readonly columns: JobColumns;
  /** Names of the processors' columns. */
  readonly processed: readonly string[];
  /** Ends the threads, and destroys the fetcher. */
  readonly close: () => void;
}

/** @throws UsageError for options that are wrong or contradict each other, as a run does */
export async function openStages(options: Options, surroundings: StageSurroundings): Promise<Stages> {
  const { onNotice: notice, onPrint: print } = surroundings;
  const threads = await openThreads(options, { notice, print });
  try {
    return stagesOf(options, threads, surroundings);
  } catch (error) {
    threads?.close();
    throw error;
  }
}

function stagesOf(
  options: Options,
  threads: Threads | null,
  { environment, directories, lease, onNotice }: StageSurroundings,
): Stages {
  const saving = savingOf(options);
  const processed = [...(saving === null ? [] : [saving.column]), ...(threads?.columns ?? [])];
  if (options.explode !== undefined) checkExploded(options.explode, threads?.columns ?? []);
  const columns = jobColumns(options, processed);
  layoutOf({ names: [], header: false }, columns.added);
  const fetcher = new FetchUrls(options, processingOf(saving, threads, options), {
    ...toldBy(options, columns.added.results, saving, directories),
    environment,
    directories,
    ...(lease !== undefined && { lease }),
  });
  fetcher.on('notice', onNotice);
  const close = (): void => {
    fetcher.destroy();
    threads?.close();
  };
  return { fetcher, saving, columns, processed, close };
}
