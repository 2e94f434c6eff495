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
