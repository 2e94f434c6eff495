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
  /** Folders for rows that wait on disk: the first that takes them. */
  readonly directories: readonly string[];
  /** The memory of the lease that requests are sent under (shared/lease.ts). Default: none. */
  readonly lease?: SharedArrayBuffer;
  readonly onNotice: (text: string) => void;
  /** Gets what a module prints. */
  readonly onPrint: (text: Uint8Array | string, stream?: string) => void;
}

/** What makes results of rows, as a run has it. */
export interface Stages {
  readonly fetcher: FetchUrls;
  /** Null: no bodies are saved. It is not opened. */
  readonly saving: Saving | null;
  readonly columns: JobColumns;
  /** Names of the processors' columns. */
  readonly processed: readonly string[];
  /** Ends the threads, and what the fetcher has. */
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
