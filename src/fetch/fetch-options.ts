import { outputOptions, processOptions, requestOptions } from '../options/table.ts';
import type { SaidOf } from '../options/table.ts';
import type { Processor } from '../shared/records.ts';

/** The options of the stream itself; those of processors are for `fetchUrls()` alone. */
export const streamOptions = {
  ...requestOptions,
  ordered: outputOptions.ordered,
  threads: processOptions.threads,
};
export const fetchOptions = { ...streamOptions, processTimeout: processOptions.processTimeout };

/**
 * Options of {@link fetchUrls}: all options of the section "Request" of the command in camelCase, with the same defaults,
 * `ordered`, `processTimeout`, `threads`, and those below. Durations are in milliseconds or texts like `30s`, sizes in bytes or texts
 * like `10MB`, rates in requests per second or texts like `600/m`.
 */
export interface FetchUrlsOptions extends SaidOf<typeof fetchOptions> {
  /**
   * Processors that take values from each complete response, in order. Their values become `values` (or `rows`) of the
   * result. They run in this thread, so that their synchronous code holds up all requests. Default: none.
   */
  readonly processors?: readonly Processor[];
  /**
   * Threads that fetch: this one alone by default (1). Processors run in this thread in any case. With `'auto'` threads are
   * added when new hosts keep this one busy, up to the number of cores.
   */
  readonly threads?: number | 'auto';
  /** Whether to fill in `charset` and `charsetFrom` of results, for which bodies are kept in memory. Default: false. */
  readonly charset?: boolean;
  /** Whether to fill in `sha256` of results, for which bodies are kept in memory. Default: false. */
  readonly sha256?: boolean;
}

export interface FetchSurroundings {
  /** Whether to fill in `trace` of results, which costs a little for each. */
  readonly traces: boolean;
  /** Whether the processing gets the bytes of requests and responses. */
  readonly exchanges: boolean;
  /** Whether to fill in `charset` of results, for which bodies are kept in memory. */
  readonly charsets: boolean;
  /** Whether to fill in `sha256` of results. */
  readonly digests: boolean;
  /** Where HTTP_PROXY, NO_PROXY, SSL_CERT_FILE and the like are looked up. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folders to try for the file of rows that wait on disk. */
  readonly directories?: readonly string[];
}
