/**
 * urlmill as a library: fetches every URL of a list, under limits, and gives a result for each.
 *
 * - {@link run} does the whole job of the command: files in, files out, with resuming and a summary.
 * - {@link readUrls}, {@link fetchUrls} and {@link writeResults} are its stages, as streams for `pipeline()`.
 * - {@link sharedLimits} makes several `fetchUrls()` streams one client to every host.
 *
 * Options are those of the command in camelCase (docs/options.md), with the same defaults. Durations are in
 * milliseconds or texts like `30s`, sizes in bytes or texts like `10MB`, rates in requests per second or texts like
 * `600/m`.
 *
 * A row that fails is a {@link Result} with a {@link FailureCode}, never an exception. What ends a run or a stream is
 * a {@link RunError}.
 *
 * @packageDocumentation
 */
export { run } from './run.ts';
export type { RunOptions } from './run.ts';
export { readUrls } from './read/read-urls.ts';
export type { ReadUrls, ReadUrlsOptions } from './read/read-urls.ts';
export { fetchUrls } from './job/fetch-urls.ts';
export type { FetchUrls } from './fetch/fetch-urls.ts';
export type { FetchUrlsOptions } from './job/fetch-urls.ts';
export { sharedLimits } from './fetch/shared-limits.ts';
export type { SharedLimits, SharedLimitsOptions } from './fetch/shared-limits.ts';
export { writeResults } from './write/write-results.ts';
export type { WriteResults, WriteResultsOptions } from './write/write-results.ts';
export {
  BusyError,
  InputError,
  OutputError,
  PipeClosedError,
  RunError,
  UsageError,
} from './shared/errors.ts';
export type { FailureCode } from './shared/failures.ts';
export type {
  Change,
  Earlier,
  FetchedPage,
  FetchItem,
  MakeProcessor,
  Page,
  PageRequest,
  Processor,
  Result,
  Row,
  Table,
  Value,
  Values,
} from './shared/records.ts';
export type { Summary } from './watch/summary.ts';
